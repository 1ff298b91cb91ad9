//! A body that arrives over HTTP/2.

use std::task::{Context, Poll, ready};

use dashcam_exchange::{Failure, Side, Stage};
use h2::{Reason, RecvStream};

use super::fields::{chain, from_map};
use crate::body::Frame;
use crate::upstream::Underway;

/// Frames of one stream. What was passed on is given back to the sender's window, and nothing before that: no
/// more than a window is ever held.
pub(crate) struct H2Body {
    recv: RecvStream,
    side: Side,
    length: Option<u64>,
    data_ended: bool,
    broken: bool,
    reset: Option<Reason>,
    /// The request whose response this is.
    request: Option<Underway>,
}

impl H2Body {
    /// A request's body, of `length` bytes if it said so.
    pub(crate) fn request(recv: RecvStream, length: Option<u64>) -> Self {
        Self {
            recv,
            side: Side::Client,
            length,
            data_ended: false,
            broken: false,
            reset: None,
            request: None,
        }
    }

    /// A response's body.
    pub(crate) fn response(recv: RecvStream, length: Option<u64>, request: Underway) -> Self {
        Self {
            recv,
            side: Side::Upstream,
            length,
            data_ended: false,
            broken: false,
            reset: None,
            request: Some(request),
        }
    }

    pub(crate) fn length(&self) -> Option<u64> {
        if self.is_over() { Some(0) } else { self.length }
    }

    /// Whether nothing more comes.
    pub(crate) fn is_over(&self) -> bool {
        self.recv.is_end_stream()
    }

    /// Whether the client gave up the stream.
    pub(crate) fn was_cut(&self) -> bool {
        self.side == Side::Client && self.broken
    }

    /// The error that the other side ended the stream with.
    pub(crate) fn reset_reason(&self) -> Option<Reason> {
        self.reset
    }

    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
        while !self.data_ended {
            match ready!(self.recv.poll_data(cx)) {
                Some(Ok(data)) => {
                    // It fails for a stream that is over already, and then there is no window to give back to.
                    let _ = self.recv.flow_control().release_capacity(data.len());
                    if self.recv.is_end_stream() {
                        // Nobody asks for the end of what ends here.
                        self.whole();
                    }
                    if !data.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::Data(data))));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(self.failure(&error)))),
                None => self.data_ended = true,
            }
        }
        let end = match ready!(self.recv.poll_trailers(cx)) {
            Ok(trailers) => trailers.map(|map| Ok(Frame::Trailers(from_map(&map)))),
            Err(error) => return Poll::Ready(Some(Err(self.failure(&error)))),
        };
        self.whole();
        Poll::Ready(end)
    }

    fn whole(&mut self) {
        if let Some(request) = &mut self.request {
            request.answered();
        }
    }

    fn failure(&mut self, error: &h2::Error) -> Failure {
        // A client that breaks the rules is there still.
        self.broken = error.is_remote() || error.is_io();
        self.reset = error.reason().filter(|_| error.is_reset() && error.is_remote());
        if let Some(failure) = self.request.as_ref().and_then(Underway::failure) {
            return failure;
        }
        let stage = if self.side == Side::Client { Stage::RequestBody } else { Stage::ResponseBody };
        Failure::new(self.side, stage, format!("The HTTP/2 stream ended early: {}.", chain(error)))
    }
}
