-- Exchanges that are kept however old they are.

CREATE TABLE pins (
    exchange INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL
) STRICT;
