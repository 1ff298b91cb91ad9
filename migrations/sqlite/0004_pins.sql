-- Exchanges that the bounds of the recording do not delete.
CREATE TABLE pins (
    exchange INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL
) STRICT;

-- Which recording this is: an archive of it says the same.
ALTER TABLE meta ADD COLUMN recording TEXT NOT NULL DEFAULT '';
UPDATE meta SET recording = lower(hex(randomblob(16)));
