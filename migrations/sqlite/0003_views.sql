-- What can be computed is computed when it is read: SQLite computed the columns that were GENERATED for each row that
-- was written. Names and columns stay as they were: `exchanges` and `bodies` are views now, over tables of our own.

ALTER TABLE exchanges DROP COLUMN url;
ALTER TABLE exchanges RENAME TO exchange_rows;

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
    upstream_connection,
    scheme || '://'
        || CASE WHEN instr(host, ':') THEN '[' || host || ']' ELSE host END
        || CASE WHEN port = CASE scheme WHEN 'https' THEN 443 ELSE 80 END THEN '' ELSE ':' || port END
        || CASE WHEN substr(target, 1, 1) = '/' THEN '' ELSE '/' END || target AS url
FROM exchange_rows;

-- The key of a piece: exchange << 22 | direction << 21 | seq.
ALTER TABLE bodies DROP COLUMN exchange;
ALTER TABLE bodies DROP COLUMN direction;
ALTER TABLE bodies DROP COLUMN seq;
ALTER TABLE bodies RENAME TO body_rows;

CREATE VIEW bodies AS SELECT
    key,
    key >> 22 AS exchange,
    CASE (key >> 21) & 1 WHEN 0 THEN 'request' ELSE 'response' END AS direction,
    key & 2097151 AS seq,
    data
FROM body_rows;
