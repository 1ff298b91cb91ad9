//! How long somebody may take nothing of what is written to them.
//!
//! A download that is paused takes nothing for a while, and lives; a client that makes us hold more than its share of
//! bytes in transit has less time, and has to take more than a few bytes in it.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use dashcam_exchange::{Failure, Side, Stage};

use crate::config::Timeouts;
use crate::net::deadline::Deadline;
use crate::net::limited::{Limit, Limited};
use crate::net::transit::Room;

/// Bytes that a client that is over its share has to take in its shorter time.
const ENOUGH: usize = 16 << 10;

/// Somebody took nothing for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stalled {
    /// No byte.
    #[error("nothing was taken for {} s (timeouts.write)", .0.as_secs_f64())]
    Usual(Duration),
    /// Not much, by a client that holds more than its share.
    #[error(
        "next to nothing was taken for {} s while the client held more than its share of limits.transit (timeouts.write_over_share)",
        .0.as_secs_f64()
    )]
    OverShare(Duration),
}

impl Stalled {
    /// How it failed, if `error` says so.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }

    /// The failure of an exchange of which `side` takes nothing more.
    pub(crate) fn failure(self, side: Side) -> Failure {
        let (stage, what) = match side {
            Side::Upstream => (Stage::RequestBody, "upstream did not take the request"),
            Side::Client | Side::Proxy => (Stage::ResponseBody, "client did not take the response"),
        };
        Failure::new(side, stage, format!("The {what}: {self}."))
    }
}

impl From<Stalled> for io::Error {
    fn from(stalled: Stalled) -> Self {
        Self::new(io::ErrorKind::TimedOut, stalled)
    }
}

/// The time limit of one writer. Costs nothing while what is written is taken at once.
pub(crate) struct WriteTimeout {
    usual: Duration,
    over_share: Duration,
    /// Of the client that takes, if it is one.
    room: Option<Arc<Room>>,
    limited: Arc<Limited>,
    deadline: Deadline,
    /// How long is waited, in whole steps; `None` while nothing waits.
    waited: Option<Duration>,
    /// Bytes that were taken since.
    taken: usize,
    stalled: Option<Stalled>,
}

impl WriteTimeout {
    pub(crate) fn new(timeouts: &Timeouts, room: Option<Arc<Room>>, limited: &Arc<Limited>) -> Self {
        Self {
            usual: timeouts.write,
            over_share: timeouts.write_over_share.min(timeouts.write),
            room,
            limited: Arc::clone(limited),
            deadline: Deadline::default(),
            waited: None,
            taken: 0,
            stalled: None,
        }
    }

    /// Watches a write to a connection: makes it an error when it waits for too long.
    pub(crate) fn watch(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => self.took(bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                let stalled = ready!(self.poll(cx));
                self.room.iter().for_each(|room| room.stall(stalled));
                return Poll::Ready(Err(stalled.into()));
            }
        }
        written
    }

    /// Something was taken, `bytes` of it.
    pub(crate) fn took(&mut self, bytes: usize) {
        if self.waited.is_some() {
            self.taken += bytes;
            if self.taken >= ENOUGH || !self.is_over_share() {
                self.done();
            }
        }
    }

    /// All was taken.
    pub(crate) fn done(&mut self) {
        (self.waited, self.taken) = (None, 0);
    }

    /// Waits for something to be taken; ready when it was not in time.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Stalled> {
        if let Some(stalled) = self.stalled {
            return Poll::Ready(stalled);
        }
        let mut waited = match self.waited {
            Some(waited) => waited,
            None => {
                self.deadline.set(self.step(Duration::ZERO));
                Duration::ZERO
            }
        };
        self.waited = Some(waited);
        loop {
            ready!(self.deadline.poll(cx));
            waited += self.step(waited);
            let stalled = if waited >= self.usual {
                Stalled::Usual(self.usual)
            } else if self.is_over_share() {
                Stalled::OverShare(self.over_share)
            } else {
                self.waited = Some(waited);
                self.deadline.set(self.step(waited));
                continue;
            };
            self.limited.count(Limit::Write);
            self.stalled = Some(stalled);
            return Poll::Ready(stalled);
        }
    }

    /// How long until it is looked again: a client may come to be over its share while it is waited for.
    fn step(&self, waited: Duration) -> Duration {
        let left = self.usual.saturating_sub(waited);
        if self.room.is_some() { self.over_share.min(left) } else { left }
    }

    fn is_over_share(&self) -> bool {
        self.room.as_ref().is_some_and(|room| room.is_exceeded())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::net::transit::Transit;

    fn timeouts() -> Timeouts {
        Timeouts {
            write: Duration::from_secs(300),
            write_over_share: Duration::from_secs(30),
            ..Timeouts::default()
        }
    }

    async fn stalls_after(timeout: &mut WriteTimeout) -> (u64, Stalled) {
        let start = Instant::now();
        let stalled = poll_fn(|cx| timeout.poll(cx)).await;
        (start.elapsed().as_secs(), stalled)
    }

    #[tokio::test(start_paused = true)]
    async fn each_taker_has_its_time() {
        let limited = Arc::default();
        let transit = Transit::new(1 << 20, &limited);
        let room = transit.room(None);
        let mut within = WriteTimeout::new(&timeouts(), Some(Arc::clone(&room)), &limited);
        assert_eq!(stalls_after(&mut within).await.0, 300);
        let mut upstream = WriteTimeout::new(&timeouts(), None, &limited);
        assert_eq!(stalls_after(&mut upstream).await, (300, Stalled::Usual(Duration::from_secs(300))));

        let _held = room.hold(100 << 10).unwrap();
        let mut over = WriteTimeout::new(&timeouts(), Some(room), &limited);
        assert_eq!(stalls_after(&mut over).await, (30, Stalled::OverShare(Duration::from_secs(30))));
        assert_eq!(limited.read().iter().find(|(limit, _)| *limit == Limit::Write).unwrap().1, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_something_has_time_anew_and_over_its_share_only_for_enough() {
        let limited = Arc::default();
        let room = Transit::new(1 << 20, &limited).room(None);
        let mut timeout = WriteTimeout::new(&timeouts(), Some(Arc::clone(&room)), &limited);
        let wait = async |timeout: &mut WriteTimeout, seconds| {
            tokio::select! {
                stalled = poll_fn(|cx| timeout.poll(cx)) => Some(stalled),
                () = sleep(Duration::from_secs(seconds)) => None,
            }
        };
        assert_eq!(wait(&mut timeout, 299).await, None);
        timeout.took(1);
        assert_eq!(wait(&mut timeout, 299).await, None);
        timeout.done();
        let _held = room.hold(100 << 10).unwrap();
        assert_eq!(wait(&mut timeout, 20).await, None);
        timeout.took(ENOUGH);
        assert_eq!(wait(&mut timeout, 20).await, None);
        timeout.took(1);
        assert_eq!(wait(&mut timeout, 20).await, Some(Stalled::OverShare(Duration::from_secs(30))));
    }
}
