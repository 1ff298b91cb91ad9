//! CBOR (RFC 8949), in its diagnostic notation.

use super::budget::Budget;
use super::cursor::Cursor;
use super::notation::{Length, Notation};
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Language, Shown};

/// Shows the items that follow each other in a body.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "cbor", title: "CBOR", kind: "text", fits, show };

const TYPES: &[&str] = &[
    "application/cbor",
    "*+cbor",
    "application/cbor-seq",
    "*+cbor-seq",
    "application/x-amz-cbor-1.1",
    "application/cose",
    "application/cwt",
    "application/ace+cbor",
];

fn fits(subject: &Subject) -> Option<Fit> {
    if subject.is(TYPES) {
        return (!subject.bytes.is_empty()).then_some(Fit::Named);
    }
    let is_unnamed = subject.is_unnamed() && subject.text.is_none() && subject.bytes.len() > 2;
    let is_list = || matches!(subject.bytes[0], 0x81..=0xbf | 0xd9);
    (is_unnamed && is_list() && is_whole(subject)).then_some(Fit::Sniffed)
}

/// Returns whether one item fills the bytes.
fn is_whole(subject: &Subject) -> bool {
    let (budget, mut cursor) = (Budget::begin(), Cursor(&subject.bytes));
    let written = item(&mut cursor, &mut Notation::new(&budget));
    cursor.is_empty() && written.is_some() != subject.truncated
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let (mut cursor, mut items) = (Cursor(&subject.bytes), Vec::new());
    while !cursor.is_empty() {
        let mut text = Notation::new(budget);
        let written = item(&mut cursor, &mut text);
        items.push(text.into_text());
        if written != Some(true) {
            if !budget.is_spent() {
                budget.note(format!("{} bytes before the end it is cut, or no CBOR.", cursor.0.len()));
            }
            break;
        }
    }
    let text = items.join("\n");
    (!text.trim().is_empty()).then(|| Shown::text(Language::Diagnostic, text))
}

/// The first bytes of an item: its major type and its argument, `None` for one without end.
fn head(cursor: &mut Cursor<'_>) -> Option<(u8, u8, Option<u64>)> {
    let first = cursor.u8()?;
    let (major, minor) = (first >> 5, first & 31);
    let argument = match minor {
        0..=23 => Some(u64::from(minor)),
        24 => Some(u64::from(cursor.u8()?)),
        25 => Some(u64::from(cursor.u16()?)),
        26 => Some(u64::from(cursor.u32()?)),
        27 => Some(cursor.u64()?),
        31 => None,
        _ => return None,
    };
    Some((major, minor, argument))
}

/// Writes the next item; false if it is the end of a list. `None` where there is none.
fn item(cursor: &mut Cursor<'_>, text: &mut Notation<'_>) -> Option<bool> {
    let (major, minor, argument) = head(cursor)?;
    let length = argument.map_or(Length::Open, Length::Known);
    match (major, argument) {
        (0, Some(value)) => text.push(&value.to_string())?,
        (1, Some(value)) => text.push(&(-1 - i128::from(value)).to_string())?,
        (2 | 3, Some(length)) => string(cursor, (major, length), text)?,
        (2 | 3, None) => text.list(["(_", ")"], length, |text| match head(cursor)? {
            (7, 31, None) => Some(false),
            (of, _, Some(length)) if of == major => string(cursor, (major, length), text).map(|()| true),
            _ => None,
        })?,
        (4, _) => {
            let open = if argument.is_some() { "[" } else { "[_" };
            text.list([open, "]"], length, |text| entry(cursor, argument, text))?;
        }
        (5, _) => {
            let open = if argument.is_some() { "{" } else { "{_" };
            text.list([open, "}"], length, |text| {
                if !entry(cursor, argument, text)? {
                    return Some(false);
                }
                text.push(": ")?;
                item(cursor, text)?.then_some(true)
            })?;
        }
        (6, Some(tag)) => {
            text.push(&format!("{tag}("))?;
            text.within(|text| item(cursor, text)?.then_some(()))?;
            text.push(")")?;
        }
        (7, None) => return Some(false),
        (7, Some(value)) => simple(minor, value, text)?,
        _ => return None,
    }
    Some(true)
}

/// An entry of a list, which may end only where its length is not known.
fn entry(cursor: &mut Cursor<'_>, length: Option<u64>, text: &mut Notation<'_>) -> Option<bool> {
    item(cursor, text).filter(|is_item| *is_item || length.is_none())
}

fn string(cursor: &mut Cursor<'_>, (major, length): (u8, u64), text: &mut Notation<'_>) -> Option<()> {
    let bytes = cursor.take_long(length)?;
    match (major, std::str::from_utf8(bytes)) {
        (3, Ok(string)) => text.string(string),
        (3, Err(_)) => None,
        _ => text.bytes(bytes),
    }
}

fn simple(minor: u8, value: u64, text: &mut Notation<'_>) -> Option<()> {
    match (minor, value) {
        (20, _) => text.push("false"),
        (21, _) => text.push("true"),
        (22, _) => text.push("null"),
        (23, _) => text.push("undefined"),
        (25, bits) => text.float(half(u16::try_from(bits).ok()?)),
        (26, bits) => text.float(f64::from(f32::from_bits(u32::try_from(bits).ok()?))),
        (27, bits) => text.float(f64::from_bits(bits)),
        (_, value) => text.push(&format!("simple({value})")),
    }
}

/// A floating-point number of 16 bits (RFC 8949 appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let value = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 { value } else { -value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::shown::ShownText;

    /// Examples of RFC 8949, appendix A.
    #[test]
    fn items() {
        let check = |digits: &str, expect: &str| {
            let bytes: Vec<u8> = (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect();
            let subject = Subject { bytes, ..Subject::default() };
            let Some(Shown::Text(ShownText { text, .. })) = show(&subject, &Budget::begin()) else {
                panic!("{digits}")
            };
            assert_eq!(text, expect, "{digits}");
        };
        check("1bffffffffffffffff", "18446744073709551615");
        check("3bffffffffffffffff", "-18446744073709551616");
        check("f93c00", "1.0");
        check("f90001", "5.960464477539063e-8");
        check("f97bff", "65504.0");
        check("f9c400", "-4.0");
        check("f97e00", "NaN");
        check("fa47c35000", "100000.0");
        check("fb7e37e43c8800759c", "1e300");
        check("f7", "undefined");
        check("f8ff", "simple(255)");
        check("c11a514b67b0", "1(1363896240)");
        check("d74401020304", "23(h'01020304')");
        check("a201020304", "{\n  1: 2,\n  3: 4\n}");
        check("5f42010243030405ff", "(_\n  h'0102',\n  h'030405'\n)");
        check("9fff", "[_]");
        check("bf61610161629f0203ffff", "{_\n  \"a\": 1,\n  \"b\": [_\n    2,\n    3\n  ]\n}");
    }

    #[test]
    fn nesting_has_an_end_and_a_look() {
        let fit = |bytes: &[u8]| fits(&Subject { bytes: bytes.to_vec(), ..Subject::default() });
        assert_eq!(fit(b"\xa1\x61a\x01"), Some(Fit::Sniffed));
        assert_eq!((fit(b"\xa1\x61a"), fit(b"\xa1\x61a\x01\x01")), (None, None));
        let (budget, subject) =
            (Budget::begin(), Subject { bytes: vec![0xc1; 1 << 20], ..Subject::default() });
        assert!(show(&subject, &budget).is_some());
        assert!(budget.into_note().unwrap().contains("64 levels"));
    }
}
