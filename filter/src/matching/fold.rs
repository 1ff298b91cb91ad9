//! Comparing texts whatever the case of their letters.
//!
//! Letters beyond ASCII that have ASCII letters for lower case (the Kelvin sign, the capital I with a dot) stay as they
//! are, so that an ASCII word is found by looking at ASCII letters alone: here as in SQL.

use std::borrow::Cow;

use memchr::memchr2_iter;

/// `text` in lower case, as words are compared.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        let mut lower = character.to_lowercase();
        match lower.next() {
            Some(first) if character.is_ascii() || !first.is_ascii() => {
                folded.push(first);
                folded.extend(lower);
            }
            _ => folded.push(character),
        }
    }
    folded
}

/// A word that is looked for, whatever the case of its letters.
#[derive(Debug, Clone)]
pub struct Needle {
    folded: Box<[u8]>,
    /// Its rarest byte, for words in ASCII.
    rare: Option<Rare>,
}

/// A byte of a word, which is looked for before the others are.
#[derive(Debug, Clone, Copy)]
struct Rare {
    lower: u8,
    upper: u8,
    /// Its place in the word.
    at: usize,
}

/// Texts below this many bytes are looked at one byte after another: that takes less than to begin otherwise.
const SHORT: usize = 8;

/// Bytes that are common in URLs and heads, the most common first.
const COMMON: &[u8] = b"/etaoinsrcl.-dhmpu0123456789gfybvkw=&%_:?xjqz";

impl Needle {
    /// Looks for `word`.
    #[must_use]
    pub fn new(word: &str) -> Self {
        let folded = fold(word).into_bytes().into_boxed_slice();
        let rank = |byte: &u8| COMMON.iter().position(|common| common == byte).unwrap_or(COMMON.len());
        let bytes = folded.iter().enumerate().filter(|_| folded.is_ascii());
        let rare = bytes.max_by_key(|(_, byte)| rank(byte));
        let rare = rare.map(|(at, byte)| Rare { lower: *byte, upper: byte.to_ascii_uppercase(), at });
        Self { folded, rare }
    }

    /// The word, folded.
    pub(crate) fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.folded).ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.folded.len()
    }

    pub(crate) fn is_ascii(&self) -> bool {
        self.folded.is_ascii()
    }

    /// Where the first occurrence in `text` ends.
    #[must_use]
    #[inline]
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        let length = self.folded.len();
        let Some(Rare { lower, upper, at }) = self.rare else { return self.find_slowly(text) };
        let last = text.len().checked_sub(length)?;
        let is_here = |start: &usize| text[*start..*start + length].eq_ignore_ascii_case(&self.folded);
        let places = &text[at..=at + last];
        if places.len() < SHORT {
            let is_rare = |byte: u8| byte == lower || byte == upper;
            let start = (0..places.len()).find(|start| is_rare(places[*start]) && is_here(start));
            return start.map(|start| start + length);
        }
        memchr2_iter(lower, upper, places).find(is_here).map(|start| start + length)
    }

    fn find_slowly(&self, text: &[u8]) -> Option<usize> {
        if self.folded.is_empty() {
            return Some(0);
        }
        if text.is_ascii() {
            return None;
        }
        memchr::memmem::find(folded_bytes(text).as_bytes(), &self.folded).map(|at| at + self.folded.len())
    }

    /// Returns whether `text` begins with it. For words in ASCII.
    #[inline]
    pub(crate) fn is_prefix_of(&self, text: &[u8]) -> bool {
        text.get(..self.folded.len()).is_some_and(|start| start.eq_ignore_ascii_case(&self.folded))
    }

    /// Returns whether `text` ends with it. For words in ASCII.
    #[inline]
    pub(crate) fn is_suffix_of(&self, text: &[u8]) -> bool {
        let start = text.len().checked_sub(self.folded.len());
        start.is_some_and(|start| text[start..].eq_ignore_ascii_case(&self.folded))
    }
}

/// Bytes in lower case: UTF-8, or one character a byte.
pub(crate) fn folded_bytes(text: &[u8]) -> String {
    let text: Cow<'_, str> = match std::str::from_utf8(text) {
        Ok(text) => text.into(),
        Err(_) => text.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
    };
    fold(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case() {
        for (word, text, expect) in [
            ("", "", true),
            ("", "a", true),
            ("a", "", false),
            ("html", "text/HTML; a", true),
            ("hTmL", "xhtm", false),
            ("aab", "aaab", true),
            ("gr\u{fc}\u{df}e", "GR\u{dc}\u{df}E", true),
            ("GR\u{dc}", "gruss", false),
            ("kelvin", "\u{212a}elvin", false),
            ("\u{212a}elvin", "\u{212a}ELVIN", true),
            ("i", "\u{130}", false),
            ("\0", "a\0", true),
        ] {
            assert_eq!(Needle::new(word).find(text.as_bytes()).is_some(), expect, "{word:?} in {text:?}");
        }
    }
}
