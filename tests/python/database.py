"""Reads a dashcam database with Python's own SQLite: `database.py FILE` prints its integrity and its exchanges."""

import json
import sqlite3
import sys

with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as database:
    integrity = [row[0] for row in database.execute("PRAGMA integrity_check")]
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    exchanges = database.execute("SELECT count(*) FROM exchanges").fetchone()[0]
    targets = [row[0] for row in database.execute("SELECT target FROM exchanges WHERE state <> 'open'")]
    print(json.dumps({"integrity": integrity, "tables": tables, "exchanges": exchanges, "targets": targets}))
