//! The forms of an answer.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;
use tokio::time::sleep;

/// An answer of the origin.
pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// `body` of a media type.
pub(crate) fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()).boxed_unsync());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    answer.headers_mut().insert("content-type", HeaderValue::from_static(content_type));
    answer
}

/// A text.
pub(crate) fn text(status: u16, body: &str) -> Answer {
    whole(status, "text/plain; charset=utf-8", body.to_owned())
}

/// A value as JSON.
pub(crate) fn json(status: u16, value: &Value) -> Answer {
    whole(status, "application/json", value.to_string())
}

/// A value as JSON, in a content coding.
pub(crate) fn coded_json(
    value: &Value,
    coding: &'static str,
    encode: fn(&[u8]) -> io::Result<Vec<u8>>,
) -> io::Result<Answer> {
    let body = encode(value.to_string().as_bytes())?;
    Ok(with(
        whole(200, "application/json", body),
        &[("content-encoding", coding), ("vary", "accept-encoding")],
    ))
}

/// `answer` with further fields.
pub(crate) fn with(mut answer: Answer, fields: &[(&'static str, &str)]) -> Answer {
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    answer
}

/// Pieces that come one after the other, so far apart, and trailers behind them.
pub(crate) fn pieces(
    content_type: &'static str,
    all: Vec<Bytes>,
    apart: Duration,
    trailers: Option<HeaderMap>,
) -> Answer {
    let frames = all.into_iter().map(Frame::data).chain(trailers.map(Frame::trailers));
    let frames = stream::unfold(frames, move |mut left| async move {
        let next = left.next()?;
        if next.is_data() {
            sleep(apart).await;
        }
        Some((Ok::<_, Infallible>(next), left))
    });
    let mut answer = Response::new(StreamBody::new(frames).boxed_unsync());
    answer.headers_mut().insert("content-type", HeaderValue::from_static(content_type));
    answer
}
