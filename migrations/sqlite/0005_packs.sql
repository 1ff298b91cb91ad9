-- Bodies that end while their exchange's batch is gathered are stored many to a row, compressed together.

CREATE TABLE packs (
    id INTEGER PRIMARY KEY,
    -- The highest exchange of which a body is in it.
    last_exchange INTEGER NOT NULL,
    -- Bytes of `data` before it was compressed.
    size INTEGER NOT NULL,
    -- 'zstd' or 'none'
    compression TEXT NOT NULL,
    -- For each body: its key (exchange << 22 | direction << 21) in 8 bytes and its length in 4, both little-endian,
    -- and its bytes.
    data BLOB NOT NULL
) STRICT;

ALTER TABLE exchange_rows ADD COLUMN pack INTEGER;

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
    upstream_connection, pack,
    scheme || '://'
        || CASE WHEN instr(host, ':') THEN '[' || host || ']' ELSE host END
        || CASE WHEN port = CASE scheme WHEN 'https' THEN 443 ELSE 80 END THEN '' ELSE ':' || port END
        || CASE WHEN substr(target, 1, 1) = '/' THEN '' ELSE '/' END || target AS url
FROM exchange_rows;
