//! A deadline that moves with every request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// A point in time. To move it costs a clock reading: the timer behind it is left where it is as long as it
/// fires no later than it should, and set again when it has fired too early.
#[derive(Default)]
pub(crate) struct Deadline {
    at: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// Moves it to `limit` from now.
    pub(crate) fn set(&mut self, limit: Duration) {
        self.at = Instant::now().checked_add(limit);
    }

    /// Ready once it has passed; never, if it was not set.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() > at {
            timer.as_mut().reset(at);
        }
        loop {
            ready!(timer.as_mut().poll(cx));
            if timer.deadline() >= at {
                return Poll::Ready(());
            }
            timer.as_mut().reset(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_passes_when_it_was_last_set_for() {
        let start = Instant::now();
        let mut deadline = Deadline::default();
        for (limit, passes_after) in [(20, 20), (5, 25), (50, 75)] {
            deadline.set(Duration::from_secs(limit));
            poll_fn(|cx| deadline.poll(cx)).await;
            assert_eq!(start.elapsed().as_secs(), passes_after);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_can_be_moved_while_it_is_waited_for() {
        let start = Instant::now();
        let mut deadline = Deadline::default();
        deadline.set(Duration::from_secs(10));
        let mut moved = false;
        poll_fn(|cx| {
            let polled = deadline.poll(cx);
            if !std::mem::replace(&mut moved, true) {
                deadline.set(Duration::from_secs(30));
            }
            polled
        })
        .await;
        assert_eq!(start.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn unset_it_never_passes() {
        let mut deadline = Deadline::default();
        let passed = tokio::time::timeout(Duration::from_secs(1), poll_fn(|cx| deadline.poll(cx))).await;
        assert!(passed.is_err());
    }
}
