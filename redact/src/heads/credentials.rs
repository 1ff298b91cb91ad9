//! Credentials: the scheme stays, and of parameters those that say who asks, not what proves it.

use std::ops::Range;

use super::pieces::{trimmed, unquoted};
use crate::edits::Edits;
use crate::names::Treatment;
use crate::placeholder::is_all;
use crate::redactor::Redactor;

/// Schemes that have digits in them, or stand before secrets in other fields than `Authorization`.
const SCHEMES: [&str; 24] = [
    "apikey",
    "api-key",
    "aws",
    "aws4-ecdsa-p256-sha256",
    "aws4-hmac-sha256",
    "basic",
    "bearer",
    "bot",
    "digest",
    "dpop",
    "geniekey",
    "goog4-hmac-sha256",
    "hawk",
    "hoba",
    "key",
    "mac",
    "negotiate",
    "ntlm",
    "oauth",
    "sharedkey",
    "signature",
    "ssws",
    "token",
    "usernametoken",
];
/// Schemes with one credential behind them, whatever characters it has.
const WHOLE: [&str; 7] = ["basic", "bearer", "bot", "geniekey", "negotiate", "ntlm", "ssws"];
/// Parameters that are no secrets.
const KNOWN: [&str; 29] = [
    "algorithm",
    "app",
    "charset",
    "created",
    "credential",
    "dlg",
    "expires",
    "headers",
    "id",
    "keyid",
    "nc",
    "oauth_callback",
    "oauth_consumer_key",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_version",
    "profile",
    "qop",
    "realm",
    "signedheaders",
    "stale",
    "timestamp",
    "ts",
    "uri",
    "userhash",
    "username",
    "version",
    "scope",
    "error",
];

impl Redactor<'_> {
    /// The value of `Authorization`, or of another field with credentials.
    pub(super) fn credentials(&mut self, treatment: Treatment<'_>, value: &[u8]) -> Option<Vec<u8>> {
        let scheme = scheme(value).unwrap_or_default();
        let is_whole = WHOLE.iter().any(|name| value[scheme.clone()].eq_ignore_ascii_case(name.as_bytes()));
        let rest = trimmed(value, scheme.end..value.len());
        let mut edits = Edits::new(value);
        for secret in if is_whole { vec![rest] } else { secrets(value, rest) } {
            let found = &value[secret.clone()];
            // The credential for the proxy itself is never recorded.
            let is_gone = found.is_empty() || found == b"[redacted]" || is_all(found);
            if !is_gone {
                self.replacer.put(treatment.kind, treatment.how, found, edits.replace(&secret));
            }
        }
        edits.finish(value.len())
    }
}

/// The scheme with which `value` begins, if something stands behind it.
pub(super) fn scheme(value: &[u8]) -> Option<Range<usize>> {
    let end = value.iter().position(|byte| matches!(byte, b' ' | b'\t'))?;
    let word = &value[..end];
    // A word that looks like no scheme may be a secret itself.
    let is_name = word.len() <= 24 && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    (is_known(word) || is_name && word.first().is_some_and(u8::is_ascii_uppercase)).then_some(0..end)
}

/// Returns whether `value` begins with a scheme that is well known.
pub(super) fn begins_with_scheme(value: &[u8]) -> bool {
    scheme(value).is_some_and(|scheme| is_known(&value[scheme]))
}

fn is_known(word: &[u8]) -> bool {
    SCHEMES.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// The secrets in what stands behind a scheme: the values of parameters, or all of it.
fn secrets(text: &[u8], rest: Range<usize>) -> Vec<Range<usize>> {
    let parameters: Option<Vec<_>> =
        commas(text, rest.clone()).into_iter().map(|piece| parameter(text, piece)).collect();
    match parameters {
        Some(parameters) if !parameters.is_empty() => {
            let is_secret =
                |name: &[u8]| !KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
            let secrets = parameters.into_iter().filter(|(name, _)| is_secret(&text[name.clone()]));
            secrets.map(|(_, value)| value).collect()
        }
        _ => vec![rest],
    }
}

/// The pieces of `range` between commas that stand in no quotes.
fn commas(text: &[u8], range: Range<usize>) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut quoted, mut escaped) = (Vec::new(), range.start, false, false);
    for at in range.clone() {
        match text[at] {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                pieces.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(start..range.end);
    pieces.into_iter().map(|piece| trimmed(text, piece)).filter(|piece| !piece.is_empty()).collect()
}

/// The name and the value of a parameter. `abc==` is base64.
fn parameter(text: &[u8], piece: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let mut equals = piece.start + memchr::memchr(b'=', &text[piece.clone()])?;
    // `UsernameToken Username="…"` of WSSE, or a second scheme.
    let name = trimmed(text, piece.start..equals);
    let space = text[name.clone()]
        .iter()
        .rposition(|byte| *byte == b' ')
        .map_or(name.start, |at| name.start + at + 1);
    let name = space..name.end;
    let is_name = !name.is_empty()
        && text[name.clone()].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    equals += 1;
    let value = unquoted(text, trimmed(text, equals..piece.end));
    let is_padding = text[equals..piece.end].iter().all(|byte| *byte == b'=');
    (is_name && !is_padding).then_some((name, value))
}
