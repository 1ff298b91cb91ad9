//! Escapes of JSON strings, of URLs and forms, and of XML: undone for a look, and places found again as they stand.

use std::borrow::Cow;
use std::ops::Range;

/// The escapes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// There are none.
    None,
    /// `\"`, `\u0022`.
    Json,
    /// `%22`, and `+` for a space.
    Form,
    /// `&quot;`, `&#34;`.
    Xml,
}

/// A character behind its escape, and how many bytes the escape has.
struct Step {
    length: usize,
    bytes: [u8; 4],
    count: usize,
}

impl Escapes {
    /// Where the next one may begin.
    fn next(self, text: &[u8]) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Json => memchr::memchr(b'\\', text),
            Self::Form => memchr::memchr2(b'%', b'+', text),
            Self::Xml => memchr::memchr(b'&', text),
        }
    }

    /// `text` without escapes. What is none, though it begins like one, stays.
    pub(super) fn undone(self, text: &[u8]) -> Cow<'_, [u8]> {
        if self.next(text).is_none() {
            return Cow::Borrowed(text);
        }
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(escape) = self.next(&text[at..]) {
            out.extend_from_slice(&text[at..at + escape]);
            at += escape;
            let step = self.step(&text[at..]);
            out.extend_from_slice(&step.bytes[..step.count]);
            at += step.length;
        }
        out.extend_from_slice(&text[at..]);
        Cow::Owned(out)
    }

    /// Where a place of the text without escapes lies in `text`.
    pub(super) fn place(self, text: &[u8], range: &Range<usize>) -> Range<usize> {
        if self == Self::None {
            return range.clone();
        }
        let (mut at, mut undone, mut start) = (0, 0, None);
        while at < text.len() && undone < range.end {
            if undone >= range.start && start.is_none() {
                start = Some(at);
            }
            let step = self.step(&text[at..]);
            undone += step.count;
            at += step.length;
        }
        start.unwrap_or(at)..at
    }

    fn step(self, text: &[u8]) -> Step {
        let escaped = match (self, text) {
            (Self::Json, [b'\\', rest @ ..]) => json(rest),
            (Self::Form, [b'+', ..]) => Some(Step::of(1, ' ')),
            (Self::Form, [b'%', high, low, ..]) => {
                let byte = hex(&[*high, *low]).and_then(|value| u8::try_from(value).ok());
                byte.map(|byte| Step { length: 3, bytes: [byte, 0, 0, 0], count: 1 })
            }
            (Self::Xml, [b'&', rest @ ..]) => xml(rest),
            _ => None,
        };
        escaped.unwrap_or(Step { length: 1, bytes: [text[0], 0, 0, 0], count: 1 })
    }
}

impl Step {
    fn of(length: usize, character: char) -> Self {
        let mut bytes = [0; 4];
        let count = character.encode_utf8(&mut bytes).len();
        Self { length, bytes, count }
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    u32::from_str_radix(text, 16).ok()
}

/// The escape of JSON behind a backslash.
fn json(rest: &[u8]) -> Option<Step> {
    let simple = match rest.first()? {
        byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = hex(rest.get(1..5)?)?;
            let low = rest.get(5..7).filter(|next| *next == b"\\u").and_then(|_| hex(rest.get(7..11)?));
            return Some(match (high, low) {
                (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                    let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    Step::of(12, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
                }
                _ => Step::of(6, char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER)),
            });
        }
        _ => return None,
    };
    Some(Step::of(2, simple))
}

/// The entity or reference of XML behind `&`.
fn xml(rest: &[u8]) -> Option<Step> {
    let end = rest.iter().take(10).position(|byte| *byte == b';')?;
    let character = match &rest[..end] {
        b"quot" => '"',
        b"apos" => '\'',
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some(Step::of(end + 2, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let check = |escapes: Escapes, text: &str, undone: &str, wanted: &str, place: &str| {
            assert_eq!(escapes.undone(text.as_bytes()), undone.as_bytes());
            let at = undone.find(wanted).unwrap();
            let range = escapes.place(text.as_bytes(), &(at..at + wanted.len()));
            assert_eq!(&text[range], place);
        };
        check(Escapes::Json, r#"a \"b\u0063\" \/d"#, "a \"bc\" /d", "bc", "b\\u0063");
        check(Escapes::Json, r"\ud83d\ude00x\", "\u{1f600}x\\", "x", "x");
        check(Escapes::Form, "a+b%26c%3", "a b&c%3", "&c", "%26c");
        check(Escapes::Xml, "a&quot;b&#x41;&amp;&x", "a\"bA&&x", "bA", "b&#x41;");
        check(Escapes::None, "a%20b", "a%20b", "%20", "%20");
    }
}
