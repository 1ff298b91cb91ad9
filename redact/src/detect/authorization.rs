//! Credentials of HTTP in text, as logs and commands have them: `Authorization: …`, `Bearer …`, `Cookie: …`, `curl -u`.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::{GeneralPurpose, general_purpose::PAD};

use super::bytes::{begins_apart, is_alnum, is_base64, is_dotted, is_random, is_url_base64, run, run_back};
use super::plausible::{is_blank, is_prose};

/// Base64 with or without padding.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    PAD.with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);
/// Schemes of authentication, in lower case.
const SCHEMES: [&str; 17] = [
    "apikey",
    "api-key",
    "aws4-hmac-sha256",
    "basic",
    "bearer",
    "bot",
    "digest",
    "dpop",
    "geniekey",
    "key",
    "negotiate",
    "ntlm",
    "oauth",
    "splunk",
    "sso-key",
    "ssws",
    "token",
];

/// The token behind `Bearer `, which stands at `at`.
pub(super) fn bearer(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = run(text, at + b"bearer".len(), |byte| matches!(byte, b' ' | b'\t'));
    let mut end = run(text, from, |byte| is_dotted(byte) || is_base64(byte) || byte == b'~');
    while end > from && text[end - 1] == b'.' {
        end -= 1;
    }
    let token = &text[from..end];
    let is_token = end - from >= 16 && is_random(token) && token.iter().any(u8::is_ascii_digit);
    (begins_apart(text, at) && is_token && !is_blank(token)).then_some(from..end)
}

/// The credential behind `Basic `, which stands at `at`: base64 of a name, a colon and a password.
pub(super) fn basic(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at + b"basic ".len();
    let end = run(text, from, |byte| is_alnum(byte) || matches!(byte, b'+' | b'/' | b'='));
    let decoded = ENGINE.decode(&text[from..end]).ok()?;
    let is_credential = decoded.contains(&b':') && decoded.iter().all(|byte| *byte >= 0x20 && *byte != 0x7f);
    (begins_apart(text, at) && end - from >= 4 && is_credential).then_some(from..end)
}

/// The credential of the field in whose name `orization` stands at `at`, without its scheme.
pub(super) fn authorization(text: &[u8], at: usize) -> Option<Range<usize>> {
    let name = run_back(text, at, 24, is_url_base64);
    let value = value(text, name, at + b"orization".len())?;
    let word =
        value.start + text[value.clone()].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    let is_scheme =
        SCHEMES.iter().any(|scheme| text[value.start..word].eq_ignore_ascii_case(scheme.as_bytes()));
    let from = if is_scheme { run(text, word, |byte| matches!(byte, b' ' | b'\t')) } else { value.start };
    let credential = text.get(from..value.end)?;
    // `none supplied, request 17`
    let first = credential.split(|byte| matches!(byte, b' ' | b',')).next().unwrap_or_default();
    if !is_scheme && first.len() < credential.len() && is_blank(first) {
        return None;
    }
    let is_secret = credential.len() >= 6
        && !is_blank(credential)
        && !is_prose(credential)
        && (credential.iter().any(u8::is_ascii_digit)
            || is_random(credential)
            || is_scheme && !credential.contains(&b' '));
    is_secret.then_some(from..value.end)
}

/// Names and values of the cookies in the field whose name ends in `ookie`, at `at`.
pub(super) fn cookies(text: &[u8], at: usize, mut each: impl FnMut(Range<usize>, Range<usize>)) {
    let name = run_back(text, at, 24, is_url_base64);
    let field = &text[name..at + b"ookie".len()];
    let is_set = field.eq_ignore_ascii_case(b"set-cookie");
    if !is_set && !field.eq_ignore_ascii_case(b"cookie") && !field.eq_ignore_ascii_case(b"--cookie") {
        return;
    }
    if let Some(value) = value(text, name, at + b"ookie".len()) {
        pairs(text, value, is_set, &mut each);
    }
}

/// Names and values in the argument of `-b ` at `at`.
pub(super) fn cookie_argument(text: &[u8], at: usize, mut each: impl FnMut(Range<usize>, Range<usize>)) {
    if is_argument(text, at) {
        let value = quoted_or_word(text, at + b"-b ".len());
        pairs(text, value, false, &mut each);
    }
}

/// The password in the argument of `-u `, at `at`.
pub(super) fn user_argument(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at + if text[at..].starts_with(b"--user ") { b"--user ".len() } else { b"-u ".len() };
    let value = quoted_or_word(text, run(text, from, |byte| byte == b' '));
    let colon = value.start + text[value.clone()].iter().position(|byte| *byte == b':')?;
    let password = &text[colon + 1..value.end];
    let is_number = text[value.clone()].iter().all(|byte| byte.is_ascii_digit() || *byte == b':');
    let is_secret =
        is_argument(text, at) && !is_number && !password.starts_with(b"//") && !is_blank(password);
    is_secret.then_some(colon + 1..value.end)
}

fn is_argument(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| matches!(text[before], b' ' | b'\t' | b'\n'))
}

/// The argument that begins at `from`, without its quotes.
pub(super) fn quoted_or_word(text: &[u8], from: usize) -> Range<usize> {
    match text.get(from) {
        Some(quote @ (b'"' | b'\'')) => {
            let end = memchr::memchr2(*quote, b'\n', &text[from + 1..]);
            from + 1..end.map_or(text.len(), |end| from + 1 + end)
        }
        _ => from..run(text, from, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'')),
    }
}

fn pairs(
    text: &[u8],
    value: Range<usize>,
    only_first: bool,
    each: &mut impl FnMut(Range<usize>, Range<usize>),
) {
    let mut start = value.start;
    while start < value.end {
        let end = memchr::memchr(b';', &text[start..value.end]).map_or(value.end, |end| start + end);
        let pair = run(text, start, |byte| byte == b' ')..end;
        if let Some(equals) = text.get(pair.clone()).and_then(|pair| memchr::memchr(b'=', pair)) {
            let equals = pair.start + equals;
            let is_name = equals > pair.start && !text[pair.start..equals].contains(&b' ');
            let cookie = equals + 1..equals + 1 + text[equals + 1..end].trim_ascii_end().len();
            if is_name && !is_blank(&text[cookie.clone()]) {
                each(pair.start..equals, cookie);
            }
        }
        if only_first {
            return;
        }
        start = end + 1;
    }
}

/// The value of a header field in text, whose name lies at `name..name_end`: to the quotation mark that closes it or
/// the field, or to the line's end.
fn value(text: &[u8], name: usize, name_end: usize) -> Option<Range<usize>> {
    let is_mark = |byte: u8| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b' ' | b'\t');
    let after = run(text, name_end, is_mark);
    let colon = text.get(after).filter(|byte| matches!(byte, b':' | b'='))?;
    let arrow = usize::from(*colon == b'=' && text.get(after + 1) == Some(&b'>'));
    let mut from = run(text, after + 1 + arrow, is_mark);
    let opened = text[after + 1..from].iter().rev().find(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let before = name.checked_sub(1).map(|before| text[before]);
    let quote = opened.copied().or(before.filter(|byte| matches!(byte, b'"' | b'\'' | b'`')));
    // `["…"]`, as dumps of headers have it.
    if text.get(from) == Some(&b'[') && text.get(from + 1) == Some(&b'"') {
        from += 2;
        return Some(from..until(text, from, Some(b'"')));
    }
    Some(from..until(text, from, quote))
}

fn until(text: &[u8], from: usize, quote: Option<u8>) -> usize {
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'\\') || Some(*byte) == quote;
    let end = text[from..].iter().position(ends).map_or(text.len(), |end| from + end);
    from + text[from..end].trim_ascii_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let check = |text: &str, expect: Option<&str>| {
            let at = text.to_ascii_lowercase().find("orization").unwrap();
            assert_eq!(authorization(text.as_bytes(), at).map(|range| &text[range]), expect, "{text}");
        };
        check("> Authorization: Bearer abc.def.123\n> X: y", Some("abc.def.123"));
        check("curl -H \"Authorization: token a1b2c3d4\" https://x", Some("a1b2c3d4"));
        check("curl -H 'Authorization: Basic dXNlcjpwYXNz' x", Some("dXNlcjpwYXNz"));
        check("{\"authorization\":\"Bearer a1b2c3d4\",\"x\":1}", Some("a1b2c3d4"));
        check("{\\\"authorization\\\":\\\"Bearer a1b2c3d4\\\",\\\"x\\\":1}", Some("a1b2c3d4"));
        check(
            "Authorization: Digest username=\"u\", response=\"12ab\"",
            Some("username=\"u\", response=\"12ab\""),
        );
        check("Authorization: Bearer <token>", None);
        check("authorization: required", None);
        check("the authorization is missing", None);
        check("Authorization: you must sign in", None);
        check("Authorization: Bearer $TOKEN", None);
    }

    #[test]
    fn schemes() {
        assert_eq!(bearer(b"Bearer a1b2c3d4e5f6a7b8.", 0), Some(7..23));
        assert_eq!(bearer(b"bearer of bad news 1234", 0), None);
        assert_eq!(basic(b"Basic dXNlcjpwYXNz", 0), Some(6..18));
        assert_eq!(basic(b"Basic authentication", 0), None);
    }

    #[test]
    fn cookies_and_arguments() {
        let check = |text: &str, expect: &[&str]| {
            let mut found = Vec::new();
            let at = text.find("ookie").unwrap();
            cookies(text.as_bytes(), at, |_, value| found.push(&text[value]));
            assert_eq!(found, expect, "{text}");
        };
        check("Cookie: a=1x; sid=abc\nX", &["1x", "abc"]);
        check("-H 'Cookie: sid=abc' x=y", &["abc"]);
        check("Set-Cookie: sid=abc; Path=/; HttpOnly", &["abc"]);
        check("Cookie: we use cookies to track you", &[]);
        check("the cookie = sweet", &[]);
        assert_eq!(user_argument(b"curl -u me:hunter2 x", 5), Some(11..18));
        assert_eq!(user_argument(b"run -u 1000:1000 x", 4), None);
    }
}
