-- How the connection ended that carried a response's body.

-- 'close_notify' or 'tcp_close', where that was the body's end or cut it short; else NULL.
ALTER TABLE exchange_rows ADD COLUMN response_end TEXT;

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
        || CASE WHEN substr(target, 1, 1) = '/' THEN '' ELSE '/' END || target AS url
FROM exchange_rows;
