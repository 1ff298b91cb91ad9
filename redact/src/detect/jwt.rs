//! JSON web tokens: header and payload say nothing secret by themselves, the signature makes them valid.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};
use serde_json::Value;

use super::bytes::{begins, is_url_base64, run};

/// Base64 for URLs, with whatever bits behind the last byte.
const ENGINE: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));
/// Headers are short.
const LONGEST_HEADER: usize = 4096;

/// The signature of the token that begins at `at`; of an encrypted token, all behind its second point.
pub(super) fn signature(text: &[u8], at: usize) -> Option<Range<usize>> {
    let header = at..run(text, at, is_url_base64);
    if !begins(text, at) || header.len() > LONGEST_HEADER || text.get(header.end) != Some(&b'.') {
        return None;
    }
    let payload = run(text, header.end + 1, is_url_base64);
    if text.get(payload) != Some(&b'.') || !is_header(&text[header]) {
        return None;
    }
    let mut end = run(text, payload + 1, is_url_base64);
    while text.get(end) == Some(&b'.') && text.get(end + 1).copied().is_some_and(is_url_base64) {
        end = run(text, end + 1, is_url_base64);
    }
    (end - payload > 8).then_some(payload + 1..end)
}

/// Returns whether it is an object with an algorithm.
fn is_header(text: &[u8]) -> bool {
    let decoded = ENGINE.decode(text).ok();
    let value = decoded.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    value.is_some_and(|value| value.get("alg").is_some_and(Value::is_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures() {
        let check = |text: &str, expect: Option<&str>| {
            let at = text.find("eyJ").unwrap();
            assert_eq!(signature(text.as_bytes(), at).map(|range| &text[range]), expect, "{text}");
        };
        let header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
        check(&format!("a {header}.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9m, b"), Some("c2lnbmF0dXJlLW9m"));
        check(&format!("{header}.eyJzdWIiOiIxIn0."), None);
        check(&format!("{header}.eyJzdWIiOiIxIn0"), None);
        check(&format!("{header}.k.aXY1.Y2lwaGVy.dGFnMTIz"), Some("aXY1.Y2lwaGVy.dGFnMTIz"));
        check("eyJzdWIiOiIxIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9m", None);
    }
}
