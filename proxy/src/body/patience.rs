//! How long the next frame of a body is waited for.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use dashcam_exchange::{Failure, Side, Stage};
use tokio::time::{Sleep, sleep};

use super::Frame;

/// How long the next frame may take.
pub(super) struct Patience {
    limit: Duration,
    side: Side,
    /// Since nothing comes.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(super) fn new(limit: Duration, side: Side) -> Self {
        Self { limit, side, waiting: None }
    }

    fn poll_lost(&mut self, cx: &mut Context<'_>) -> Poll<Failure> {
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(self.limit)));
        ready!(waiting.as_mut().poll(cx));
        let (stage, who) = match self.side {
            Side::Client => (Stage::RequestBody, "client sent nothing more of the request"),
            Side::Upstream | Side::Proxy => {
                (Stage::ResponseBody, "upstream sent nothing more of the response")
            }
        };
        let message = format!("The {who} for {} s (timeouts.body).", self.limit.as_secs_f64());
        Poll::Ready(Failure::new(self.side, stage, message))
    }
}

/// `frame`, or the end of the patience with it.
pub(super) fn poll_patiently(
    frame: Poll<Option<Result<Frame, Failure>>>,
    patience: Option<&mut Patience>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame, Failure>>> {
    match (frame, patience) {
        (frame, None) => frame,
        (Poll::Pending, Some(patience)) => Poll::Ready(Some(Err(ready!(patience.poll_lost(cx))))),
        (frame, Some(patience)) => {
            patience.waiting = None;
            frame
        }
    }
}
