"""Reads a recording with the programs that people have for SQLite, and prints what each of them got as JSON.

stdin: {"database": file, "parquet": file, "url": the end of a URL}
"""

import glob
import json
import os
import sqlite3
import subprocess
import sys
import sysconfig

JOB = json.load(sys.stdin)
SQL = f"SELECT method, status, path FROM v_exchanges WHERE url LIKE '%{JOB['url']}'"


def pandas():
    import pandas

    connection = sqlite3.connect(f"file:{JOB['database']}?mode=ro", uri=True)
    return pandas.read_sql(SQL, connection).values.tolist()


def duckdb():
    import duckdb

    packages = os.path.dirname(os.path.dirname(duckdb.__file__))
    [extension] = glob.glob(f"{packages}/duckdb_ext/extensions/*/*/sqlite_scanner.duckdb_extension")
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'")
    connection.execute(f"ATTACH '{JOB['database']}' AS recording (TYPE sqlite, READ_ONLY)")
    rows = connection.sql(SQL.replace("v_exchanges", "recording.v_exchanges")).fetchall()
    # It takes the columns of a view for texts.
    return [[method, int(status), path] for method, status, path in rows]


def duckdb_parquet():
    import duckdb

    connection = duckdb.connect()
    rows = connection.sql(SQL.replace("v_exchanges", f"'{JOB['parquet']}'")).fetchall()
    return [list(row) for row in rows]


def program(*arguments):
    path = os.path.join(sysconfig.get_path("scripts"), arguments[0])
    return json.loads(subprocess.run([path, *arguments[1:]], check=True, capture_output=True).stdout)


def datasette():
    from urllib.parse import quote

    name = os.path.basename(JOB["database"]).removesuffix(".db")
    return program("datasette", JOB["database"], "--get", f"/{name}.json?sql={quote(SQL)}")["rows"]


def sqlite_utils():
    return [list(row.values()) for row in program("sqlite-utils", "query", JOB["database"], SQL)]


READERS = [pandas, duckdb, duckdb_parquet, datasette, sqlite_utils]
print(json.dumps({reader.__name__: reader() for reader in READERS}))
