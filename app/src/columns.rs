//! Texts that fit a number of a terminal's columns.
//!
//! A character takes none, one or two of them (UAX #11). Nothing that was cut is longer than asked for, so that no line
//! wraps.

use unicode_width::UnicodeWidthStr as _;

const CUT: &str = "\u{2026}";

/// The columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text`, cut at its end to at most `columns`.
pub(crate) fn cut_end(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    match columns.checked_sub(1) {
        Some(left) => beginning(text, left).to_owned() + CUT,
        None => String::new(),
    }
}

/// `text`, cut in the middle to at most `columns`: of a URL both the host and the end tell something.
pub(crate) fn cut_middle(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(left) = columns.checked_sub(1) else { return String::new() };
    let begin = beginning(text, left - left / 3);
    format!("{begin}{CUT}{}", end(text, left / 3))
}

/// `text`, with spaces behind it up to `columns`.
pub(crate) fn pad_end(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text`, with spaces before it up to `columns`.
pub(crate) fn pad_start(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// As much of the beginning as fits.
fn beginning(text: &str, columns: usize) -> &str {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    let last = ends.take_while(|end| width(&text[..*end]) <= columns).last();
    &text[..last.unwrap_or(0)]
}

/// As much of the end as fits.
fn end(text: &str, columns: usize) -> &str {
    let starts = text.char_indices().rev().map(|(at, _)| at);
    let first = starts.take_while(|start| width(&text[*start..]) <= columns).last();
    &text[first.unwrap_or(text.len())..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_columns() {
        for (text, columns, at_end, in_middle) in [
            ("abcdef", 6, "abcdef", "abcdef"),
            ("abcdefgh", 7, "abcdef\u{2026}", "abcd\u{2026}gh"),
            ("abcdef", 1, "\u{2026}", "\u{2026}"),
            ("abcdef", 0, "", ""),
            // Two columns each: one is left over.
            ("\u{4f60}\u{597d}\u{4e16}\u{754c}", 6, "\u{4f60}\u{597d}\u{2026}", "\u{4f60}\u{597d}\u{2026}"),
            // Two signs that take no column of their own.
            ("e\u{301}e\u{301}e", 2, "e\u{301}\u{2026}", "e\u{301}\u{2026}"),
        ] {
            assert_eq!(cut_end(text, columns), at_end, "{text} to {columns}");
            assert_eq!(cut_middle(text, columns), in_middle, "{text} to {columns}");
        }
    }

    #[test]
    fn nothing_is_longer_than_asked_for() {
        let text =
            "https://\u{4f60}\u{597d}.example/e\u{301}/\u{1f44d}\u{1f3fd}/\u{263a}\u{fe0f}/\u{e9}?a=1&b=2";
        for columns in 0..=width(text) + 1 {
            for cut in [cut_end(text, columns), cut_middle(text, columns)] {
                assert!(width(&cut) <= columns, "{cut} in {columns}");
            }
        }
    }

    #[test]
    fn texts_are_filled_up() {
        assert_eq!((pad_end("\u{4f60}", 3), pad_start("a", 3)), ("\u{4f60} ".to_owned(), "  a".to_owned()));
        assert_eq!(pad_end("abc", 2), "abc");
    }
}
