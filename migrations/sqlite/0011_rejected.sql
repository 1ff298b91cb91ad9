-- The reason for which a connection is tunnelled unread, and the client's software.

ALTER TABLE connections ADD COLUMN tunnel_reason TEXT;
ALTER TABLE connections ADD COLUMN runtime TEXT;
