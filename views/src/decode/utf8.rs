//! UTF-8, counted piece by piece.

/// Bytes that are looked at together with the beginning of a character before them.
const PIECE: usize = 8 << 10;

/// A check whether pieces are UTF-8 together, and how much of them is not.
#[derive(Debug, Default)]
pub(crate) struct Utf8 {
    /// The beginning of a character that a piece ended within.
    begun: Vec<u8>,
    total: u64,
    /// Characters of more than one byte.
    long: u64,
    /// Sequences that are no character.
    bad: u64,
}

impl Utf8 {
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.total += piece.len() as u64;
        for bytes in piece.chunks(PIECE) {
            let all = [self.begun.as_slice(), bytes].concat();
            self.begun.clear();
            let mut chunks = all.utf8_chunks().peekable();
            while let Some(chunk) = chunks.next() {
                self.long += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count() as u64;
                let is_last = chunks.peek().is_none();
                match chunk.invalid() {
                    [] => {}
                    rest if is_last && is_begun(rest) => self.begun.extend_from_slice(rest),
                    _ => self.bad += 1,
                }
            }
        }
    }

    /// Returns whether they were. What is `truncated` may end within a character.
    pub(crate) fn end(&self, truncated: bool) -> bool {
        self.bad == 0 && (truncated || self.begun.is_empty())
    }

    /// Returns whether nearly all of them is: at most one byte of 200 is not, or one character of five beyond ASCII.
    pub(super) fn is_nearly(&self) -> bool {
        let bad = self.bad + u64::from(!self.begun.is_empty());
        bad * 200 <= self.total || self.has_long() && bad * 4 <= self.long
    }

    /// Returns whether there are characters beyond ASCII.
    pub(super) fn has_long(&self) -> bool {
        self.long > 0
    }
}

/// Returns whether more bytes could make a character of `bytes`.
fn is_begun(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_nearly_all() {
        let check = |bytes: &[u8], truncated, expect: (bool, bool)| {
            let (mut whole, mut pieces) = (Utf8::default(), Utf8::default());
            whole.push(bytes);
            bytes.iter().for_each(|byte| pieces.push(&[*byte]));
            for utf8 in [whole, pieces] {
                assert_eq!((utf8.end(truncated), utf8.is_nearly()), expect, "{}", bytes.escape_ascii());
            }
        };
        check(b"", false, (true, true));
        check("a\u{fc}\u{4e2d}\u{1f600}".as_bytes(), false, (true, true));
        check(b"gr\xf6\xdfe", false, (false, false));
        check("\u{fc}".as_bytes().split_last().unwrap().1, true, (true, false));
        check("\u{fc}".as_bytes().split_last().unwrap().1, false, (false, false));
        check(&[&[b'a'; 200][..], b"\xff"].concat(), false, (false, true));
        check(&["\u{fc}".repeat(4).as_bytes(), b"\xff"].concat(), false, (false, true));
    }
}
