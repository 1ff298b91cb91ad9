//! Codes that people copy, in the messages that bring them: `Your verification code is 482913`,
//! `482913 is your login code`.

use std::ops::Range;

use super::bytes::{run, run_back};

/// Bytes between the words and the code, at most.
const BETWEEN: usize = 40;
/// Digits of a code.
const LENGTH: std::ops::RangeInclusive<usize> = 4..=8;

/// The code that belongs to the words that begin at `at`.
pub(super) fn code(text: &[u8], at: usize) -> Option<Range<usize>> {
    let word = run(text, at, |byte| byte.is_ascii_alphabetic() || byte == b'-');
    let nouns: [&[u8]; 2] = [b" code", b" password"];
    let noun = nouns.iter().find(|noun| text[word..].starts_with(noun))?;
    behind(text, word + noun.len()).or_else(|| before(text, at))
}

/// `… code is 482913`, `… code for Acme: G-482913`; the next sentence is about something else.
fn behind(text: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = &text[from..text.len().min(from + BETWEEN)];
    let digit = rest.iter().position(u8::is_ascii_digit)?;
    let between = &rest[..digit];
    let ends = |byte: &u8| matches!(byte, b'.' | b'\n' | b'\r' | b'"' | b'!' | b'?' | b'<');
    let says = |word: &[u8]| memchr::memmem::find(between, word).is_some();
    let is_said = says(b":") || says(b" is ") || says(b" is: ");
    (is_said && !between.iter().any(ends)).then(|| digits(text, from + digit))?
}

/// `482913 is your … code`
fn before(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at.saturating_sub(BETWEEN);
    let is = from + memchr::memmem::rfind(&text[from..at], b" is your ")?;
    let start = run_back(text, is, *LENGTH.end() + 1, |byte| byte.is_ascii_digit() || byte == b'-');
    // `G-482913`
    let start = start + usize::from(text[start] == b'-');
    digits(text, start).filter(|code| code.end == is)
}

/// The code that begins at `from`, alone or in two groups.
fn digits(text: &[u8], from: usize) -> Option<Range<usize>> {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let end = from + text[from..].iter().take_while(|byte| is_part(byte)).count();
    let count = text[from..end].iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_over = text.get(end).is_none_or(|next| !next.is_ascii_alphanumeric());
    let is_apart = from.checked_sub(1).is_none_or(|before| !text[before].is_ascii_alphanumeric());
    let ends_in_digit = end > from && text[end - 1].is_ascii_digit();
    (LENGTH.contains(&count) && end - from <= count + 1 && is_over && is_apart && ends_in_digit)
        .then_some(from..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let check = |text: &str, expect: Option<&str>| {
            let at = ["verification", "security", "login", "one-time"]
                .iter()
                .find_map(|word| text.find(word))
                .unwrap();
            assert_eq!(code(text.as_bytes(), at).map(|range| &text[range]), expect, "{text}");
        };
        check("Your Acme verification code is 482913", Some("482913"));
        check("Your verification code is: 482-913.", Some("482-913"));
        check("Your security code: 4829", Some("4829"));
        check("482913 is your Acme login code", Some("482913"));
        check("G-482913 is your Google verification code.", Some("482913"));
        check("Your one-time password is: 48291377", Some("48291377"));
        check("Your login page is 482913", None);
        check("the verification code is sent to +49 151", None);
        check("verification code is valid for 10 minutes", None);
        check("the verification code has 6 digits", None);
        check("verification code. Order: 482913", None);
        check("verification code: 2024-10-27", None);
        check("card security code: required", None);
    }
}
