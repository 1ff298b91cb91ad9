-- The ways that connections to upstreams took.

-- The parent proxy's URL without user and password; NULL if there is none.
ALTER TABLE upstream_connections ADD COLUMN parent TEXT;
-- The outcome of attempts at other addresses; NULL if there were none.
ALTER TABLE upstream_connections ADD COLUMN tried TEXT;
