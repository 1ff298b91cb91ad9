//! Heads and chunks to bytes.

use bytes::{BufMut, BytesMut};
use dashcam_exchange::{Headers, RequestHead, ResponseHead, Version};

use super::framing::Framing;

/// Appends a request's head for an HTTP/1.1 upstream.
pub(crate) fn request(head: &RequestHead, out: &mut BytesMut) {
    out.put_slice(head.method.as_bytes());
    out.put_u8(b' ');
    out.put_slice(head.target.as_bytes());
    out.put_slice(b" HTTP/1.1\r\n");
    headers(&head.headers, out);
}

/// Appends a response's head. Whatever version the upstream spoke, we speak HTTP/1.1 (RFC 9110 §2.5).
pub(crate) fn response(head: &ResponseHead, out: &mut BytesMut) {
    out.put_slice(b"HTTP/1.1 ");
    out.put_slice(head.status.to_string().as_bytes());
    out.put_u8(b' ');
    let reason = if head.version == Version::Http2 { standard_reason(head.status) } else { &head.reason };
    out.put_slice(reason.as_bytes());
    out.put_slice(b"\r\n");
    headers(&head.headers, out);
}

/// Appends fields and the empty line.
pub(crate) fn headers(headers: &Headers, out: &mut BytesMut) {
    for (name, value) in headers.iter() {
        out.put_slice(name);
        out.put_slice(b": ");
        out.put_slice(value);
        out.put_slice(b"\r\n");
    }
    out.put_slice(b"\r\n");
}

/// Appends what stands before a chunk of `length` bytes; behind it stands CR LF.
pub(crate) fn chunk_size(length: usize, out: &mut BytesMut) {
    out.put_slice(format!("{length:x}\r\n").as_bytes());
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
                headers.push("Transfer-Encoding", "chunked");
            }
        }
        Framing::Length(length) => {
            headers.remove("transfer-encoding");
            if headers.all("content-length").count() != 1 {
                headers.set("Content-Length", length.to_string());
            }
        }
    }
}

/// The reason phrase of a status that came without one.
pub(crate) fn standard_reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}
