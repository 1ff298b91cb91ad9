-- Rules that decide about exchanges, how long these are kept, leases, snapshots, runs, and what was deleted.

-- The names of rules, each once.
CREATE TABLE rule_names (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- rule_names.id: the rule that decided about it; NULL before schema 17.
ALTER TABLE exchange_rows ADD COLUMN rule INTEGER;
-- Until when it is kept, in unix microseconds; NULL if only the bounds of the recording say.
ALTER TABLE exchange_rows ADD COLUMN keep_until INTEGER;

-- The exchanges that have `keep_until`, in the order in which they go. Book-keeping, no interface.
CREATE TABLE expiries (
    keep_until INTEGER NOT NULL,
    exchange   INTEGER NOT NULL,
    PRIMARY KEY (keep_until, exchange)
) STRICT, WITHOUT ROWID;

-- Who changed something from which address, in which session of the page, and what it was: 'settings', 'rules', 'lease',
-- 'step', 'snapshot'. `detail` is JSON.
ALTER TABLE settings_history ADD COLUMN kind TEXT NOT NULL DEFAULT 'settings';
ALTER TABLE settings_history ADD COLUMN address TEXT;
ALTER TABLE settings_history ADD COLUMN session TEXT;
ALTER TABLE settings_history ADD COLUMN detail TEXT;

-- Rules before all others that end by themselves.
CREATE TABLE leases (
    id             INTEGER PRIMARY KEY,
    -- JSON.
    rule           TEXT NOT NULL,
    from_at        INTEGER NOT NULL,
    until_at       INTEGER,
    max_bytes      INTEGER,
    max_exchanges  INTEGER,
    reason         TEXT,
    who            TEXT NOT NULL,
    address        TEXT,
    session        TEXT,
    -- 1: it goes on after a restart.
    persist        INTEGER NOT NULL,
    used_bytes     INTEGER NOT NULL DEFAULT 0,
    used_exchanges INTEGER NOT NULL DEFAULT 0,
    ended_at       INTEGER,
    ended_why      TEXT
) STRICT;

CREATE INDEX leases_open ON leases (id) WHERE ended_at IS NULL;

-- What a flight recorder wrote down.
CREATE TABLE snapshots (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    trigger      TEXT NOT NULL,
    reason       TEXT,
    who          TEXT,
    created_at   INTEGER NOT NULL,
    covers_from  INTEGER NOT NULL,
    covers_until INTEGER NOT NULL,
    exchanges    INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0,
    -- 1: all that passed in that time is in it.
    complete     INTEGER NOT NULL DEFAULT 0,
    note         TEXT
) STRICT;

CREATE TABLE snapshot_exchanges (
    exchange INTEGER NOT NULL,
    snapshot INTEGER NOT NULL,
    -- 1: it stays when the snapshot is deleted, because a user pinned it.
    stays    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (exchange, snapshot)
) STRICT, WITHOUT ROWID;

CREATE INDEX snapshot_exchanges_of ON snapshot_exchanges (snapshot, exchange);

-- Each time that dashcam recorded to this file.
CREATE TABLE runs (
    id         INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    -- When it surely ran still.
    seen_at    INTEGER NOT NULL,
    -- NULL while it runs, and if it was killed.
    ended_at   INTEGER,
    version    TEXT NOT NULL
) STRICT;

-- Exchanges that were deleted, by the hour in which they began (unix hours): the first, the last, and how many.
CREATE TABLE deletions (
    id        INTEGER PRIMARY KEY,
    hour      INTEGER NOT NULL,
    -- 'bounds', 'expired' or 'user'.
    cause     TEXT NOT NULL,
    from_at   INTEGER NOT NULL,
    until_at  INTEGER NOT NULL,
    exchanges INTEGER NOT NULL,
    UNIQUE (hour, cause)
) STRICT;

DROP VIEW v_exchanges;
DROP VIEW exchanges;

CREATE VIEW exchanges AS SELECT
    id, connection, replay_of, started_at, level, state, method, scheme, host, port, target, status, content_type,
    request_size, response_size, duration_us, failure_side, failure_stage, failure_message,
    authority, request_version, response_version, reason,
    request_stored, request_truncated, request_complete, response_stored, response_truncated, response_complete,
    resolved_us, connected_us, tls_us, request_end_us, response_start_us,
    upstream_address, upstream_reused, upstream_tls,
    request_headers, response_headers, interim, request_trailers, response_trailers,
    request_sent_version, request_sent_authority, request_sent_headers,
    response_sent_version, response_sent_status, response_sent_reason, response_sent_headers,
    upstream_connection, pack, response_end,
    scheme || '://'
        || CASE WHEN instr(host, ':') THEN '[' || host || ']' ELSE host END
        || CASE WHEN port = CASE scheme WHEN 'https' THEN 443 ELSE 80 END THEN '' ELSE ':' || port END
        || CASE WHEN substr(target, 1, 1) = '/' THEN '' ELSE '/' END || target AS url,
    (SELECT name FROM rule_names WHERE rule_names.id = exchange_rows.rule) AS rule,
    keep_until,
    (SELECT s.name FROM snapshot_exchanges AS m JOIN snapshots AS s ON s.id = m.snapshot
        WHERE m.exchange = exchange_rows.id ORDER BY m.snapshot DESC LIMIT 1) AS snapshot
FROM exchange_rows;

CREATE VIEW v_exchanges AS SELECT
    e.id,
    strftime('%Y-%m-%d %H:%M:%f', e.started_at / 1000000.0, 'unixepoch') AS time,
    e.method, e.scheme, e.host, e.port,
    CASE WHEN instr(e.target, '?') THEN substr(e.target, 1, instr(e.target, '?') - 1) ELSE e.target END AS path,
    CASE WHEN instr(e.target, '?') THEN substr(e.target, instr(e.target, '?') + 1) END AS query,
    e.url, e.status,
    -- Not trim(): DuckDB, which reads a view by its text, writes that one in a way that SQLite does not know.
    lower(ltrim(rtrim(CASE WHEN instr(e.content_type, ';')
        THEN substr(e.content_type, 1, instr(e.content_type, ';') - 1) ELSE e.content_type END))) AS type,
    e.duration_us / 1000.0 AS ms,
    e.response_start_us / 1000.0 AS first_byte_ms,
    e.request_size, e.response_size, e.state, e.level,
    e.failure_side || '/' || e.failure_stage AS failure,
    e.failure_message,
    c.client, e.request_version AS version, e.upstream_address, e.replay_of, e.connection, e.rule, e.snapshot
FROM exchanges AS e LEFT JOIN connections AS c ON c.id = e.connection;
