//! Pieces of values: between signs, without blanks, without quotes.

use std::ops::Range;

/// The pieces of `text` from `start` on between which `sign` stands.
pub(super) fn pieces(text: &[u8], start: usize, sign: u8) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let start = next?;
        let end = memchr::memchr(sign, &text[start..]).map_or(text.len(), |at| start + at);
        next = (end < text.len()).then_some(end + 1);
        Some(start..end)
    })
}

/// The range between quotes.
pub(super) fn unquoted(text: &[u8], value: Range<usize>) -> Range<usize> {
    match &text[value.clone()] {
        [b'"', .., b'"'] => value.start + 1..value.end - 1,
        [b'"', ..] => value.start + 1..value.end,
        _ => value,
    }
}

/// `range` without white space at its ends.
pub(super) fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let inside = &text[range.clone()];
    let start = range.start + (inside.len() - inside.trim_ascii_start().len());
    start..start.max(range.end - (inside.len() - inside.trim_ascii_end().len()))
}
