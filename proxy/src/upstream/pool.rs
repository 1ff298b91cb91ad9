//! Connections that are kept for the next request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dashcam_exchange::ConnectionId;

use super::Key;
use super::h1::Connection;
use super::h2_connections::Slot;
use super::tls::ClientTls;
use crate::alpn::Alpn;

/// Servers close idle connections after 60 or 75 s mostly; we do it before them.
pub(super) const KEPT: Duration = Duration::from_secs(55);
/// A request that can't be repeated does not go over a connection that was idle for longer than this:
/// the server may be closing it at that moment, and a new connection costs less than a failed request.
const FRESH: Duration = Duration::from_secs(1);
/// Idle connections to one destination, at the most.
const MOST_IDLE: usize = 256;
/// Idle connections to all destinations together, at the most: each is an open file.
const MOST_IDLE_IN_ALL: usize = 2048;

/// The kept connections, and how to make new ones.
pub(crate) struct Upstreams {
    pub(super) tls: ClientTls,
    idle: Mutex<IdleConnections>,
    /// HTTP/2 connections, those of client connections apart: they end with them.
    http2: Mutex<HashMap<Option<ConnectionId>, HashMap<Key, KeptSlot>>>,
    /// What destinations chose of the protocols that they were offered.
    chosen: Mutex<HashMap<Key, (Alpn, Instant)>>,
    /// At the end nothing is kept: connections close behind their last request.
    closed: AtomicBool,
}

/// Idle HTTP/1 connections; each destination's with the oldest first.
#[derive(Default)]
struct IdleConnections {
    by_key: HashMap<Key, Vec<Idle>>,
    count: usize,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

struct KeptSlot {
    slot: Arc<Slot>,
    used: Instant,
}

impl Upstreams {
    pub(crate) fn new(tls: ClientTls) -> Self {
        Self {
            tls,
            idle: Mutex::default(),
            http2: Mutex::default(),
            chosen: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// A kept HTTP/1 connection that still lives.
    pub(super) fn take(&self, key: &Key, repeatable: bool) -> Option<Connection> {
        let limit = if repeatable { KEPT } else { FRESH };
        loop {
            let mut connection = lock(&self.idle).take(key, limit)?;
            if connection.is_alive() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection that is ready for the next request.
    pub(super) fn put(&self, key: &Key, connection: Connection) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        let too_many = lock(&self.idle).put(key, Idle { connection, since: Instant::now() });
        // Closed without the lock.
        drop(too_many);
    }

    /// The one place for HTTP/2 connections like `key`.
    pub(super) fn slot(&self, key: &Key) -> Arc<Slot> {
        let mut http2 = lock(&self.http2);
        if self.closed.load(Ordering::Acquire) {
            return Arc::default();
        }
        let now = Instant::now();
        let of_one = http2.entry(key.own).or_default();
        let kept = of_one.entry(key.clone()).or_insert_with(|| KeptSlot { slot: Arc::default(), used: now });
        kept.used = now;
        Arc::clone(&kept.slot)
    }

    /// Lets go of what only a client connection that has ended could use.
    pub(crate) fn let_go(&self, of: ConnectionId) {
        let own = lock(&self.http2).remove(&Some(of));
        // Closed without the lock.
        drop(own);
    }

    /// What the destination chose not long ago, when it was offered what `key` offers.
    pub(super) fn chosen(&self, key: &Key) -> Option<Alpn> {
        let key = Key { own: None, ..key.clone() };
        let known = lock(&self.chosen);
        known.get(&key).filter(|(_, since)| since.elapsed() < KEPT).map(|(chosen, _)| chosen.clone())
    }

    pub(super) fn choose(&self, key: &Key, chosen: &Alpn) {
        let key = Key { own: None, ..key.clone() };
        lock(&self.chosen).insert(key, (chosen.clone(), Instant::now()));
    }

    /// Lets go of everything that is kept, and keeps nothing from now on.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let kept = (std::mem::take(&mut *lock(&self.idle)), std::mem::take(&mut *lock(&self.http2)));
        drop(kept);
    }

    /// Closes what nobody used for long; called now and then.
    pub(crate) fn sweep(&self) {
        self.sweep_at(Instant::now());
    }

    pub(super) fn sweep_at(&self, now: Instant) {
        let old = lock(&self.idle).extract_old(now);
        drop(old);
        // An HTTP/2 connection whose slot is gone takes no new request and closes after its last stream.
        lock(&self.http2).retain(|_, of_one| {
            of_one.retain(|_, kept| {
                let unused = Arc::strong_count(&kept.slot) == 1;
                let old = now.duration_since(kept.used) >= KEPT;
                !(unused && (old || kept.slot.is_over()))
            });
            !of_one.is_empty()
        });
        lock(&self.chosen).retain(|_, (_, since)| now.duration_since(*since) < KEPT);
    }
}

impl IdleConnections {
    /// The last one that was used, if that was less than `limit` ago.
    fn take(&mut self, key: &Key, limit: Duration) -> Option<Connection> {
        let kept = self.by_key.get_mut(key)?;
        let last = kept.pop_if(|last| last.since.elapsed() < limit)?;
        if kept.is_empty() {
            self.by_key.remove(key);
        }
        self.count -= 1;
        Some(last.connection)
    }

    /// Keeps `idle`; gives back the one that there is no room for.
    fn put(&mut self, key: &Key, idle: Idle) -> Option<Idle> {
        let too_many = if self.by_key.get(key).is_some_and(|kept| kept.len() >= MOST_IDLE) {
            self.remove_oldest(key)
        } else if self.count >= MOST_IDLE_IN_ALL {
            let oldest = self.by_key.iter().min_by_key(|(_, kept)| kept.first().map(|idle| idle.since));
            oldest.map(|(key, _)| key.clone()).and_then(|key| self.remove_oldest(&key))
        } else {
            None
        };
        self.by_key.entry(key.clone()).or_default().push(idle);
        self.count += 1;
        too_many
    }

    fn remove_oldest(&mut self, key: &Key) -> Option<Idle> {
        let kept = self.by_key.get_mut(key).filter(|kept| !kept.is_empty())?;
        let oldest = kept.remove(0);
        if kept.is_empty() {
            self.by_key.remove(key);
        }
        self.count -= 1;
        Some(oldest)
    }

    /// Those that are too old at `now`, or dead.
    fn extract_old(&mut self, now: Instant) -> Vec<Idle> {
        let mut old = Vec::new();
        self.by_key.retain(|_, kept| {
            let is_over =
                |idle: &mut Idle| now.duration_since(idle.since) >= KEPT || !idle.connection.is_alive();
            old.extend(kept.extract_if(.., is_over));
            !kept.is_empty()
        });
        self.count -= old.len();
        old
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
