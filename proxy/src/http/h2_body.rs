//! Bodies in HTTP/2, both ways: hyper's to ours and ours to hyper's.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use dashcam_exchange::{Failure, Headers, Side, Stage};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::{Body as _, SizeHint};
use hyper::body::Incoming;

use crate::body::{Body, Frame};

/// A body that arrives over HTTP/2.
pub(crate) struct H2Body {
    incoming: Incoming,
    side: Side,
}

impl H2Body {
    /// `side` is who sends it.
    pub(crate) fn new(incoming: Incoming, side: Side) -> Self {
        Self { incoming, side }
    }

    pub(crate) fn length(&self) -> Option<u64> {
        if self.incoming.is_end_stream() { Some(0) } else { self.incoming.size_hint().exact() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.incoming.is_end_stream()
    }

    pub(crate) fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame, Failure>>> {
        loop {
            return Poll::Ready(match ready!(Pin::new(&mut self.incoming).poll_frame(cx)) {
                None => None,
                Some(Err(error)) => Some(Err(self.failure(&error))),
                Some(Ok(frame)) => match frame.into_data() {
                    // An empty frame would read as the end in HTTP/1's chunks.
                    Ok(data) if data.is_empty() => continue,
                    Ok(data) => Some(Ok(Frame::Data(data))),
                    Err(frame) => {
                        let trailers = frame.into_trailers().unwrap_or_default();
                        Some(Ok(Frame::Trailers(from_map(&trailers))))
                    }
                },
            });
        }
    }

    fn failure(&self, error: &hyper::Error) -> Failure {
        let stage = if self.side == Side::Client { Stage::RequestBody } else { Stage::ResponseBody };
        Failure::new(self.side, stage, format!("The HTTP/2 stream ended early: {}.", chain(error)))
    }
}

/// An error with its causes, as one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// A body that is sent over HTTP/2.
pub(crate) struct Outgoing {
    body: Body,
}

impl Outgoing {
    pub(crate) fn new(body: Body) -> Self {
        Self { body }
    }

    /// The body, when it was not sent.
    pub(crate) fn into_inner(self) -> Body {
        self.body
    }
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Failure>>> {
        let frame = ready!(self.body.poll_frame(cx));
        Poll::Ready(frame.map(|frame| {
            frame.map(|frame| match frame {
                Frame::Data(data) => http_body::Frame::data(data),
                Frame::Trailers(trailers) => http_body::Frame::trailers(to_map(&trailers)),
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.length().map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// hyper's fields as ours. hyper keeps the order of names' first appearance.
pub(crate) fn from_map(map: &HeaderMap) -> Headers {
    map.iter().collect()
}

/// Our fields as hyper's; HTTP/2 has lower-case names only (RFC 9113 §8.2.1). What HTTP/2 can't carry is left out.
pub(crate) fn to_map(headers: &Headers) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter() {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            map.append(name, value);
        }
    }
    map
}
