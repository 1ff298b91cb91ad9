"""Writes a recording of dashcam's first schema: `older.py KEPT FILE NUMBER` adds so many exchanges to a kept one (gzip)."""

import gzip
import sqlite3
import sys

kept, path, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
FIRST = 13
COLUMNS = """id, connection, started_at, level, state, method, scheme, host, port, target, status, request_size,
    response_size, request_version, request_stored, request_truncated, request_complete, response_stored,
    response_truncated, response_complete, request_headers"""
ROW = "?1, 4, ?1, 'full', 'complete', 'GET', 'https', 'old', 443, '/old/' || ?1, 200, 0, 3, 'HTTP/1.1', 0, 0, 1, 3, 0, 1, '[]'"

with gzip.open(kept) as source, open(path, "wb") as target:
    target.write(source.read())
with sqlite3.connect(path) as database:
    ids = [(FIRST + n,) for n in range(number)]
    database.execute(
        "INSERT INTO connections (id, opened_at, client, mode, bytes_in, bytes_out) VALUES (4, 1, '10.0.0.1:9', 'forward', 0, 0)"
    )
    database.executemany(f"INSERT INTO exchanges ({COLUMNS}) VALUES ({ROW})", ids)
    database.executemany("INSERT INTO bodies (key, data) VALUES ((?1 << 22) + (1 << 21), x'616263')", ids)
    last = FIRST + number - 1
    database.execute("UPDATE meta SET last_exchange = ?, last_connection = 4, exchanges = exchanges + ?", (last, number))
print("null")
