-- Work on the rows of an older recording, left for the time when dashcam runs. Book-keeping, no interface.

-- Each goes from the exchange `last` down to `first`: `next` is the one at which it goes on. Gone when it is done.
CREATE TABLE backfills (
    name  TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    next  INTEGER NOT NULL,
    last  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Before schema 6 nobody counted who holds how much: the blocks below the first that is known, or that is recorded to.
INSERT INTO backfills (name, first, next, last)
SELECT 'holders', first, last, last FROM (
    SELECT
        (SELECT min(id) FROM exchange_rows) AS first,
        (coalesce((SELECT min(block) FROM holdings), (SELECT max(id) FROM exchange_rows) >> 12) << 12) - 1 AS last
) WHERE first <= last;
