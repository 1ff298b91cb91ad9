//! Heads as bytes: the lines as on the wire, behind their lengths.

use dashcam_exchange::{Headers, LineLengths, RequestHead, ResponseHead};

use super::cursor::{Cursor, Malformed};
use super::values::{Code, write_number};

impl Code for Headers {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_number(self.len() as u64, bytes);
        for LineLengths { name, rest, before, after } in self.lengths() {
            for length in [name, rest, before, after] {
                write_number(length as u64, bytes);
            }
        }
        self.wire().for_each(|lines| bytes.extend_from_slice(lines));
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let fields = cursor.elements()?;
        // The lengths are read twice, so that nothing is allocated for fields that are not there.
        let mut lengths = *cursor;
        for _ in 0..fields {
            read_lengths(cursor)?;
        }
        let mut headers = Self::default();
        for _ in 0..fields {
            let LineLengths { name, rest, before, after } = read_lengths(&mut lengths)?;
            let name = cursor.take(name)?;
            let colon = cursor.byte()?;
            let rest = cursor.take(rest)?;
            let is_line = colon == b':' && cursor.take(2)? == b"\r\n";
            if !is_line || !headers.push_parted(name, rest, (before, after)) {
                return Err(Malformed::Value);
            }
        }
        Ok(headers)
    }
}

fn read_lengths(cursor: &mut Cursor<'_>) -> Result<LineLengths, Malformed> {
    Ok(LineLengths {
        name: cursor.length()?,
        rest: cursor.length()?,
        before: cursor.length()?,
        after: cursor.length()?,
    })
}

impl Code for RequestHead {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { method, target, authority, version, headers } = self;
        method.write(bytes);
        target.write(bytes);
        authority.write(bytes);
        version.write(bytes);
        headers.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            method: Code::read(cursor)?,
            target: Code::read(cursor)?,
            authority: Code::read(cursor)?,
            version: Code::read(cursor)?,
            headers: Code::read(cursor)?,
        })
    }
}

impl Code for ResponseHead {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { version, status, reason, headers } = self;
        version.write(bytes);
        status.write(bytes);
        reason.write(bytes);
        headers.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            version: Code::read(cursor)?,
            status: Code::read(cursor)?,
            reason: Code::read(cursor)?,
            headers: Code::read(cursor)?,
        })
    }
}
