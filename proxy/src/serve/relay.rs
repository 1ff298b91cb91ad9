//! Bytes both ways between two streams, until both have closed their half or one breaks.

mod direction;

use std::future::{pending, poll_fn};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use dashcam_exchange::Side;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::net::halves::{ReadHalf, WriteHalf, split};
use crate::net::io::Io;
use crate::net::relay_limits::RelayLimits;
use crate::serve::relay::direction::{Direction, Half};

/// Bytes that were written before one side broke may still reach the other for this long.
const LAST_BYTES: Duration = Duration::from_secs(2);
/// Before it is closed, a connection on which nothing moves for this long is done.
const QUIET: Duration = Duration::from_millis(500);
/// A connection that is to be closed on demand may go on moving bytes for this long.
const LONGEST: Duration = Duration::from_secs(5);

/// How often it is looked within the limit for idle connections whether anything has moved.
const LOOKS: u32 = 8;

/// Which side broke, and how; the proxy's own, if it ends what is idle.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) side: Side,
    pub(crate) error: io::Error,
}

impl Broken {
    /// Nothing moved for `limit`.
    pub(crate) fn idle(limit: Duration) -> Self {
        let message = format!("nothing moved for {} s (timeouts.tunnel_idle)", limit.as_secs_f64());
        Self { side: Side::Proxy, error: io::Error::new(io::ErrorKind::TimedOut, message) }
    }

    /// Returns whether nothing moved for too long.
    pub(crate) fn is_idle(&self) -> bool {
        self.side == Side::Proxy && self.error.kind() == io::ErrorKind::TimedOut
    }
}

/// The end of a relay.
pub(crate) struct Ended {
    /// The side that closed its half or broke first, and when; the proxy, if it ended both.
    pub(crate) first: (Side, Instant),
    /// `Ok` if both sides closed, or the proxy had nothing against it.
    pub(crate) result: Result<(), Broken>,
}

/// An observer of one direction's bytes.
pub(crate) trait Observe {
    /// Bytes that are to be passed on, or nothing where they end: they may have to wait for their copies. An error breaks the
    /// relay off.
    fn poll_offer(&mut self, _bytes: &[u8], _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Bytes that were passed on.
    fn see(&mut self, bytes: &[u8]);
}

/// An observer that nothing waits for.
impl<F: FnMut(&[u8])> Observe for F {
    fn see(&mut self, bytes: &[u8]) {
        self(bytes);
    }
}

/// Relays; `from_client` and `from_upstream` observe the bytes.
pub(crate) async fn both_ways(
    (client, upstream): (Io, Io),
    from_client: impl Observe,
    from_upstream: impl Observe,
    RelayLimits { draining, close, idle }: RelayLimits<'_>,
) -> Ended {
    let moved = AtomicU64::new(0);
    let mut first = None;
    let (client_read, client_write) = split(client);
    let (upstream_read, upstream_write) = split(upstream);
    let (mut client_read, mut client_write) =
        (Half(client_read, Side::Client), Half(client_write, Side::Client));
    let (mut upstream_read, mut upstream_write) =
        (Half(upstream_read, Side::Upstream), Half(upstream_write, Side::Upstream));
    let result = tokio::select! {
        result = async {
            let up = copy(&mut client_read, &mut upstream_write, from_client, &moved);
            let down = copy(&mut upstream_read, &mut client_write, from_upstream, &moved);
            tokio::pin!(up, down);
            tokio::select! {
                result = &mut up => {
                    first = Some(ended_by(Side::Client, &result));
                    with_last_bytes(result, down).await
                }
                result = &mut down => {
                    first = Some(ended_by(Side::Upstream, &result));
                    with_last_bytes(result, up).await
                }
            }
        } => result,
        () = quiet(draining, &moved) => Ok(()),
        () = closed(close, &moved) => Ok(()),
        idle = unmoved(idle, &moved) => Err(idle),
    };
    if result.as_ref().is_err_and(|broken| !broken.is_idle()) {
        // One side's reset is the other's reset too.
        client_read.0.unsplit(client_write.0).reset();
        upstream_read.0.unsplit(upstream_write.0).reset();
    }
    Ended { first: first.unwrap_or_else(|| (Side::Proxy, Instant::now())), result }
}

/// The side that ended a direction in which `reader` is read from.
fn ended_by(reader: Side, result: &Result<(), Broken>) -> (Side, Instant) {
    (result.as_ref().map_or_else(|broken| broken.side, |()| reader), Instant::now())
}

/// The end of both directions, when one has ended with `first`: if that broke, the other gets a moment.
async fn with_last_bytes(
    first: Result<(), Broken>,
    other: impl Future<Output = Result<(), Broken>>,
) -> Result<(), Broken> {
    match first {
        Ok(()) => other.await,
        Err(broken) => {
            // Whatever comes of it, the first to break is the cause.
            let _ = timeout(LAST_BYTES, other).await;
            Err(broken)
        }
    }
}

async fn copy(
    from: &mut Half<ReadHalf>,
    to: &mut Half<WriteHalf>,
    observer: impl Observe,
    moved: &AtomicU64,
) -> Result<(), Broken> {
    let mut direction = Direction::new(from, to, observer, moved);
    poll_fn(|cx| direction.poll(cx)).await
}

/// Waits until nothing has moved for `limit`, if there is one.
async fn unmoved(limit: Option<Duration>, moved: &AtomicU64) -> Broken {
    let Some(limit) = limit else { return pending().await };
    let (mut before, mut looks) = (moved.load(Ordering::Relaxed), 0);
    // Bytes that move need not look at a clock.
    while looks < LOOKS {
        sleep(limit / LOOKS).await;
        let now = moved.load(Ordering::Relaxed);
        looks = if now == before { looks + 1 } else { 0 };
        before = now;
    }
    Broken::idle(limit)
}

/// Waits until it is wanted closed, and what is under way has had its time.
async fn closed(close: Option<&CancellationToken>, moved: &AtomicU64) {
    let Some(close) = close else { return pending().await };
    close.cancelled().await;
    // A limit that is met is as good an end as a quiet moment.
    let _ = timeout(LONGEST, quiet(close, moved)).await;
}

/// Waits until the end has been asked for and nothing moves any more.
async fn quiet(asked: &CancellationToken, moved: &AtomicU64) {
    asked.cancelled().await;
    loop {
        let before = moved.load(Ordering::Relaxed);
        sleep(QUIET).await;
        if moved.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
