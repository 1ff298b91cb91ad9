//! Connections that were opened before it was known what they are for: the next one that is wanted for the same
//! destination is one of them.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use dashcam_exchange::Destination;
use tokio::time::Instant;

use crate::net::admission::Account;
use crate::net::io::Io;
use crate::net::lock::lock;
use crate::upstream::key::Via;
use crate::upstream::record::ConnectTimings;
use crate::upstream::upstreams::Upstreams;

/// How long one is of use after it was opened: servers close those on which nothing comes.
const FRESH: Duration = Duration::from_secs(5);

/// The connections that wait for their use.
#[derive(Default)]
pub(super) struct Ready {
    waiting: Mutex<Vec<Waiting>>,
    last: AtomicU64,
}

/// A connection over TCP, and how it came about.
pub(crate) struct Dialled {
    pub(crate) io: Io,
    pub(super) timings: ConnectTimings,
    /// The way that it goes.
    pub(super) via: Via,
}

struct Waiting {
    number: u64,
    destination: Destination,
    account: Option<Arc<Account>>,
    dialled: Dialled,
}

impl Waiting {
    fn is_fresh(&self) -> bool {
        let ConnectTimings { since, connected, .. } = &self.dialled.timings;
        (*since + *connected).elapsed() < FRESH
    }
}

impl Dialled {
    /// Returns whether nothing came on it, not its end either.
    fn is_quiet(&mut self) -> bool {
        let look = pin!(self.io.look_further());
        look.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }
}

/// Closes a connection that was of no use, when it is dropped.
pub(crate) struct ReadyGuard {
    upstreams: Arc<Upstreams>,
    number: u64,
}

impl Upstreams {
    /// Keeps a connection of `account` to `destination` until it is used, or the guard dropped.
    pub(crate) fn keep_ready(
        self: &Arc<Self>,
        destination: &Destination,
        account: Option<&Arc<Account>>,
        dialled: Dialled,
    ) -> ReadyGuard {
        let number = self.ready.last.fetch_add(1, Ordering::Relaxed);
        let waiting =
            Waiting { number, destination: destination.clone(), account: account.cloned(), dialled };
        lock(&self.ready.waiting).push(waiting);
        ReadyGuard { upstreams: Arc::clone(self), number }
    }
}

impl Ready {
    /// The oldest connection of `account` to `destination`, whatever its scheme, that goes the way `via`, if it is of use.
    /// Those of anybody's that nobody wanted in time are closed, so that they take no places.
    pub(super) fn take(
        &self,
        (destination, via): (&Destination, Via),
        account: Option<&Arc<Account>>,
    ) -> Option<Dialled> {
        let fits = |one: &Waiting| {
            one.destination.port == destination.port
                && one.destination.host == destination.host
                && one.dialled.via == via
                && one.account.as_ref().map(Arc::as_ptr) == account.map(Arc::as_ptr)
        };
        let mut waiting = lock(&self.waiting);
        let stale: Vec<_> = waiting.extract_if(.., |one| !one.is_fresh()).collect();
        let found = waiting.iter().position(fits).map(|found| waiting.remove(found));
        drop(waiting);
        // Closed without the lock.
        drop(stale);
        let mut dialled = found?.dialled;
        if !dialled.is_quiet() {
            return None;
        }
        // The time in which nobody wanted it is no time of its opening.
        dialled.timings.since = Instant::now() - dialled.timings.connected;
        Some(dialled)
    }
}

impl Drop for ReadyGuard {
    fn drop(&mut self) {
        let mut waiting = lock(&self.upstreams.ready.waiting);
        let own = waiting.iter().position(|one| one.number == self.number);
        let unused = own.map(|own| waiting.remove(own));
        drop(waiting);
        // Closed without the lock.
        drop(unused);
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::Timestamp;
    use tokio::io::{AsyncWriteExt as _, DuplexStream};
    use tokio::time::advance;

    use super::*;

    /// Connections that wait, one of them to each of `hosts`, and the servers' ends.
    fn waiting(hosts: &[&str]) -> (Ready, Vec<DuplexStream>) {
        let (ready, mut servers) = (Ready::default(), Vec::new());
        for host in hosts {
            let (ours, server) = tokio::io::duplex(64);
            servers.push(server);
            let timings = ConnectTimings {
                at: Timestamp(0),
                since: Instant::now(),
                resolved: None,
                connected: Duration::from_secs(2),
                tls: None,
                shown: None,
                tried: None,
            };
            let dialled = Dialled { io: Io::from(ours), timings, via: Via::Direct };
            lock(&ready.waiting).push(Waiting { number: 0, destination: to(host), account: None, dialled });
        }
        (ready, servers)
    }

    fn to(host: &str) -> Destination {
        Destination { scheme: dashcam_exchange::Scheme::Https, host: host.to_owned(), port: 443 }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_quiet_and_fresh_is_used_once() {
        let (ready, _servers) = waiting(&["a"]);
        advance(FRESH).await;
        assert!(ready.take((&to("b"), Via::Direct), None).is_none());
        assert!(ready.take((&to("a"), Via::Direct), None).is_some());
        assert!(ready.take((&to("a"), Via::Direct), None).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_ended_or_on_which_something_came_is_of_no_use() {
        let (ready, mut servers) = waiting(&["ended", "spoke"]);
        servers[1].write_all(b"220 hello").await.unwrap();
        drop(servers.remove(0));
        for host in ["ended", "spoke"] {
            assert!(ready.take((&to(host), Via::Direct), None).is_none(), "{host}");
        }
        assert!(lock(&ready.waiting).is_empty());
    }

    /// A caller that asks for any connection closes those that are too old.
    #[tokio::test(start_paused = true)]
    async fn old_ones_take_no_places() {
        let (ready, _servers) = waiting(&["a", "b"]);
        advance(FRESH + Duration::from_secs(2)).await;
        assert!(ready.take((&to("a"), Via::Direct), None).is_none());
        assert!(lock(&ready.waiting).is_empty());
    }
}
