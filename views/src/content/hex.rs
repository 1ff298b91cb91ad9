//! Bytes, as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::budget::Budget;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Hex, Shown};

/// Shows the bytes of all bodies that have some. [`super::viewing`] reads those behind an offset.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "hex", title: "Hex", kind: "hex", fits, show };

fn fits(subject: &Subject) -> Option<Fit> {
    (!subject.bytes.is_empty()).then_some(Fit::Always)
}

fn show(subject: &Subject, _: &Budget) -> Option<Shown> {
    let size = subject.bytes.len() as u64;
    Some(bytes(&subject.bytes, 0, (size, subject.truncated)))
}

/// Some bytes of a body, that stand behind `offset` others.
pub(super) fn bytes(bytes: &[u8], offset: u64, (size, more): (u64, bool)) -> Shown {
    Shown::Hex(Hex { offset, data: STANDARD.encode(bytes), size, more })
}

/// Bytes in short, for a value: all of the first, and how many there are.
pub(super) fn short(bytes: &[u8]) -> String {
    const MOST: usize = 256;
    let text = digits(&bytes[..bytes.len().min(MOST)]);
    if bytes.len() > MOST { format!("{text}… ({} bytes)", bytes.len()) } else { text }
}

/// Bytes as hexadecimal digits.
pub(super) fn digits(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Lines of an offset, sixteen bytes and their characters.
pub(super) fn dump(bytes: &[u8], offset: u64) -> String {
    let mut text = String::with_capacity(bytes.len() * 5);
    for (line, row) in (0u64..).zip(bytes.chunks(16)) {
        let (left, right) = row.split_at(row.len().min(8));
        let spaced = |half: &[u8]| half.iter().map(|byte| digits(&[*byte])).collect::<Vec<_>>().join(" ");
        let shown = |byte: &u8| if matches!(byte, 32..127) { char::from(*byte) } else { '.' };
        let characters: String = row.iter().map(shown).collect();
        text +=
            &format!("{:08x}  {:23}  {:23}  {characters}\n", offset + line * 16, spaced(left), spaced(right));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_offset_bytes_and_characters() {
        let text = dump(b"0123456789abcdef\x00\xff", 16);
        let expect = "00000010  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef\n\
                      00000020  00 ff                                             ..\n";
        assert_eq!(text, expect);
        assert_eq!(dump(b"", 0), "");
        assert_eq!(short(&[1; 300]).len(), 512 + "… (300 bytes)".len());
    }
}
