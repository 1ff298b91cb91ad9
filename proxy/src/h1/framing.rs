//! Where a message's body ends: the one place that decides it (RFC 9112 §6.3), strictly.

use dashcam_exchange::{Headers, Version};

/// How a body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    None,
    /// By `Content-Length`.
    Length(u64),
    /// In chunks.
    Chunked,
    /// By the end of the connection (responses only).
    UntilClose,
}

/// Framing that two parsers might read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadFraming {
    #[error("both Content-Length and Transfer-Encoding are there (RFC 9112 §6.1)")]
    Both,
    #[error("Transfer-Encoding is not just \u{201c}chunked\u{201d} (RFC 9112 §6.1)")]
    Coding,
    #[error("Transfer-Encoding in an HTTP/1.0 message (RFC 9112 §6.1)")]
    CodingInHttp10,
    #[error("Content-Length is no number, or there are several (RFC 9112 §6.3)")]
    Length,
}

/// A request's framing.
pub(crate) fn request(version: Version, headers: &Headers) -> Result<Framing, BadFraming> {
    let mut lengths = headers.all("content-length");
    if lengths.next().is_some_and(|value| length(value).is_none()) || lengths.next().is_some() {
        return Err(BadFraming::Length);
    }
    Ok(declared(version, headers)?.unwrap_or(Framing::None))
}

/// The framing of the response with `status` to a request with `method`.
pub(crate) fn response(
    method: &str,
    status: u16,
    version: Version,
    headers: &Headers,
) -> Result<Framing, BadFraming> {
    let tunnel = method == "CONNECT" && (200..300).contains(&status);
    if method == "HEAD" || tunnel || never_has_body(status) {
        return Ok(Framing::None);
    }
    Ok(declared(version, headers)?.unwrap_or(Framing::UntilClose))
}

/// Returns whether responses with `status` never have a body, whatever their fields say.
pub(crate) fn never_has_body(status: u16) -> bool {
    status < 200 || status == 204 || status == 304
}

fn declared(version: Version, headers: &Headers) -> Result<Option<Framing>, BadFraming> {
    if headers.contains("transfer-encoding") {
        if headers.contains("content-length") {
            return Err(BadFraming::Both);
        }
        if version == Version::Http10 {
            return Err(BadFraming::CodingInHttp10);
        }
        let mut codings = headers.all("transfer-encoding");
        let chunked = codings.next().is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"));
        return if chunked && codings.next().is_none() {
            Ok(Some(Framing::Chunked))
        } else {
            Err(BadFraming::Coding)
        };
    }
    if !headers.contains("content-length") {
        return Ok(None);
    }
    let mut lengths = headers.all("content-length").flat_map(|value| value.split(|byte| *byte == b','));
    let Some(first) = lengths.next() else { return Ok(None) };
    // Several that say the same are one (RFC 9110 §8.6); requests were held to more than that already.
    let number = length(first).ok_or(BadFraming::Length)?;
    if lengths.any(|other| length(other) != Some(number)) {
        return Err(BadFraming::Length);
    }
    Ok(Some(Framing::Length(number)))
}

/// The number that a length says: digits and nothing else, white space around them apart.
pub(crate) fn length(text: &[u8]) -> Option<u64> {
    let white = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text.iter().take_while(|byte| white(byte)).count();
    let end = text.iter().rposition(|byte| !white(byte))? + 1;
    text[start..end].iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Returns whether a response without a body has fields that promise one, which another reader may go by: the
/// bytes behind it can't be trusted to be the next response.
pub(crate) fn leaves_doubt(status: u16, headers: &Headers) -> bool {
    let promised = || headers.all("content-length").any(|value| length(value) != Some(0));
    (status == 204 || status < 200) && (promised() || headers.contains("transfer-encoding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[(&str, &str)], version: Version, expect: Result<Framing, BadFraming>) {
        let headers: Headers = fields.iter().copied().collect();
        assert_eq!(request(version, &headers), expect, "{fields:?}");
    }

    #[test]
    fn requests() {
        use Version::{Http10, Http11};
        check(&[], Http11, Ok(Framing::None));
        check(&[("Content-Length", "0")], Http11, Ok(Framing::Length(0)));
        check(&[("content-length", "42")], Http10, Ok(Framing::Length(42)));
        check(&[("Transfer-Encoding", "Chunked")], Http11, Ok(Framing::Chunked));
        check(&[("Transfer-Encoding", "chunked")], Http10, Err(BadFraming::CodingInHttp10));
        check(&[("Transfer-Encoding", "chunked"), ("Content-Length", "3")], Http11, Err(BadFraming::Both));
        for coding in ["gzip, chunked", "chunked, chunked", "identity", "xchunked", "", "chunked,"] {
            check(&[("Transfer-Encoding", coding)], Http11, Err(BadFraming::Coding));
        }
        check(
            &[("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
            Http11,
            Err(BadFraming::Coding),
        );
        for length in ["", "+1", "-1", "1,1", "0x1", "1 1", "18446744073709551616"] {
            check(&[("Content-Length", length)], Http11, Err(BadFraming::Length));
        }
        check(&[("Content-Length", "1"), ("Content-Length", "1")], Http11, Err(BadFraming::Length));
    }

    #[test]
    fn responses_without_a_body() {
        let headers: Headers = [("Content-Length", "5")].into_iter().collect();
        for (method, status, expect) in [
            ("HEAD", 200, Framing::None),
            ("GET", 204, Framing::None),
            ("GET", 304, Framing::None),
            ("GET", 200, Framing::Length(5)),
        ] {
            assert_eq!(response(method, status, Version::Http11, &headers), Ok(expect), "{method} {status}");
        }
        assert_eq!(response("GET", 200, Version::Http11, &Headers::default()), Ok(Framing::UntilClose));
    }

    #[test]
    fn responses_may_repeat_their_length() {
        let five = Ok(Framing::Length(5));
        for (second, expect) in [
            ("5", five),
            ("5, 5", five),
            ("6", Err(BadFraming::Length)),
            ("5,6", Err(BadFraming::Length)),
            ("5,", Err(BadFraming::Length)),
        ] {
            let headers: Headers =
                [("Content-Length", "5"), ("Content-Length", second)].into_iter().collect();
            assert_eq!(response("GET", 200, Version::Http11, &headers), expect, "{second}");
        }
    }
}
