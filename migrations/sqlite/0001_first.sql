-- The first schema. docs/SCHEMA.md explains every table and column: it is an interface for other programs.
-- Times are unix microseconds (UTC), durations and offsets microseconds, sizes bytes, headers JSON arrays
-- of [name, value]. What a list shows comes first in a row, so that a scan need not read the heads.

PRAGMA application_id = 1145258317; -- "DCAM"

CREATE TABLE connections (
    id              INTEGER PRIMARY KEY,
    opened_at       INTEGER NOT NULL,
    closed_at       INTEGER,
    client          TEXT NOT NULL,
    mode            TEXT NOT NULL,
    destination     TEXT,
    detected        TEXT,
    verdict         TEXT,
    tls_version     TEXT,
    tls_cipher      TEXT,
    tls_sni         TEXT,
    tls_alpn        TEXT,
    failure_side    TEXT,
    failure_stage   TEXT,
    failure_message TEXT,
    bytes_in        INTEGER NOT NULL,
    bytes_out       INTEGER NOT NULL
) STRICT;

CREATE INDEX connections_failed ON connections (id) WHERE failure_side IS NOT NULL;

CREATE TABLE exchanges (
    id                 INTEGER PRIMARY KEY,
    connection         INTEGER,
    replay_of          INTEGER,
    started_at         INTEGER NOT NULL,
    level              TEXT NOT NULL,
    state              TEXT NOT NULL,
    method             TEXT NOT NULL,
    scheme             TEXT NOT NULL,
    host               TEXT NOT NULL,
    port               INTEGER NOT NULL,
    target             TEXT NOT NULL,
    status             INTEGER,
    content_type       TEXT,
    request_size       INTEGER NOT NULL,
    response_size      INTEGER NOT NULL,
    duration_us        INTEGER,
    failure_side       TEXT,
    failure_stage      TEXT,
    failure_message    TEXT,
    authority          TEXT,
    request_version    TEXT NOT NULL,
    response_version   TEXT,
    reason             TEXT,
    request_stored     INTEGER NOT NULL,
    request_truncated  INTEGER NOT NULL,
    request_complete   INTEGER NOT NULL,
    response_stored    INTEGER NOT NULL,
    response_truncated INTEGER NOT NULL,
    response_complete  INTEGER NOT NULL,
    resolved_us        INTEGER,
    connected_us       INTEGER,
    tls_us             INTEGER,
    request_end_us     INTEGER,
    response_start_us  INTEGER,
    upstream_address   TEXT,
    upstream_reused    INTEGER,
    upstream_tls       TEXT,
    request_headers    TEXT NOT NULL,
    response_headers   TEXT,
    interim            TEXT,
    request_trailers   TEXT,
    response_trailers  TEXT,
    url TEXT GENERATED ALWAYS AS (
        scheme || '://'
        || CASE WHEN instr(host, ':') THEN '[' || host || ']' ELSE host END
        || CASE WHEN port = CASE scheme WHEN 'https' THEN 443 ELSE 80 END THEN '' ELSE ':' || port END
        || CASE WHEN substr(target, 1, 1) = '/' THEN '' ELSE '/' END || target
    ) VIRTUAL
) STRICT;

-- The few that are under way: found at the next start, if dashcam ended before they did.
CREATE INDEX exchanges_open ON exchanges (id) WHERE state = 'open';

-- A body is its pieces in the order of their keys: exchange << 22 | direction << 21 | seq. No index is needed.
CREATE TABLE bodies (
    key       INTEGER PRIMARY KEY,
    exchange  INTEGER GENERATED ALWAYS AS (key >> 22) VIRTUAL,
    direction TEXT GENERATED ALWAYS AS (CASE (key >> 21) & 1 WHEN 0 THEN 'request' ELSE 'response' END) VIRTUAL,
    seq       INTEGER GENERATED ALWAYS AS (key & 2097151) VIRTUAL,
    data      BLOB NOT NULL
) STRICT;

CREATE TABLE messages (
    exchange  INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    direction TEXT NOT NULL,
    kind      TEXT NOT NULL,
    size      INTEGER NOT NULL,
    data      BLOB NOT NULL,
    PRIMARY KEY (exchange, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
    id         INTEGER PRIMARY KEY,
    from_at    INTEGER NOT NULL,
    until_at   INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    exchanges  INTEGER NOT NULL
) STRICT;

CREATE TABLE settings_history (
    id            INTEGER PRIMARY KEY,
    at            INTEGER NOT NULL,
    who           TEXT NOT NULL,
    why           TEXT,
    from_settings TEXT,
    to_settings   TEXT NOT NULL
) STRICT;

-- From here on: dashcam's own book-keeping, no interface.

-- The highest numbers ever used, so that none is used twice, and how many exchanges there are.
CREATE TABLE meta (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    last_exchange   INTEGER NOT NULL,
    last_connection INTEGER NOT NULL,
    exchanges       INTEGER NOT NULL
) STRICT;

INSERT INTO meta (id, last_exchange, last_connection, exchanges) VALUES (1, 0, 0, 0);

-- Exchanges without a row of their own that have (or may have) bodies or messages: not finished yet
-- (deleted = 0; swept at the next start if they never are), or deleted and being swept (deleted = 1).
CREATE TABLE orphans (
    exchange INTEGER PRIMARY KEY,
    deleted  INTEGER NOT NULL
) STRICT;
