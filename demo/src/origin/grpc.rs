//! A gRPC service that counts the stock: it answers one message with three, or with a failure.

use std::io;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::origin::answer::{Answer, pieces};

const APART: Duration = Duration::from_millis(50);
/// gRPC's UNIMPLEMENTED.
const UNIMPLEMENTED: &str = "12";

pub(super) async fn answer(request: Request<Incoming>) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    body.collect().await.map_err(io::Error::other)?;
    let (messages, status, text) = match head.uri.path() {
        "/stock.v1.Stock/Watch" => ((1..=3).map(|count| message(&stock(count))).collect(), "0", ""),
        _ => (Vec::new(), UNIMPLEMENTED, "there is no such method"),
    };
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    if !text.is_empty() {
        trailers.insert("grpc-message", HeaderValue::from_static(text));
    }
    Ok(pieces("application/grpc", messages, APART, Some(trailers)))
}

/// A message with its prefix: not compressed, and so long.
pub(crate) fn message(body: &[u8]) -> Bytes {
    let mut message = BytesMut::with_capacity(5 + body.len());
    message.put_u8(0);
    message.put_u32(u32::try_from(body.len()).unwrap_or_default());
    message.put_slice(body);
    message.freeze()
}

/// Field 1, a text; field 2, a number.
fn stock(count: u8) -> Vec<u8> {
    let name = b"berlin";
    let length = u8::try_from(name.len()).unwrap_or_default();
    [&[0x0a, length], name.as_slice(), &[0x10, count]].concat()
}
