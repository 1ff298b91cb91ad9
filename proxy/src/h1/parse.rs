//! Bytes to heads, by httparse.

use std::mem::MaybeUninit;

use bytes::{Buf, BytesMut};
use dashcam_exchange::{Headers, RequestHead, ResponseHead, Version};
use httparse::{Error, Header, ParserConfig, Status};
use memchr::{memchr_iter, memchr2_iter};

use crate::config::Limits;
use crate::h1::raw::{collect, reason};

/// Fields that are parsed without an allocation.
const USUAL_FIELDS: usize = 96;

/// The most that trailers may take, in bytes.
const LARGEST_TRAILERS: usize = 64 << 10;

/// Why a head can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadHead {
    #[error("a line of the head ends without CR LF, or has a CR inside (RFC 9112 §2.2)")]
    BareLineEnd,
    #[error("the head has more than {0} fields (limits.fields)")]
    TooManyFields(usize),
    #[error("the head is larger than {0} bytes (limits.head)")]
    TooLarge(usize),
    #[error("a field's name is malformed: {0} (RFC 9112 §5)")]
    Name(Error),
    #[error("a field's value is malformed: {0} (RFC 9110 §5.5)")]
    Value(Error),
    #[error("the first line is malformed: {0} (RFC 9112 §3, §4)")]
    FirstLine(Error),
    #[error("the target is neither a path, nor a URL, nor what the method allows (RFC 9112 §3.2)")]
    Target,
    #[error(
        "it names no host: this is a forward proxy, to be set as HTTP_PROXY and HTTPS_PROXY; \
         the page with the recording is on a port of its own (`dashcam status`)"
    )]
    NoDestination,
    #[error("the Host field is missing, repeated, or names no host (RFC 9112 §3.2)")]
    Host,
}

impl BadHead {
    /// Returns whether the head is beyond a limit, and not malformed.
    pub(crate) fn is_too_large(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::TooManyFields(_))
    }

    fn new(error: Error, limits: Limits) -> Self {
        match error {
            Error::TooManyHeaders => Self::TooManyFields(limits.fields),
            Error::HeaderName => Self::Name(error),
            Error::HeaderValue | Error::NewLine => Self::Value(error),
            Error::Token | Error::Status | Error::Version => Self::FirstLine(error),
        }
    }
}

/// A request's head with the target as on the wire.
pub(crate) struct RawRequest {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) version: Version,
    pub(crate) headers: Headers,
}

impl RawRequest {
    /// The memory that it takes, in bytes.
    pub(crate) fn footprint(&self) -> usize {
        self.headers.footprint() + self.target.capacity()
    }

    /// The head with `path` for its target, if that is not in origin form, and the authority apart.
    pub(crate) fn into_head(self, path: Option<String>, authority: Option<String>) -> RequestHead {
        let target = path.unwrap_or(self.target);
        RequestHead { method: self.method, target, authority, version: self.version, headers: self.headers }
    }
}

/// Takes a request's head off the front of `buffer`; `None` if it is not all there yet.
pub(crate) fn request(buffer: &mut BytesMut, limits: Limits) -> Result<Option<RawRequest>, BadHead> {
    skip_empty_lines(buffer);
    let Some(end) = head_end(buffer) else { return incomplete(buffer, limits) };
    within_limit(end, limits)?;
    strict_lines(&buffer[..end])?;
    let parsed = with_fields(&buffer[..end], limits, |bytes, fields| {
        let mut request = httparse::Request::new(&mut []);
        if request.parse_with_uninit_headers(bytes, fields)?.is_partial() {
            return Err(Error::Token);
        }
        Ok(RawRequest {
            method: request.method.unwrap_or_default().to_owned(),
            target: request.path.unwrap_or_default().to_owned(),
            version: version(request.version),
            headers: collect(bytes, request.headers),
        })
    })?;
    buffer.advance(end);
    Ok(Some(parsed))
}

/// Takes a response's head off the front of `buffer`; `None` if it is not all there yet.
/// What clients understand of old servers is understood and passed on as it should be: lines that end in a
/// bare LF, white space before a colon, folded lines (RFC 9112 §2.2, §5.1, §5.2).
pub(crate) fn response(buffer: &mut BytesMut, limits: Limits) -> Result<Option<ResponseHead>, BadHead> {
    let parsed = with_fields(buffer, limits, |bytes, fields| {
        let mut response = httparse::Response::new(&mut []);
        let config = response_tolerance();
        match config.parse_response_with_uninit_headers(&mut response, bytes, fields)? {
            Status::Partial => Ok(None),
            // Not a status (RFC 9110 §15), whatever comes of it.
            Status::Complete(_) if response.code.unwrap_or_default() < 100 => Err(Error::Status),
            Status::Complete(end) => {
                let head = ResponseHead {
                    version: version(response.version),
                    status: response.code.unwrap_or_default(),
                    reason: reason(bytes),
                    headers: collect(&bytes[..end], response.headers),
                };
                Ok(Some((head, end)))
            }
        }
    })?;
    let Some((head, end)) = parsed else { return incomplete(buffer, limits) };
    within_limit(end, limits)?;
    buffer.advance(end);
    Ok(Some(head))
}

/// Takes trailers, up to and with the empty line, off the front of `buffer`; `None` if not all there yet. They are
/// looked through again whenever more of them comes: so they have a tighter limit.
pub(crate) fn trailers(buffer: &mut BytesMut) -> Result<Option<Headers>, BadHead> {
    let limits = Limits { head: LARGEST_TRAILERS, ..Limits::default() };
    if buffer.starts_with(b"\r\n") {
        buffer.advance(2);
        return Ok(Some(Headers::default()));
    }
    let Some(end) = head_end(buffer) else { return incomplete(buffer, limits) };
    within_limit(end, limits)?;
    strict_lines(&buffer[..end])?;
    // Few messages have any: the room for them need not be cheap.
    let mut fields = vec![httparse::EMPTY_HEADER; limits.fields];
    let parsed = match httparse::parse_headers(&buffer[..end], &mut fields) {
        Ok(Status::Complete((_, found))) => collect(&buffer[..end], found),
        Ok(Status::Partial) => return Err(BadHead::new(Error::NewLine, limits)),
        Err(error) => return Err(BadHead::new(error, limits)),
    };
    buffer.advance(end);
    Ok(Some(parsed))
}

fn response_tolerance() -> ParserConfig {
    let mut config = ParserConfig::default();
    config
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true);
    config
}

/// Runs `parse` with room for the usual number of fields, then with room for the most.
fn with_fields<'b, T>(
    bytes: &'b [u8],
    limits: Limits,
    parse: impl Fn(&'b [u8], &mut [MaybeUninit<Header<'b>>]) -> Result<T, Error>,
) -> Result<T, BadHead> {
    let usual = &mut [const { MaybeUninit::uninit() }; USUAL_FIELDS];
    let usual_limit = limits.fields.min(USUAL_FIELDS);
    let parsed = match parse(bytes, &mut usual[..usual_limit]) {
        Err(Error::TooManyHeaders) if limits.fields > USUAL_FIELDS => {
            parse(bytes, &mut Box::new_uninit_slice(limits.fields))
        }
        result => result,
    };
    parsed.map_err(|error| BadHead::new(error, limits))
}

fn version(minor: Option<u8>) -> Version {
    if minor == Some(0) { Version::Http10 } else { Version::Http11 }
}

fn incomplete<T>(buffer: &BytesMut, limits: Limits) -> Result<Option<T>, BadHead> {
    within_limit(buffer.len(), limits).map(|()| None)
}

fn within_limit(length: usize, limits: Limits) -> Result<(), BadHead> {
    if length > limits.head { Err(BadHead::TooLarge(limits.head)) } else { Ok(()) }
}

/// Returns whether a head may end in `bytes` behind the first `seen` of them, which were looked at before: so
/// that a head that comes in many small pieces is not looked through again for each.
pub(crate) fn may_end(bytes: &[u8], seen: usize) -> bool {
    // The empty line may have begun before.
    let tail = &bytes[seen.saturating_sub(2).min(bytes.len())..];
    let ends = |at: usize| matches!(tail[at + 1..], [b'\n', ..] | [b'\r', b'\n', ..]);
    bytes.starts_with(b"\r\n") || memchr_iter(b'\n', tail).any(ends)
}

/// An empty line or two before a request is ignored (RFC 9112 §2.2).
fn skip_empty_lines(buffer: &mut BytesMut) {
    while buffer.starts_with(b"\r\n") {
        buffer.advance(2);
    }
}

/// Where the head ends: behind its first empty line, however its lines end.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    for at in memchr_iter(b'\n', bytes) {
        if matches!(bytes[line_start..at], [] | [b'\r']) {
            return Some(at + 1);
        }
        line_start = at + 1;
    }
    None
}

/// A bare LF or CR in a request is how two parsers come to disagree: refused.
fn strict_lines(head: &[u8]) -> Result<(), BadHead> {
    // Wherever one of the two stands without the other.
    let bare = |at: usize| match head[at] {
        b'\n' => at == 0 || head[at - 1] != b'\r',
        _ => head.get(at + 1) != Some(&b'\n'),
    };
    if memchr2_iter(b'\n', b'\r', head).any(bare) { Err(BadHead::BareLineEnd) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &str, expect: Result<Option<(&str, usize)>, BadHead>) {
        let found = request(&mut BytesMut::from(bytes), Limits::default());
        let found = found.map(|found| found.map(|found| (found.target, found.headers.len())));
        let expect = expect.map(|found| found.map(|(target, fields)| (target.to_owned(), fields)));
        assert_eq!(found, expect, "{bytes:?}");
    }

    #[test]
    fn requests() {
        check("GET /a HTTP/1.1\r\nHost: a\r\n\r\nrest", Ok(Some(("/a", 1))));
        check("\r\nGET /a HTTP/1.1\r\n\r\n", Ok(Some(("/a", 0))));
        check("GET /a HTTP/1.1\r\nHost: a\r\n", Ok(None));
        check("GET /a HTTP/1.1\nHost: a\n\n", Err(BadHead::BareLineEnd));
        check("GET /a HTTP/1.1\r\nA: b\rc\r\n\r\n", Err(BadHead::BareLineEnd));
        check("GET /a HTTP/1.1\r\nA : b\r\n\r\n", Err(BadHead::Name(Error::HeaderName)));
        check("GET /a HTTP/1.1\r\nA: b\r\n c\r\n\r\n", Err(BadHead::Name(Error::HeaderName)));
        check("GET /a HTTP/3.1\r\n\r\n", Err(BadHead::FirstLine(Error::Version)));
    }

    fn check_response(bytes: &[u8], expect: (&str, &[(&str, &str)])) {
        let head = response(&mut BytesMut::from(bytes), Limits::default()).unwrap().unwrap();
        let lines: Vec<_> = head.headers.lines().collect();
        let expect_lines: Vec<_> =
            expect.1.iter().map(|(name, rest)| (name.as_bytes(), rest.as_bytes())).collect();
        assert_eq!((head.reason.as_str(), lines), (expect.0, expect_lines), "{bytes:?}");
    }

    #[test]
    fn responses_as_they_came() {
        check_response(
            b"HTTP/1.1 200 OK\r\nA:b\r\nC:\t d \r\nE:\r\nF:  \r\n\r\n",
            ("OK", &[("A", "b"), ("C", "\t d "), ("E", ""), ("F", "  ")]),
        );
        check_response(b"\r\nHTTP/1.1 200  \xe9t\xe9 \r\n\r\n", (" \u{e9}t\u{e9} ", &[]));
        check_response(b"HTTP/1.1  404\nA: b\n\n", ("", &[("A", " b")]));
        check_response(
            b"HTTP/1.1 200 \r\nA : b\r\nC: d\r\n  e\r\nF:\r\n\tg\r\n\r\n",
            ("", &[("A", " b"), ("C", " d   e"), ("F", " \tg")]),
        );
    }

    #[test]
    fn a_thousand_fields_are_read_in_order() {
        let fields: String = (0..1000).map(|number| format!("X-{number}: v\r\n")).collect();
        let mut buffer = BytesMut::from(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_str());
        let parsed = request(&mut buffer, Limits::default()).unwrap().unwrap();
        assert_eq!(parsed.headers.len(), 1000);
        assert_eq!(parsed.headers.iter().nth(999).unwrap().0, b"X-999");
    }

    #[test]
    fn an_end_is_seen_once_it_is_there() {
        let head = b"GET / HTTP/1.1\r\nA: b\r\n\r\n";
        for length in 0..=head.len() {
            for seen in 0..length {
                assert_eq!(may_end(&head[..length], seen), length == head.len(), "{seen} of {length}");
            }
        }
        assert!(may_end(b"a\n\n", 2) && may_end(b"\r\n", 2));
    }

    #[test]
    fn limits() {
        let limits = Limits { head: 60, fields: 2, ..Limits::default() };
        let parse = |fields: &str| {
            let head = format!("GET / HTTP/1.1\r\n{fields}\r\n");
            request(&mut BytesMut::from(head.as_str()), limits).map(|head| head.is_some())
        };
        assert_eq!(parse("A: 1\r\nB: 2\r\n"), Ok(true));
        assert_eq!(parse("A: 1\r\nB: 2\r\nC: 3\r\n"), Err(BadHead::TooManyFields(2)));
        assert_eq!(parse(&format!("A: {}\r\n", "a".repeat(60))), Err(BadHead::TooLarge(60)));
    }
}
