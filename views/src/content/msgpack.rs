//! MessagePack, in the notation of CBOR.

use super::budget::Budget;
use super::cursor::Cursor;
use super::notation::{Length, Notation};
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Language, Shown};

/// Shows the values that follow each other in a body.
pub(super) const VIEW: ViewSpec =
    ViewSpec { name: "msgpack", title: "MessagePack", kind: "text", fits, show };

const TYPES: &[&str] = &[
    "application/msgpack",
    "application/x-msgpack",
    "application/vnd.msgpack",
    "*+msgpack",
    "application/messagepack",
    "application/x-messagepack",
];

fn fits(subject: &Subject) -> Option<Fit> {
    if subject.is(TYPES) {
        return (!subject.bytes.is_empty()).then_some(Fit::Named);
    }
    let is_unnamed = subject.is_unnamed() && subject.text.is_none() && subject.bytes.len() > 2;
    let is_list = || matches!(subject.bytes[0], 0x80..=0x9f | 0xdc..=0xdf);
    (is_unnamed && is_list() && is_whole(subject)).then_some(Fit::Sniffed)
}

/// Returns whether one value fills the bytes.
fn is_whole(subject: &Subject) -> bool {
    let (budget, mut cursor) = (Budget::begin(), Cursor(&subject.bytes));
    let written = value(&mut cursor, &mut Notation::new(&budget));
    cursor.is_empty() && written.is_some() != subject.truncated
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let mut cursor = Cursor(&subject.bytes);
    let mut values = Vec::new();
    while !cursor.is_empty() {
        let mut text = Notation::new(budget);
        let written = value(&mut cursor, &mut text);
        values.push(text.into_text());
        if written.is_none() {
            if !budget.is_spent() {
                budget.note(format!("{} bytes before the end it is cut, or no MessagePack.", cursor.0.len()));
            }
            break;
        }
    }
    let text = values.join("\n");
    (!text.trim().is_empty()).then(|| Shown::text(Language::Diagnostic, text))
}

/// Writes the next value (<https://github.com/msgpack/msgpack/blob/master/spec.md>); `None` where there is none.
fn value(cursor: &mut Cursor<'_>, text: &mut Notation<'_>) -> Option<()> {
    let byte = cursor.u8()?;
    match byte {
        0..=0x7f => text.push(&byte.to_string()),
        0x80..=0x8f => map(cursor, u32::from(byte & 15), text),
        0x90..=0x9f => array(cursor, u32::from(byte & 15), text),
        0xa0..=0xbf => string(cursor, u32::from(byte & 31), text),
        0xc0 => text.push("null"),
        0xc1 => None,
        0xc2 => text.push("false"),
        0xc3 => text.push("true"),
        0xc4..=0xc6 => {
            let length = length(cursor, byte - 0xc4)?;
            text.bytes(cursor.take_long(u64::from(length))?)
        }
        0xc7..=0xc9 => {
            let length = length(cursor, byte - 0xc7)?;
            extension(cursor, length, text)
        }
        0xca => text.float(f64::from(f32::from_bits(cursor.u32()?))),
        0xcb => text.float(f64::from_bits(cursor.u64()?)),
        0xcc => text.push(&cursor.u8()?.to_string()),
        0xcd => text.push(&cursor.u16()?.to_string()),
        0xce => text.push(&cursor.u32()?.to_string()),
        0xcf => text.push(&cursor.u64()?.to_string()),
        0xd0 => text.push(&(cursor.u8()? as i8).to_string()),
        0xd1 => text.push(&(cursor.u16()? as i16).to_string()),
        0xd2 => text.push(&(cursor.u32()? as i32).to_string()),
        0xd3 => text.push(&(cursor.u64()? as i64).to_string()),
        0xd4..=0xd8 => extension(cursor, 1 << (byte - 0xd4), text),
        0xd9..=0xdb => {
            let length = length(cursor, byte - 0xd9)?;
            string(cursor, length, text)
        }
        0xdc | 0xdd => {
            let length = length(cursor, byte - 0xdc + 1)?;
            array(cursor, length, text)
        }
        0xde | 0xdf => {
            let length = length(cursor, byte - 0xde + 1)?;
            map(cursor, length, text)
        }
        0xe0..=0xff => text.push(&(byte as i8).to_string()),
    }
}

/// A length of 1, 2 or 4 bytes.
fn length(cursor: &mut Cursor<'_>, size: u8) -> Option<u32> {
    match size {
        0 => cursor.u8().map(u32::from),
        1 => cursor.u16().map(u32::from),
        _ => cursor.u32(),
    }
}

fn array(cursor: &mut Cursor<'_>, length: u32, text: &mut Notation<'_>) -> Option<()> {
    text.list(["[", "]"], Length::Known(length.into()), |text| value(cursor, text).map(|()| true))
}

fn map(cursor: &mut Cursor<'_>, length: u32, text: &mut Notation<'_>) -> Option<()> {
    text.list(["{", "}"], Length::Known(length.into()), |text| {
        value(cursor, text)?;
        text.push(": ")?;
        value(cursor, text).map(|()| true)
    })
}

fn string(cursor: &mut Cursor<'_>, length: u32, text: &mut Notation<'_>) -> Option<()> {
    let bytes = cursor.take_long(length.into())?;
    match std::str::from_utf8(bytes) {
        Ok(string) => text.string(string),
        // Old encoders have no other type for bytes.
        Err(_) => text.bytes(bytes),
    }
}

fn extension(cursor: &mut Cursor<'_>, length: u32, text: &mut Notation<'_>) -> Option<()> {
    let kind = cursor.u8()? as i8;
    let bytes = cursor.take_long(length.into())?;
    match timestamp(kind, bytes) {
        Some(time) => text.push(&format!("timestamp(\"{time}\")")),
        None => {
            text.push(&format!("ext({kind}, "))?;
            text.bytes(bytes)?;
            text.push(")")
        }
    }
}

/// A time, of the extension type -1.
fn timestamp(kind: i8, bytes: &[u8]) -> Option<jiff::Timestamp> {
    let mut cursor = Cursor(bytes);
    let (seconds, nanoseconds) = match (kind, bytes.len()) {
        (-1, 4) => (i64::from(cursor.u32()?), 0),
        (-1, 8) => {
            let both = cursor.u64()?;
            ((both & ((1 << 34) - 1)) as i64, (both >> 34) as u32)
        }
        (-1, 12) => {
            let nanoseconds = cursor.u32()?;
            (cursor.u64()? as i64, nanoseconds)
        }
        _ => return None,
    };
    jiff::Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::shown::ShownText;

    #[test]
    fn values() {
        let check = |bytes: &[u8], expect: &str| {
            let subject = Subject { bytes: bytes.to_vec(), ..Subject::default() };
            let Some(Shown::Text(ShownText { text, .. })) = show(&subject, &Budget::begin()) else {
                panic!("{bytes:?}")
            };
            assert_eq!(text, expect, "{bytes:?}");
        };
        check(b"\x82\xa1a\x01\xa1b\x92\xc0\xc3", "{\n  \"a\": 1,\n  \"b\": [\n    null,\n    true\n  ]\n}");
        check(b"\xff\xd1\xff\x00\xcb\x3f\xf8\0\0\0\0\0\0", "-1\n-256\n1.5");
        check(b"\xc4\x02\x00\xff", "h'00ff'");
        check(b"\xd6\xff\0\0\0\0", "timestamp(\"1970-01-01T00:00:00Z\")");
        check(b"\xd4\x05\x07", "ext(5, h'07')");
        check(b"\x80\x90", "{}\n[]");
        check(b"\x92\x01", "[\n  1,\n  ");
        check(
            &[0x91; 100],
            &("[\n".to_owned()
                + &(1..64).map(|depth| "  ".repeat(depth) + "[\n").collect::<String>()
                + &"  ".repeat(64)),
        );
    }

    #[test]
    fn it_is_known_by_its_look() {
        let fit = |bytes: &[u8]| fits(&Subject { bytes: bytes.to_vec(), ..Subject::default() });
        assert_eq!(fit(b"\x81\xa1a\x01"), Some(Fit::Sniffed));
        assert_eq!((fit(b"\x81\xa1a\x01\x01"), fit(b"\x81\xa1a"), fit(b"\x01\x01\x01")), (None, None, None));
    }
}
