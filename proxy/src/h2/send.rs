//! A body sent over HTTP/2, by either side.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use dashcam_exchange::{Failure, Side};
use h2::{Reason, SendStream};

use crate::body::{Body, Frame};
use crate::context::Context as Shared;
use crate::h2::fields::to_map;
use crate::http::trailers::passed_trailers;
use crate::net::transit::{Backlog, Room};
use crate::net::write_timeout::WriteTimeout;

/// Bytes that h2 may hold of each stream for a side that does not read its connection.
pub(crate) const SEND_BUFFER: usize = 64 << 10;

/// Why a body did not get through.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// It ended badly. The stream is to be reset for this reason: the one that the body's own stream was reset with, if
    /// it has one.
    Source { failure: Failure, reason: Reason },
    /// The other side ended the stream, or is gone.
    Sink,
}

/// The receiver of a body.
#[derive(Clone, Copy)]
pub(crate) struct Taker<'a> {
    pub(crate) context: &'a Shared,
    pub(crate) side: Side,
    /// Of the client whose request it is about.
    pub(crate) room: Option<&'a Arc<Room>>,
}

impl Taker<'_> {
    /// How long it may take nothing.
    pub(crate) fn write_timeout(&self) -> WriteTimeout {
        let room = self.room.filter(|_| self.side == Side::Client).cloned();
        WriteTimeout::new(&self.context.config.timeouts, room, &self.context.limited)
    }
}

/// Sends all of `body` as far as the other side's window allows, never taking more than one piece ahead.
pub(crate) async fn send(
    body: &mut Body,
    to: &mut SendStream<Bytes>,
    taker: Taker<'_>,
) -> Result<(), Unsent> {
    let mut sending = Sending { piece: Bytes::new(), sent: 0, taker, wait: None };
    poll_fn(|cx| sending.poll(body, to, cx)).await
}

struct Sending<'a> {
    /// The piece that goes next.
    piece: Bytes,
    /// How much has gone, as far as h2 may hold it still.
    sent: usize,
    taker: Taker<'a>,
    /// Once the window was closed.
    wait: Option<Box<Wait>>,
}

/// The bytes that are held while the window is closed, and for how long.
struct Wait {
    timeout: WriteTimeout,
    backlog: Backlog,
}

impl Sending<'_> {
    fn poll(
        &mut self,
        body: &mut Body,
        to: &mut SendStream<Bytes>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Unsent>> {
        loop {
            if to.poll_reset(cx).is_ready() {
                return Poll::Ready(Err(Unsent::Sink));
            }
            if !self.piece.is_empty() {
                match poll_window(to, cx) {
                    Poll::Ready(true) => self.taken(to.capacity()),
                    Poll::Ready(false) => return Poll::Ready(Err(Unsent::Sink)),
                    Poll::Pending => return self.wait(body, cx).map(Err),
                }
                // No more than fits: what h2 holds beyond the window, nobody asks for.
                let part = self.piece.split_to(self.piece.len().min(to.capacity()));
                self.sent = SEND_BUFFER.min(self.sent + part.len());
                let last = self.piece.is_empty() && body.ends_here();
                if to.send_data(part, last).is_err() {
                    return Poll::Ready(Err(Unsent::Sink));
                }
                if last {
                    return Poll::Ready(Ok(()));
                }
                if !self.piece.is_empty() {
                    to.reserve_capacity(self.piece.len());
                    continue;
                }
            }
            let Poll::Ready(frame) = body.poll_frame(cx) else {
                self.all_taken();
                return Poll::Pending;
            };
            let sent = match frame {
                Some(Ok(Frame::Data(data))) => {
                    // A claim on the window, made only with bytes in hand: else a silent stream holds it from others.
                    to.reserve_capacity(data.len());
                    self.piece = data;
                    continue;
                }
                Some(Ok(Frame::Trailers(trailers))) => {
                    to.reserve_capacity(0);
                    to.send_trailers(to_map(&passed_trailers(trailers)))
                }
                Some(Err(failure)) => {
                    let reason = reason(body, &failure);
                    return Poll::Ready(Err(Unsent::Source { failure, reason }));
                }
                None => to.send_data(Bytes::new(), true),
            };
            return Poll::Ready(sent.map_err(|_| Unsent::Sink));
        }
    }

    /// Waits for the window; ready when that can't go on.
    fn wait(&mut self, body: &mut Body, cx: &mut Context<'_>) -> Poll<Unsent> {
        let taker = self.taker;
        let wait = self.wait.get_or_insert_with(|| {
            let backlog = Backlog::new(taker.room.cloned());
            Box::new(Wait { timeout: taker.write_timeout(), backlog })
        });
        if let Err(failure) = body.wait(&mut wait.backlog, self.piece.len() + self.sent, cx) {
            return Poll::Ready(Unsent::Source { failure, reason: Reason::ENHANCE_YOUR_CALM });
        }
        let failure = ready!(wait.timeout.poll(cx)).failure(taker.side);
        body.break_off(failure.clone());
        Poll::Ready(Unsent::Source { failure, reason: Reason::CANCEL })
    }

    /// Notes that the other side takes `bytes`. The bytes that are held are counted again once it takes no
    /// more.
    fn taken(&mut self, bytes: usize) {
        if let Some(wait) = &mut self.wait {
            wait.timeout.took(bytes);
            wait.backlog.clear();
        }
    }

    /// It is not the other side that is waited for.
    fn all_taken(&mut self) {
        if let Some(wait) = &mut self.wait {
            wait.timeout.done();
        }
    }
}

/// Returns whether there is room in the window, once that is known; false when the stream is over.
fn poll_window(to: &mut SendStream<Bytes>, cx: &mut Context<'_>) -> Poll<bool> {
    while to.capacity() == 0 {
        match ready!(to.poll_capacity(cx)) {
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Poll::Ready(false),
        }
    }
    Poll::Ready(true)
}

fn reason(body: &Body, failure: &Failure) -> Reason {
    let without_stream = if failure.side == Side::Client { Reason::CANCEL } else { Reason::INTERNAL_ERROR };
    body.reset_reason().filter(|reason| *reason != Reason::NO_ERROR).unwrap_or(without_stream)
}
