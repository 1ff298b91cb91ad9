//! A body sent over HTTP/2, by either side.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use dashcam_exchange::{Failure, Side};
use h2::{Reason, SendStream};

use super::fields::to_map;
use crate::body::{Body, Frame};
use crate::rewrite::passed_trailers;

/// Why a body did not get through.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// It ended badly. The stream is to be reset for this reason: the one that the body's own stream was reset with, if
    /// it has one.
    Source { failure: Failure, reason: Reason },
    /// The other side ended the stream, or is gone.
    Sink,
}

/// Sends all of `body` as far as the other side's window allows, never holding more than one piece of it.
pub(crate) async fn send(body: &mut Body, to: &mut SendStream<Bytes>) -> Result<(), Unsent> {
    let mut waiting = None;
    poll_fn(|cx| poll(body, to, &mut waiting, cx)).await
}

fn poll(
    body: &mut Body,
    to: &mut SendStream<Bytes>,
    waiting: &mut Option<Bytes>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Unsent>> {
    loop {
        if to.poll_reset(cx).is_ready() {
            return Poll::Ready(Err(Unsent::Sink));
        }
        if waiting.is_some() {
            if !ready!(poll_window(to, cx)) {
                return Poll::Ready(Err(Unsent::Sink));
            }
            let data = waiting.take().unwrap_or_default();
            let last = body.ends_here();
            if to.send_data(data, last).is_err() {
                return Poll::Ready(Err(Unsent::Sink));
            }
            if last {
                return Poll::Ready(Ok(()));
            }
        }
        let sent = match ready!(body.poll_frame(cx)) {
            Some(Ok(Frame::Data(data))) => {
                // A claim on the window, made only with bytes in hand: else a silent stream holds it from others.
                to.reserve_capacity(1);
                *waiting = Some(data);
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

/// Whether there is room in the window, once that is known; false when the stream is over.
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
