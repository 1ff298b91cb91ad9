-- Tokens with a role, and the audit log: the reads and changes of those who use the page and the API.

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- Of the token, which is stored nowhere.
    sha256 BLOB NOT NULL UNIQUE,
    -- Times are unix microseconds.
    created_at INTEGER NOT NULL,
    -- NULL: never.
    expires_at INTEGER,
    -- To some minutes; NULL: it was not used.
    last_used_at INTEGER,
    -- The one who made it.
    who TEXT NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    address TEXT,
    session TEXT,
    action TEXT NOT NULL,
    -- A JSON array of exchanges' numbers; NULL where a filter chose them, or it is about none.
    exchanges TEXT,
    filter TEXT,
    -- How many exchanges, or secrets; NULL if that is not known.
    count INTEGER,
    -- A JSON object.
    detail TEXT
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
