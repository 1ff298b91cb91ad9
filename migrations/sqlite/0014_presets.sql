-- Filters that are kept under a name.

CREATE TABLE presets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    filter TEXT NOT NULL,
    -- When it was kept, in unix microseconds.
    at INTEGER NOT NULL
) STRICT;
