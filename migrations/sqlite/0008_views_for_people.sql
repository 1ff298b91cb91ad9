-- Views for people who ask in SQL.

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
    c.client, e.request_version AS version, e.upstream_address, e.replay_of, e.connection
FROM exchanges AS e LEFT JOIN connections AS c ON c.id = e.connection;

CREATE VIEW v_headers AS
    SELECT e.id AS exchange, 'request' AS direction, 'header' AS part, h.key AS seq,
        lower(h.value ->> '$[0]') AS name, h.value ->> '$[1]' AS value
    FROM exchanges AS e, json_each(e.request_headers) AS h
    UNION ALL SELECT e.id, 'request', 'trailer', h.key,
        lower(h.value ->> '$[0]'), h.value ->> '$[1]'
    FROM exchanges AS e, json_each(e.request_trailers) AS h
    UNION ALL SELECT e.id, 'response', 'header', h.key,
        lower(h.value ->> '$[0]'), h.value ->> '$[1]'
    FROM exchanges AS e, json_each(e.response_headers) AS h
    UNION ALL SELECT e.id, 'response', 'trailer', h.key,
        lower(h.value ->> '$[0]'), h.value ->> '$[1]'
    FROM exchanges AS e, json_each(e.response_trailers) AS h;
