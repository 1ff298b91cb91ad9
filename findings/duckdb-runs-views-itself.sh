#!/usr/bin/env bash
# A reader of SQLite files that runs their views itself, by its own rules.
#
# DuckDB's sqlite extension attaches a database with its views. It does not ask SQLite for a view's
# rows: it parses the view's text with DuckDB's grammar and runs that over the tables. The same view
# then has other values, and nothing says so:
#   - 7 / 2 over integers is 3 in SQLite (and for every other program), and 3.5 here.
#   - json_extract(j, '$.a') is the text x in SQLite, and "x" with its quotes here. j ->> '$.a' is the
#     same in both.
#   - CAST('12abc' AS INTEGER) is 12 in SQLite, and an error here.
# sqlite_scan('file', 'view'), which names the view to SQLite, has SQLite's values in all of them.
#
# Seen with DuckDB 1.4.4 and duckdb-ext-sqlite 1.4.4.20260205. No report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check duckdb==1.4.4 duckdb-ext-sqlite==1.4.4.20260205

cat >run.py <<'PY'
import glob
import os
import sqlite3
import sys

import duckdb

# The expression, and its value: in SQLite and by sqlite_scan, and through an attached database.
CASES = {
    "n / 2": ("3", "3.5"),
    "json_extract(j, '$.a')": ("x", '"x"'),
    "j ->> '$.a'": ("x", "x"),
    "CAST(k AS INTEGER)": ("12", "an error"),
}
packages = os.path.dirname(os.path.dirname(duckdb.__file__))
[extension] = glob.glob(f"{packages}/duckdb_ext/extensions/*/*/sqlite_scanner.duckdb_extension")
print("DuckDB", duckdb.__version__, "SQLite", sqlite3.sqlite_version)
changed = False


def ask(connection, sql):
    try:
        [(value,)] = connection.execute(sql).fetchall()
        return value.decode() if isinstance(value, bytes) else str(value)
    except duckdb.Error:
        return "an error"


for number, (expression, (of_sqlite, of_duckdb)) in enumerate(CASES.items()):
    file = f"{number}.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE t (n INTEGER, j TEXT, k TEXT)")
        database.execute("""INSERT INTO t VALUES (7, '{"a": "x"}', '12abc')""")
        database.execute(f"CREATE VIEW seen AS SELECT {expression} AS v FROM t")
    [(own,)] = sqlite3.connect(file).execute("SELECT v FROM seen")
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'")
    scanned = ask(connection, f"SELECT v FROM sqlite_scan('{file}', 'seen')")
    connection.execute(f"ATTACH '{file}' AS d (TYPE sqlite, READ_ONLY)")
    attached = ask(connection, "SELECT v FROM d.seen")
    print(f"{expression}: SQLite {own}, sqlite_scan {scanned}, attached {attached}")
    changed |= (str(own), scanned, attached) != (of_sqlite, of_sqlite, of_duckdb)
if changed:
    sys.exit("the behaviour has changed")
PY
venv/bin/python run.py
