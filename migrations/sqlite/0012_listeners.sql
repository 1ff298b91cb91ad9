-- The name of the listener that took a connection, if it has one; else NULL.
ALTER TABLE connections ADD COLUMN listener TEXT;
