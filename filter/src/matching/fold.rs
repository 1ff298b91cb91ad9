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

/// A word that is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Needle {
    folded: Box<[u8]>,
    /// Its first byte in both cases; for words in ASCII.
    first: Option<[u8; 2]>,
}

impl Needle {
    pub(crate) fn new(word: &str) -> Self {
        let folded = fold(word).into_bytes().into_boxed_slice();
        let first = folded.first().filter(|_| folded.is_ascii());
        let first = first.map(|first| [*first, first.to_ascii_uppercase()]);
        Self { folded, first }
    }

    pub(crate) fn len(&self) -> usize {
        self.folded.len()
    }

    pub(crate) fn is_ascii(&self) -> bool {
        self.folded.is_ascii()
    }

    /// Where the first occurrence in `text` ends.
    #[inline]
    pub(crate) fn find(&self, text: &[u8]) -> Option<usize> {
        let length = self.folded.len();
        let Some([lower, upper]) = self.first else { return self.find_slowly(text) };
        let last = text.len().checked_sub(length)?;
        memchr2_iter(lower, upper, &text[..=last])
            .find(|at| text[*at..*at + length].eq_ignore_ascii_case(&self.folded))
            .map(|at| at + length)
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
