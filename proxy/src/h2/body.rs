//! A body that arrives over HTTP/2.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use dashcam_exchange::{Failure, Side, Stage};
use h2::{Reason, RecvStream};

use crate::body::{Frame, FrameSource, ReadTimeout};
use crate::h2::ahead::Ahead;
use crate::h2::fields::{chain, from_map};
use crate::h2::in_flight::InFlight;
use crate::net::deadline::Deadline;

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
    request: Option<InFlight>,
    /// Frames that came while nobody took them, and how the stream went on behind them.
    ahead: Ahead,
    failed: Option<h2::Error>,
    /// How long it is waited for.
    waiting: ReadTimeout,
    deadline: Deadline,
}

impl H2Body {
    /// A request's body, of `length` bytes if it said so.
    pub(crate) fn request(recv: RecvStream, length: Option<u64>) -> Self {
        Self::new(recv, length, Side::Client, None)
    }

    /// A response's body.
    pub(crate) fn response(recv: RecvStream, length: Option<u64>, request: InFlight) -> Self {
        Self::new(recv, length, Side::Upstream, Some(request))
    }

    fn new(recv: RecvStream, length: Option<u64>, side: Side, request: Option<InFlight>) -> Self {
        Self {
            recv,
            side,
            length,
            data_ended: false,
            broken: false,
            reset: None,
            request,
            ahead: Ahead::default(),
            failed: None,
            waiting: ReadTimeout::default(),
            deadline: Deadline::default(),
        }
    }

    /// Takes over what has come: how many bytes that is. The sender's window stays as it is.
    fn gather(&mut self, cx: &mut Context<'_>) -> usize {
        let mut gathered = 0;
        while !self.data_ended && self.failed.is_none() {
            match self.recv.poll_data(cx) {
                Poll::Ready(Some(Ok(data))) => {
                    gathered += data.len();
                    self.ahead.push(data);
                }
                Poll::Ready(Some(Err(error))) => self.failed = Some(error),
                Poll::Ready(None) => self.data_ended = true,
                Poll::Pending => break,
            }
        }
        self.waiting.came(gathered);
        gathered
    }

    /// Gives back to the sender's window what is passed on.
    fn pass(&mut self, data: Bytes) -> Frame {
        // It fails for a stream that is over already, and then there is no window to give back to.
        let _ = self.recv.flow_control().release_capacity(data.len());
        self.whole_if_over();
        Frame::Data(data)
    }

    /// Nobody asks for the end of what ends here.
    fn whole_if_over(&mut self) {
        if self.is_over() {
            self.whole();
        }
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
        if let Some(failure) = self.request.as_ref().and_then(InFlight::failure) {
            return failure;
        }
        let why = chain(error);
        let message = if self.side == Side::Upstream && error.is_library() && error.is_go_away() {
            format!(
                "The upstream broke the rules of HTTP/2 in this response, or another one on the connection, which ended with it ({why})."
            )
        } else {
            format!("The HTTP/2 stream ended early: {why}.")
        };
        Failure::new(self.side, self.stage(), message)
    }
}

impl FrameSource for H2Body {
    /// Of which body it tells.
    fn stage(&self) -> Stage {
        if self.side == Side::Client { Stage::RequestBody } else { Stage::ResponseBody }
    }

    fn length(&self) -> Option<u64> {
        if self.is_over() { Some(0) } else { self.length }
    }

    /// True once nothing more comes.
    fn is_over(&self) -> bool {
        self.ahead.is_empty() && self.recv.is_end_stream()
    }

    /// Returns whether the client gave up the stream.
    fn was_cut(&self) -> bool {
        self.side == Side::Client && self.broken
    }

    /// The error that the other side ended the stream with.
    fn reset_reason(&self) -> Option<Reason> {
        self.reset
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
        if let Some(data) = self.ahead.pop() {
            return Poll::Ready(Some(Ok(self.pass(data))));
        }
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(self.failure(&error))));
        }
        while !self.data_ended {
            match self.recv.poll_data(cx) {
                Poll::Ready(Some(Ok(data))) => {
                    self.waiting.came(data.len());
                    if !data.is_empty() {
                        return Poll::Ready(Some(Ok(self.pass(data))));
                    }
                    self.whole_if_over();
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(self.failure(&error)))),
                Poll::Ready(None) => self.data_ended = true,
                Poll::Pending => {
                    return self.waiting.poll(&mut self.deadline, cx).map(|failure| Some(Err(failure)));
                }
            }
        }
        let end = match ready!(self.recv.poll_trailers(cx)) {
            Ok(trailers) => trailers.map(|map| Ok(Frame::Trailers(from_map(&map)))),
            Err(error) => return Poll::Ready(Some(Err(self.failure(&error)))),
        };
        self.whole();
        Poll::Ready(end)
    }

    fn waiting(&mut self) -> &mut ReadTimeout {
        &mut self.waiting
    }

    fn hold(&mut self, piece: usize, cx: &mut Context<'_>) -> (usize, usize) {
        (self.gather(cx), piece + self.ahead.len())
    }
}
