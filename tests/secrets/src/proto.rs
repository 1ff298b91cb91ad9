//! Protobuf messages in a short notation: `1="text" 2=17 3={ 1='more' }`.

use crate::marked::{Mark, Marked};

/// The message that `notation` is.
///
/// # Errors
/// The fault for which it can't be read.
pub fn message(notation: &Marked) -> Result<Marked, String> {
    let mut reader = Reader { notation, at: 0 };
    let message = reader.fields(None)?;
    Ok(message)
}

struct Reader<'n> {
    notation: &'n Marked,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.notation.bytes.get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn fields(&mut self, end: Option<u8>) -> Result<Marked, String> {
        let mut out = Marked::default();
        loop {
            self.skip_spaces();
            if self.peek() == end {
                self.at += 1;
                return Ok(out);
            }
            let number = self.number()?;
            if self.peek() != Some(b'=') {
                return Err(format!("no = after field {number}"));
            }
            self.at += 1;
            match self.peek() {
                Some(quote @ (b'"' | b'\'')) => {
                    let text = self.quoted(quote)?;
                    delimited(number, &text, &mut out);
                }
                Some(b'{') => {
                    self.at += 1;
                    let inner = self.fields(Some(b'}'))?;
                    delimited(number, &inner, &mut out);
                }
                _ => {
                    varint(number << 3, &mut out);
                    let value = self.number()?;
                    varint(value, &mut out);
                }
            }
        }
    }

    fn number(&mut self) -> Result<u64, String> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = String::from_utf8_lossy(&self.notation.bytes[start..self.at]);
        digits.parse().map_err(|_| format!("no number at byte {start}"))
    }

    fn quoted(&mut self, quote: u8) -> Result<Marked, String> {
        let start = self.at + 1;
        let length = self.notation.bytes[start..].iter().position(|byte| *byte == quote);
        let end = start + length.ok_or("a text does not end")?;
        self.at = end + 1;
        Ok(self.notation.part(start..end))
    }
}

fn varint(mut value: u64, out: &mut Marked) {
    while value >= 0x80 {
        out.bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.bytes.push(value as u8);
}

fn delimited(number: u64, inner: &Marked, out: &mut Marked) {
    varint(number << 3 | 2, out);
    varint(inner.bytes.len() as u64, out);
    let start = out.bytes.len();
    out.bytes.extend_from_slice(&inner.bytes);
    let moved = inner
        .marks
        .iter()
        .map(|mark| Mark { range: mark.range.start + start..mark.range.end + start, ..mark.clone() });
    out.marks.extend(moved);
}
