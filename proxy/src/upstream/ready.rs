//! Connections that were opened before it was known what they are for: the next one that is wanted for the same
//! destination is one of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::Destination;
use tokio::time::Instant;

use crate::net::admission::Account;
use crate::net::io::Io;
use crate::net::lock::lock;
use crate::upstream::key::Via;
use crate::upstream::record::ConnectTimings;
use crate::upstream::upstreams::Upstreams;

/// How long one is of use: the server may have closed it after that.
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
    since: Instant,
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
        let waiting = Waiting {
            number,
            destination: destination.clone(),
            account: account.cloned(),
            dialled,
            since: Instant::now(),
        };
        lock(&self.ready.waiting).push(waiting);
        ReadyGuard { upstreams: Arc::clone(self), number }
    }
}

impl Ready {
    /// The oldest connection of `account` to `destination`, whatever its scheme, that goes the way `via`.
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
                && one.since.elapsed() < FRESH
        };
        let mut waiting = lock(&self.waiting);
        let found = waiting.iter().position(fits)?;
        let mut dialled = waiting.remove(found).dialled;
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
