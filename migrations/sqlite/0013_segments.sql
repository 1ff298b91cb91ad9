-- The facts of which lists and counts are made, packed. Book-keeping, no interface.

-- Of each 1024 exchanges (id >> 10): how many there are, when the first of them began and the last, and the different
-- names among them, as JSON, compressed. Made from the rows behind the writer; where one is missing, the rows are read.
CREATE TABLE segments (
    block     INTEGER PRIMARY KEY,
    exchanges INTEGER NOT NULL,
    first_at  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    names     BLOB NOT NULL
) STRICT;

CREATE TABLE segment_columns (
    block   INTEGER PRIMARY KEY,
    numbers BLOB NOT NULL,
    targets BLOB NOT NULL
) STRICT;
