"""Reads a dashcam database with Python's own SQLite: `database.py FILE` prints its integrity and its exchanges.

`torn` are the numbers of those that are not what they say: bytes of bodies that are missing, or that nobody names.
"""

import json
import sqlite3
import sys

STORED = """(SELECT coalesce(sum(length(data)), 0) FROM bodies WHERE key BETWEEN (id << 22 | {0}) AND (id << 22 | {0} + 2097151))"""
# What is in packs Python can't read: `dashcam db check` does. Messages of a WebSocket (101) are no body.
TORN = f"""SELECT id FROM exchanges WHERE state <> 'open' AND (
    (pack IS NULL AND (request_stored <> {STORED.format(0)} OR response_stored <> {STORED.format(2097152)}))
    OR (state = 'complete' AND level = 'full' AND status <> 101 AND response_truncated = 0 AND (response_stored <> response_size OR response_complete = 0)))"""

with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as database:
    integrity = [row[0] for row in database.execute("PRAGMA integrity_check")]
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    exchanges = database.execute("SELECT count(*) FROM exchanges").fetchone()[0]
    targets = [row[0] for row in database.execute("SELECT target FROM exchanges WHERE state <> 'open'")]
    states = dict(database.execute("SELECT state, count(*) FROM exchanges GROUP BY state").fetchall())
    torn = [row[0] for row in database.execute(TORN)]
    found = {"integrity": integrity, "tables": tables, "exchanges": exchanges, "targets": targets, "states": states}
    print(json.dumps({**found, "torn": torn}))
