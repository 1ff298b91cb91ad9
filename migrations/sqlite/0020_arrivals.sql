-- When the bytes of bodies came that consist of messages.

CREATE TABLE arrivals (
    -- exchange << 22 | direction << 21 | number of the stretch
    key INTEGER PRIMARY KEY,
    -- Numbers as LEB128: the byte at which the stretch begins, how many arrivals each of these stands for at most, and of
    -- each how many bytes came, and how many microseconds after the one before (the first: after the exchange's start).
    data BLOB NOT NULL
) STRICT;
