//! A body on its way: a stream of frames that a tap copies while it passes.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use dashcam_exchange::{Failure, Headers};
use dashcam_recorder::BodyTap;

use crate::http::h1::request_body::RequestBody;
use crate::http::h2_body::H2Body;
use crate::upstream::h1_response::ResponseBody;

/// What a body consists of.
#[derive(Debug)]
pub(crate) enum Frame {
    /// Bytes; never empty.
    Data(Bytes),
    /// Trailers; the last frame.
    Trailers(Headers),
}

/// A body. It ends with `None`, or with the failure that cut it short.
pub(crate) struct Body {
    source: Source,
    tap: Option<BodyTap>,
    ended: bool,
}

pub(crate) enum Source {
    Empty,
    Bytes(Bytes),
    Request(Box<RequestBody>),
    Response(Box<ResponseBody>),
    H2(H2Body),
}

impl Body {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, tap: None, ended: false }
    }

    pub(crate) fn empty() -> Self {
        Self::new(Source::Empty)
    }

    pub(crate) fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::new(if bytes.is_empty() { Source::Empty } else { Source::Bytes(bytes) })
    }

    /// Lets `tap` observe the body. An empty body ends at once.
    pub(crate) fn tapped(mut self, tap: Option<BodyTap>) -> Self {
        self.tap = tap;
        if self.is_empty() {
            self.end(None);
        }
        self
    }

    /// Whether there surely are no bytes and no trailers.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.source, Source::Empty)
    }

    /// How many bytes are to come, when that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Empty => Some(0),
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::Request(body) => body.length(),
            Source::Response(body) => body.length(),
            Source::H2(body) => body.length(),
        }
    }

    pub(crate) async fn frame(&mut self) -> Option<Result<Frame, Failure>> {
        poll_fn(|cx| self.poll_frame(cx)).await
    }

    /// The next frame. Nothing is lost when the caller stops waiting.
    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let frame = match &mut self.source {
            Source::Empty => None,
            Source::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                self.source = Source::Empty;
                let frame = Some(Ok(Frame::Data(bytes)));
                self.observe(frame.as_ref());
                // Who knows the length does not ask for the end.
                self.end(None);
                return Poll::Ready(frame);
            }
            Source::Request(body) => ready!(body.poll_frame(cx)),
            Source::Response(body) => ready!(body.poll_frame(cx)),
            Source::H2(body) => ready!(Pin::new(body).poll_frame(cx)),
        };
        self.observe(frame.as_ref());
        Poll::Ready(frame)
    }

    fn observe(&mut self, frame: Option<&Result<Frame, Failure>>) {
        match frame {
            Some(Ok(Frame::Data(bytes))) => {
                if let Some(tap) = &mut self.tap {
                    tap.data(bytes);
                }
            }
            Some(Ok(Frame::Trailers(trailers))) => self.end(Some(trailers)),
            Some(Err(failure)) => {
                self.ended = true;
                if let Some(mut tap) = self.tap.take() {
                    tap.fail(failure.clone());
                }
            }
            None => self.end(None),
        }
    }

    fn end(&mut self, trailers: Option<&Headers>) {
        self.ended = true;
        if let Some(mut tap) = self.tap.take() {
            tap.end(trailers.cloned());
        }
    }
}
