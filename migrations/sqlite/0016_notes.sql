-- Notes that users add to exchanges: a comment and tags.

CREATE TABLE notes (
    -- exchanges.id
    exchange INTEGER PRIMARY KEY,
    -- Empty if there is none.
    comment TEXT NOT NULL,
    -- A JSON array of texts, in their order.
    tags TEXT NOT NULL,
    -- When it was changed last, in unix microseconds.
    at INTEGER NOT NULL
) STRICT;
