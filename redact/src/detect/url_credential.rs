//! Credentials in URLs: `scheme://user:password@host`.

use std::ops::Range;

use super::bytes::{is_random, is_url_base64};
use super::plausible::is_blank;

/// Bytes between a URL's `://` and its `@`, at most.
const LONGEST: usize = 512;
/// Tokens that stand in place of a user are as long as this, at least.
const TOKEN: usize = 20;

fn ends_authority(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || byte.is_ascii_control()
        || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\')
}

/// Where the authority begins in which the `@` at `at` stands.
pub(super) fn authority(text: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(LONGEST);
    let slash = from + text[from..at].iter().rposition(|byte| ends_authority(*byte))?;
    let before = &text[..=slash];
    (before.ends_with(b"://") || before.ends_with(b":\\/\\/")).then_some(slash + 1)
}

/// The secret part of the authority in which the `@` at `at` stands: the password, or a token without one.
pub(super) fn find(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = authority(text, at)?;
    // A password may hold an `@` by mistake.
    let end =
        start + text[start..].iter().position(|byte| ends_authority(*byte)).unwrap_or(text.len() - start);
    let last = start + text[start..end].iter().rposition(|byte| *byte == b'@')?;
    let credential = &text[start..last];
    match credential.iter().position(|byte| *byte == b':') {
        Some(colon) => {
            let password = &credential[colon + 1..];
            (!is_blank(password)).then_some(start + colon + 1..last)
        }
        None => {
            let is_token = credential.len() >= TOKEN
                && credential.iter().all(|byte| is_url_base64(*byte))
                && credential.iter().any(u8::is_ascii_digit)
                && is_random(credential);
            is_token.then_some(start..last)
        }
    }
}

/// The password in `jdbc:oracle:thin:user/password@…`, which begins at `at`.
pub(super) fn oracle(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at + b"jdbc:oracle:".len();
    let ends = |byte: u8| {
        byte.is_ascii_whitespace() || byte.is_ascii_control() || matches!(byte, b'"' | b'\'' | b'@')
    };
    let rest = &text[from..text.len().min(from + LONGEST)];
    let end = from + rest.iter().position(|byte| ends(*byte))?;
    let slash = from + memchr::memchr(b'/', &text[from..end])?;
    (text[end] == b'@' && slash + 1 < end && !is_blank(&text[slash + 1..end])).then_some(slash + 1..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_oracle() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(oracle(text.as_bytes(), 0).map(|range| &text[range]), expect, "{text}");
        };
        check("jdbc:oracle:thin:app/hunter2@//db:1521/ORCL", Some("hunter2"));
        check("jdbc:oracle:oci8:scott/tiger1@db", Some("tiger1"));
        check("jdbc:oracle:thin:@//db:1521/ORCL", None);
        check("jdbc:oracle:thin:@db:1521:x", None);
    }

    #[test]
    fn credentials() {
        let check = |text: &str, expect: Option<&str>| {
            let at = text.find('@').unwrap();
            assert_eq!(find(text.as_bytes(), at).map(|range| &text[range]), expect, "{text}");
        };
        check("see postgres://app:s3cr3t@db.example:5432/x", Some("s3cr3t"));
        check("redis://:p4ss@cache", Some("p4ss"));
        check("https://me:p@ss@host.example/a@b", Some("p@ss"));
        check("https:\\/\\/me:pass1@host", Some("pass1"));
        check("https://0123456789abcdef0123@host", Some("0123456789abcdef0123"));
        check("ssh://git@github.com/x", None);
        check("https://medium.com/@user", None);
        check("mailto:a@b.example", None);
        check("postgres://user:${PASSWORD}@host", None);
        check("postgres://user:<password>@host", None);
        check("http://host:80 me@b.example", None);
    }
}
