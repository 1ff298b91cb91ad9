-- Heads that are alike are stored once, as a template: rows have its number and what differs.

CREATE TABLE head_templates (
    -- epoch << 12 | number
    id INTEGER PRIMARY KEY,
    -- A JSON array with an entry for each field in wire order. [name, value]: the field. [name, "", n]: its value is the
    -- one at place n of the row's array. [n]: of a head as sent, field n of the head as received.
    fields TEXT NOT NULL
) STRICT;

-- Exchanges that were stored within some time share templates.
CREATE TABLE template_epochs (
    id INTEGER PRIMARY KEY,
    -- A random number: another file may have an epoch with this id.
    mark INTEGER NOT NULL,
    -- `open`: there may be more templates; `closed`: there are no more.
    state TEXT NOT NULL,
    -- All exchanges with a head of one of its templates are between these.
    first_exchange INTEGER NOT NULL,
    last_exchange INTEGER NOT NULL
) STRICT;

DROP VIEW exchanges;

-- With heads as received, whole.
CREATE VIEW received_exchanges AS SELECT
    id, connection, replay_of, started_at, level, state, method, scheme, host, port, target, status, content_type,
    request_size, response_size, duration_us, failure_side, failure_stage, failure_message,
    authority, request_version, response_version, reason,
    request_stored, request_truncated, request_complete, response_stored, response_truncated, response_complete,
    resolved_us, connected_us, tls_us, request_end_us, response_start_us,
    upstream_address, upstream_reused, upstream_tls,
    CASE WHEN substr(request_headers, 1, 1) <> '[' THEN coalesce((SELECT (SELECT json_group_array(json(
            CASE json_array_length(f.value) WHEN 3
                THEN json_array(json_extract(f.value, '$[0]'), json_extract(substr(request_headers, instr(request_headers, '[')),
                    '$[' || json_extract(f.value, '$[2]') || ']'))
                ELSE f.value END)) FROM json_each(t.fields) AS f)
            FROM head_templates AS t WHERE t.id = CAST(substr(request_headers, 1, instr(request_headers, '[') - 1) AS INTEGER)
                AND length(t.fields) <= 16384 AND length(request_headers) <= 65536),
            '"the template is missing"')
        ELSE request_headers END AS request_headers,
    CASE WHEN substr(response_headers, 1, 1) <> '[' THEN coalesce((SELECT (SELECT json_group_array(json(
            CASE json_array_length(f.value) WHEN 3
                THEN json_array(json_extract(f.value, '$[0]'), json_extract(substr(response_headers, instr(response_headers, '[')),
                    '$[' || json_extract(f.value, '$[2]') || ']'))
                ELSE f.value END)) FROM json_each(t.fields) AS f)
            FROM head_templates AS t WHERE t.id = CAST(substr(response_headers, 1, instr(response_headers, '[') - 1) AS INTEGER)
                AND length(t.fields) <= 16384 AND length(response_headers) <= 65536),
            '"the template is missing"')
        ELSE response_headers END AS response_headers,
    interim, request_trailers, response_trailers,
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

CREATE VIEW exchanges AS SELECT
    id, connection, replay_of, started_at, level, state, method, scheme, host, port, target, status, content_type,
    request_size, response_size, duration_us, failure_side, failure_stage, failure_message,
    authority, request_version, response_version, reason,
    request_stored, request_truncated, request_complete, response_stored, response_truncated, response_complete,
    resolved_us, connected_us, tls_us, request_end_us, response_start_us,
    upstream_address, upstream_reused, upstream_tls,
    request_headers, response_headers, interim, request_trailers, response_trailers,
    request_sent_version, request_sent_authority,
    CASE WHEN substr(request_sent_headers, 1, 1) <> '[' THEN coalesce((SELECT (
            WITH received AS MATERIALIZED (SELECT request_headers AS fields)
            SELECT json_group_array(json(
            CASE json_array_length(f.value) WHEN 1 THEN json_extract(received.fields, '$[' || json_extract(f.value, '$[0]') || ']')
                WHEN 3
                THEN json_array(json_extract(f.value, '$[0]'), json_extract(substr(request_sent_headers, instr(request_sent_headers, '[')),
                    '$[' || json_extract(f.value, '$[2]') || ']'))
                ELSE f.value END)) FROM received, json_each(t.fields) AS f)
            FROM head_templates AS t WHERE t.id = CAST(substr(request_sent_headers, 1, instr(request_sent_headers, '[') - 1) AS INTEGER)
                AND length(t.fields) <= 16384 AND length(request_sent_headers) <= 65536),
            '"the template is missing"')
        ELSE request_sent_headers END AS request_sent_headers,
    response_sent_version, response_sent_status, response_sent_reason,
    CASE WHEN substr(response_sent_headers, 1, 1) <> '[' THEN coalesce((SELECT (
            WITH received AS MATERIALIZED (SELECT response_headers AS fields)
            SELECT json_group_array(json(
            CASE json_array_length(f.value) WHEN 1 THEN json_extract(received.fields, '$[' || json_extract(f.value, '$[0]') || ']')
                WHEN 3
                THEN json_array(json_extract(f.value, '$[0]'), json_extract(substr(response_sent_headers, instr(response_sent_headers, '[')),
                    '$[' || json_extract(f.value, '$[2]') || ']'))
                ELSE f.value END)) FROM received, json_each(t.fields) AS f)
            FROM head_templates AS t WHERE t.id = CAST(substr(response_sent_headers, 1, instr(response_sent_headers, '[') - 1) AS INTEGER)
                AND length(t.fields) <= 16384 AND length(response_sent_headers) <= 65536),
            '"the template is missing"')
        ELSE response_sent_headers END AS response_sent_headers,
    upstream_connection, pack, response_end, url, rule, keep_until, snapshot, redaction_set,
    redacted, request_stored_as, response_stored_as
FROM received_exchanges;
