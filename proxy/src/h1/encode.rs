//! Heads and chunks to bytes. What would be read as another message than it is does not get past here, wherever it came
//! from: nothing of it is written.

use std::cell::Cell;

use bytes::{BufMut, BytesMut};
use dashcam_exchange::{Destination, Headers, IllegalHead, RequestHead, ResponseHead, Version};

use crate::h1::framing;
use crate::h1::framing::Framing;
use crate::http::trailers::may_be_trailer;

/// Room for a head and a small body.
const ROOM: usize = 2 << 10;

thread_local! {
    /// Room that a message was written to, for the next one: connections that wait hold none.
    static SPARE: Cell<BytesMut> = Cell::new(BytesMut::new());
}

/// Makes room at once where there is none.
fn reserve(out: &mut BytesMut) {
    if out.capacity() == 0 {
        *out = SPARE.take();
        out.reserve(ROOM);
    }
}

/// Lets the next message be written to the room of one that was. Room for large ones is not kept.
pub(crate) fn give_back(out: BytesMut) {
    if (ROOM..=2 * ROOM).contains(&out.capacity()) {
        SPARE.set(out);
    }
}

/// Appends a request's head for an HTTP/1.1 upstream; nothing if it is not legal there.
pub(crate) fn request(head: &RequestHead, out: &mut BytesMut) -> Result<(), IllegalHead> {
    head.check()?;
    reserve(out);
    out.put_slice(head.method.as_bytes());
    out.put_u8(b' ');
    out.put_slice(head.target.as_bytes());
    out.put_slice(b" HTTP/1.1\r\n");
    headers(&head.headers, out);
    Ok(())
}

/// A request's form for a proxy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProxyForm<'a> {
    /// Where it goes on to: its target names it.
    pub(crate) destination: &'a Destination,
    /// The value of `Proxy-Authorization`, which is in no record.
    pub(crate) authorization: Option<&'a str>,
}

/// Appends a request's head for a proxy, in absolute form (RFC 9112 §3.2.2); nothing if it is not legal there.
pub(crate) fn request_to_proxy(
    head: &RequestHead,
    form: ProxyForm<'_>,
    out: &mut BytesMut,
) -> Result<(), IllegalHead> {
    head.check()?;
    reserve(out);
    out.put_slice(head.method.as_bytes());
    out.put_slice(b" ");
    out.put_slice(form.destination.scheme.as_str().as_bytes());
    out.put_slice(b"://");
    out.put_slice(form.destination.authority().as_bytes());
    // `OPTIONS *` has no path (RFC 9112 §3.2.4).
    if head.target != "*" {
        out.put_slice(head.target.as_bytes());
    }
    out.put_slice(b" HTTP/1.1\r\n");
    if let Some(authorization) = form.authorization {
        out.put_slice(b"Proxy-Authorization: ");
        out.put_slice(authorization.as_bytes());
        out.put_slice(b"\r\n");
    }
    headers(&head.headers, out);
    Ok(())
}

/// Appends a response's head; nothing if it is not legal in HTTP/1.1, which we speak whatever version the upstream spoke
/// (RFC 9110 §2.5).
pub(crate) fn response(head: &ResponseHead, out: &mut BytesMut) -> Result<(), IllegalHead> {
    head.check()?;
    reserve(out);
    out.put_slice(b"HTTP/1.1 ");
    for place in [100, 10, 1] {
        out.put_u8(b'0' + (head.status / place % 10) as u8);
    }
    out.put_u8(b' ');
    let reason = if head.version == Version::Http2 { standard_reason(head.status) } else { &head.reason };
    // Latin-1, as it came.
    if reason.is_ascii() {
        out.put_slice(reason.as_bytes());
    } else {
        out.extend(reason.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')));
    }
    out.put_slice(b"\r\n");
    headers(&head.headers, out);
    Ok(())
}

/// Appends fields and the empty line.
fn headers(headers: &Headers, out: &mut BytesMut) {
    for lines in headers.wire() {
        out.put_slice(lines);
    }
    out.put_slice(b"\r\n");
}

/// Appends trailers and the empty line, without what no trailer may say; nothing if they are not legal.
pub(crate) fn trailers(trailers: &Headers, out: &mut BytesMut) -> Result<(), IllegalHead> {
    trailers.check()?;
    for (name, rest) in trailers.lines().filter(|(name, _)| may_be_trailer(name)) {
        field(name, rest, out);
    }
    out.put_slice(b"\r\n");
    Ok(())
}

fn field(name: &[u8], rest: &[u8], out: &mut BytesMut) {
    out.put_slice(name);
    out.put_u8(b':');
    out.put_slice(rest);
    out.put_slice(b"\r\n");
}

/// Appends what stands before a chunk of `length` bytes; behind it stands CR LF.
pub(crate) fn chunk_size(length: usize, out: &mut BytesMut) {
    let mut digits = [0; 2 * size_of::<usize>()];
    let mut at = digits.len();
    let mut left = length;
    loop {
        at -= 1;
        digits[at] = b"0123456789abcdef"[left % 16];
        left /= 16;
        if left == 0 {
            break;
        }
    }
    out.put_slice(&digits[at..]);
    out.put_slice(b"\r\n");
}

/// Makes the framing fields of `headers` say `framing`, leaving those that say it already in their place.
pub(crate) fn set_framing(headers: &mut Headers, framing: Framing) {
    match framing {
        Framing::None => {}
        Framing::UntilClose => {
            headers.remove("transfer-encoding");
            headers.remove("content-length");
        }
        Framing::Chunked => {
            headers.remove("content-length");
            if !headers.contains("transfer-encoding") {
                headers.add("Transfer-Encoding", "chunked");
            }
        }
        Framing::Length(length) => {
            headers.remove("transfer-encoding");
            if !headers.all("content-length").map(framing::length).eq([Some(length)]) {
                headers.set("Content-Length", length.to_string());
            }
        }
    }
}

/// The reason phrase of a status that came without one.
pub(crate) fn standard_reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_sizes() {
        for (length, expect) in [(0, "0\r\n"), (10, "a\r\n"), (0x1_2345, "12345\r\n"), (usize::MAX, "")] {
            let mut out = BytesMut::new();
            chunk_size(length, &mut out);
            let expect = if expect.is_empty() { format!("{length:x}\r\n") } else { expect.to_owned() };
            assert_eq!(out, expect.as_bytes());
        }
    }

    #[test]
    fn requests_for_a_proxy_name_their_destination() {
        let destination = Destination::parse(dashcam_exchange::Scheme::Http, "a.test:81").unwrap();
        for (method, target, authorization, expect) in [
            ("GET", "/b?c", None, "GET http://a.test:81/b?c HTTP/1.1\r\nHost: a.test:81\r\n\r\n"),
            (
                "OPTIONS",
                "*",
                Some("Basic dTpw"),
                "OPTIONS http://a.test:81 HTTP/1.1\r\nProxy-Authorization: Basic dTpw\r\nHost: a.test:81\r\n\r\n",
            ),
        ] {
            let head = RequestHead {
                method: method.to_owned(),
                target: target.to_owned(),
                authority: None,
                version: Version::Http11,
                headers: [("Host", "a.test:81")].into_iter().collect(),
            };
            let mut out = BytesMut::new();
            request_to_proxy(&head, ProxyForm { destination: &destination, authorization }, &mut out)
                .unwrap();
            assert_eq!(out, expect.as_bytes());
        }
    }

    #[test]
    fn lengths_are_said_once() {
        for said in [&["5"][..], &["5, 5"], &["5", "5"], &[]] {
            let mut headers: Headers = said.iter().map(|length| ("content-length", length)).collect();
            set_framing(&mut headers, Framing::Length(5));
            assert_eq!(headers.all("content-length").collect::<Vec<_>>(), [b"5"], "{said:?}");
        }
    }

    #[test]
    fn no_trailer_frames_or_routes() {
        let fields =
            [("X-Sum", "1"), ("content-length", "5"), ("Host", "b"), ("Transfer-Encoding", "chunked")];
        let mut out = BytesMut::new();
        trailers(&fields.into_iter().collect(), &mut out).unwrap();
        assert_eq!(out, &b"X-Sum: 1\r\n\r\n"[..]);
    }

    #[test]
    fn nothing_is_written_of_what_is_not_legal() {
        let mut out = BytesMut::new();
        let split =
            || [("X-A", "1"), ("X-B", "2\r\n\r\nGET /injected HTTP/1.1")].into_iter().collect::<Headers>();
        let head = RequestHead {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            authority: None,
            version: Version::Http11,
            headers: split(),
        };
        let why = Err(IllegalHead::FieldValue(b"X-B".to_vec()));
        assert_eq!(request(&head, &mut out), why);
        let (headers, reason) = (split(), String::new());
        assert_eq!(
            response(&ResponseHead { version: Version::Http11, status: 200, reason, headers }, &mut out),
            why
        );
        assert_eq!(trailers(&split(), &mut out), why);
        assert!(out.is_empty(), "{out:?}");
    }
}
