-- Messages that are compressed, and who holds how much of the recording.

-- How `data` is compressed that is kept as it passed; NULL: it is not.
ALTER TABLE messages ADD COLUMN coding TEXT;
-- How dashcam compressed `data` to store it: 'zstd' or 'none'.
ALTER TABLE messages ADD COLUMN compression TEXT NOT NULL DEFAULT 'none';

-- For each 4096 exchanges (id >> 12) a JSON array of [client, host, bytes, exchanges]. Book-keeping, no interface.
CREATE TABLE holdings (
    block   INTEGER PRIMARY KEY,
    holders TEXT NOT NULL
) STRICT;
