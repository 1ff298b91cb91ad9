-- The redaction of exchanges: by which set, how many values, what stands in the place of bodies; and sealed secrets.

-- The sets that were in force, as NAME@HASH, each once.
CREATE TABLE redaction_sets (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- redaction_sets.id; NULL if redaction was off, and before schema 18.
ALTER TABLE exchange_rows ADD COLUMN redaction_set INTEGER;
-- How many values it replaced.
ALTER TABLE exchange_rows ADD COLUMN redacted INTEGER;
-- 'redacted': content codings are undone and secrets replaced; 'withheld': nothing is stored; NULL: the bytes that passed.
ALTER TABLE exchange_rows ADD COLUMN request_stored_as TEXT;
ALTER TABLE exchange_rows ADD COLUMN response_stored_as TEXT;

-- 1: secrets in it are replaced, or all of it is withheld.
ALTER TABLE messages ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0;

-- Secrets that were taken out of records, encrypted with a key that is not in this file. Rows are only added behind the last
-- one, so that SQLite has no reason to move them, and they leave no copies in other pages.
CREATE TABLE seals (
    number     INTEGER PRIMARY KEY,
    -- The name that stands in records.
    id         BLOB NOT NULL UNIQUE,
    -- Nonce, ciphertext and tag of AES-256-GCM.
    sealed     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX seals_expiry ON seals (expires_at);

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
        WHERE m.exchange = exchange_rows.id ORDER BY m.snapshot DESC LIMIT 1) AS snapshot,
    (SELECT name FROM redaction_sets WHERE redaction_sets.id = exchange_rows.redaction_set) AS redaction_set,
    redacted, request_stored_as, response_stored_as
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
    c.client, e.request_version AS version, e.upstream_address, e.replay_of, e.connection, e.rule, e.snapshot,
    e.redaction_set, e.redacted
FROM exchanges AS e LEFT JOIN connections AS c ON c.id = e.connection;
