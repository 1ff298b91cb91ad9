//! Classes of bytes, runs of them, and the places where words begin.

/// Letters and digits.
pub(super) fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Letters, digits and `_`.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Returns whether base64 for URLs may have `byte`.
pub(super) fn is_url_base64(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

/// Base64 for URLs, and the points between its pieces.
pub(super) fn is_dotted(byte: u8) -> bool {
    is_url_base64(byte) || byte == b'.'
}

/// Returns whether base64 may have `byte`, in either alphabet, or as padding.
pub(super) fn is_base64(byte: u8) -> bool {
    is_url_base64(byte) || matches!(byte, b'+' | b'/' | b'=')
}

/// Hexadecimal digits in lower case.
pub(super) fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Capitals and digits.
pub(super) fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// Hexadecimal digits and hyphens, as in UUIDs.
pub(super) fn is_uuid(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b'-'
}

/// The end of the run of bytes of a class that begins at `from`.
pub(super) fn run(text: &[u8], from: usize, class: fn(u8) -> bool) -> usize {
    let from = from.min(text.len());
    from + text[from..].iter().take_while(|byte| class(**byte)).count()
}

/// The start of the run of bytes of a class that ends before `end`, at most `most` bytes before it.
pub(super) fn run_back(text: &[u8], end: usize, most: usize, class: fn(u8) -> bool) -> usize {
    let before = text[..end].iter().rev().take(most);
    end - before.take_while(|byte| class(**byte)).count()
}

/// Returns whether a word can begin at `at`: behind something that is no letter or digit, or behind an escape.
pub(super) fn begins(text: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    !is_alnum(text[before]) || is_escaped(text, at)
}

/// The same for beginnings that are found in words as well: neither behind `-` nor `_`.
pub(super) fn begins_apart(text: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    !is_url_base64(text[before]) || is_escaped(text, at) || text[..at].ends_with(b" --")
}

/// Returns whether an escape (`\n`, `%3D`, `\u003d`) ends before `at`.
fn is_escaped(text: &[u8], at: usize) -> bool {
    let behind = &text[at.saturating_sub(6)..at];
    let is_hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match behind {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [b'\\', b'u', digits @ ..] => is_hex(digits),
        [.., b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}

/// How many different bytes there are.
pub(super) fn variety(bytes: &[u8]) -> u32 {
    let seen = bytes.iter().fold(0_u128, |seen, byte| seen | 1 << (byte & 127));
    seen.count_ones()
}

/// Returns whether it looks drawn at random: various, with digits or both cases.
pub(super) fn is_random(bytes: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| bytes.iter().any(class);
    let is_mixed = has(u8::is_ascii_digit) || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    is_mixed && variety(bytes) >= 6
}

/// The place of `wanted` in `text` from `from` on.
pub(super) fn find(text: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text.get(from..)?, wanted).map(|at| from + at)
}
