//! Each source address has an account of what it takes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use dashcam_recorder::Source;
use tokio::sync::Semaphore;

use crate::net::turns;

/// Look-ups at once, in all: each has a thread until the system answers, which may be long after everybody gave up.
pub(crate) const LOOKUPS: usize = 64;
/// Look-ups at once for one source address, so that no client's slow names hold up the others'.
pub(crate) const LOOKUPS_OF_ADDRESS: usize = LOOKUPS / 4;
/// Connections to upstreams that are many for one source address.
const MANY: usize = 64;

/// The places that one source address takes at the moment.
#[derive(Debug)]
pub(crate) struct Account {
    pub(super) address: Source,
    /// Client connections that are open.
    pub(super) clients: AtomicUsize,
    /// Connections to upstreams that its requests opened, or use.
    upstreams: AtomicUsize,
    /// Room for name look-ups.
    pub(crate) lookups: Arc<Semaphore>,
    /// Its TLS handshakes, with itself and with upstreams, that wait for their turn.
    pub(crate) handshakes: Semaphore,
    /// When its idle connections to upstreams were last looked for, and there were none.
    pub(crate) has_no_idle: Mutex<Option<Instant>>,
}

impl Account {
    pub(super) fn new(address: Source) -> Arc<Self> {
        let lookups = Arc::new(Semaphore::new(LOOKUPS_OF_ADDRESS));
        let (clients, upstreams) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let handshakes = Semaphore::new(turns::of_client());
        Arc::new(Self { address, clients, upstreams, lookups, handshakes, has_no_idle: Mutex::default() })
    }

    /// Counts one more connection to an upstream, unless `limit` are counted already; 0 is no limit.
    pub(super) fn take_upstream(&self, limit: usize) -> bool {
        take(&self.upstreams, limit)
    }

    /// True if it has more than most who let a connection go before they need another one.
    pub(crate) fn has_many_upstreams(&self) -> bool {
        self.upstreams.load(Ordering::Relaxed) >= MANY
    }

    pub(super) fn give_back_upstream(&self) {
        self.upstreams.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Adds one to `count`, unless that is beyond `limit`; 0 is no limit.
pub(super) fn take(count: &AtomicUsize, limit: usize) -> bool {
    let fits = count.fetch_add(1, Ordering::Relaxed) < limit || limit == 0;
    if !fits {
        count.fetch_sub(1, Ordering::Relaxed);
    }
    fits
}
