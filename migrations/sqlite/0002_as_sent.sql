-- Heads as they were sent, connections to upstreams, and the certificates that peers showed.

-- NULL where what was sent is what was received (or nothing was sent).
ALTER TABLE exchanges ADD COLUMN request_sent_version TEXT;
ALTER TABLE exchanges ADD COLUMN request_sent_authority TEXT;
ALTER TABLE exchanges ADD COLUMN request_sent_headers TEXT;
ALTER TABLE exchanges ADD COLUMN response_sent_version TEXT;
ALTER TABLE exchanges ADD COLUMN response_sent_status INTEGER;
ALTER TABLE exchanges ADD COLUMN response_sent_reason TEXT;
ALTER TABLE exchanges ADD COLUMN response_sent_headers TEXT;

ALTER TABLE exchanges ADD COLUMN upstream_connection INTEGER;

-- Lists of certificates are JSON arrays of `certificates.sha256`, the peer's own first.
ALTER TABLE connections ADD COLUMN certificates TEXT;

CREATE TABLE upstream_connections (
    id                 INTEGER PRIMARY KEY,
    opened_at          INTEGER NOT NULL,
    destination        TEXT NOT NULL,
    address            TEXT NOT NULL,
    local_address      TEXT,
    dns_us             INTEGER,
    connect_us         INTEGER,
    tls_us             INTEGER,
    tls_version        TEXT,
    tls_cipher         TEXT,
    tls_sni            TEXT,
    tls_alpn           TEXT,
    certificates       TEXT,
    client_certificate TEXT
) STRICT;

-- Each certificate once, however many connections showed it.
CREATE TABLE certificates (
    sha256     TEXT PRIMARY KEY,
    der        BLOB NOT NULL,
    first_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE meta ADD COLUMN last_upstream_connection INTEGER NOT NULL DEFAULT 0;
