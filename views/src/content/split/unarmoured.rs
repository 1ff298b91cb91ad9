//! gRPC-Web's text form: pieces of base64 that follow each other, each with its padding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Undoes it while the text comes.
#[derive(Debug, Default)]
pub(super) struct Unarmoured {
    /// Characters of a group of four that is not whole yet.
    open: Vec<u8>,
    /// True once the text was none.
    broken: bool,
}

impl Unarmoured {
    /// The bytes that `text` stands for, as far as they are known.
    pub(super) fn push(&mut self, text: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
        for character in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
            self.open.push(*character);
            if self.open.len() < 4 || self.broken {
                continue;
            }
            match STANDARD.decode(&self.open) {
                Ok(decoded) => bytes.extend(decoded),
                Err(_) => self.broken = true,
            }
            self.open.clear();
        }
        if self.broken {
            self.open.clear();
        }
        bytes
    }

    /// Returns whether the text turned out to be no base64: the rest of it was left out.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_may_be_cut_anywhere() {
        let text = format!("{}\r\n{}", STANDARD.encode(b"a"), STANDARD.encode(b"bcde"));
        let mut undone = Unarmoured::default();
        let bytes: Vec<u8> = text.as_bytes().chunks(3).flat_map(|piece| undone.push(piece)).collect();
        assert_eq!((bytes.as_slice(), undone.is_broken()), (&b"abcde"[..], false));
        assert_eq!((undone.push(b"!!!!YWJj"), undone.is_broken()), (Vec::new(), true));
    }
}
