//! Messages as bytes.

use dashcam_exchange::Message;

use super::cursor::{Cursor, Malformed};
use super::values::Code;

impl Code for Message {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { exchange, seq, at, direction, kind, size, coding, redacted, data } = self;
        exchange.write(bytes);
        seq.write(bytes);
        at.write(bytes);
        direction.write(bytes);
        kind.write(bytes);
        size.write(bytes);
        coding.write(bytes);
        redacted.write(bytes);
        data.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            exchange: Code::read(cursor)?,
            seq: Code::read(cursor)?,
            at: Code::read(cursor)?,
            direction: Code::read(cursor)?,
            kind: Code::read(cursor)?,
            size: Code::read(cursor)?,
            coding: Code::read(cursor)?,
            redacted: Code::read(cursor)?,
            data: Code::read(cursor)?,
        })
    }
}
