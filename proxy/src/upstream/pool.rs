//! Connections that are kept for the next request.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Key;
use super::h1::Connection;
use super::h2::Slot;
use super::tls::ClientTls;

/// Servers close idle connections after 60 or 75 s mostly; we do it before them.
const KEPT: Duration = Duration::from_secs(55);
/// A request that can't be repeated does not go over a connection that was idle for longer than this:
/// the server may be closing it at that moment, and a new connection costs less than a failed request.
const FRESH: Duration = Duration::from_secs(1);
/// Idle connections to one destination, at the most.
const MOST_IDLE: usize = 256;

/// The kept connections, and how to make new ones.
pub(crate) struct Upstreams {
    pub(super) tls: ClientTls,
    idle: Mutex<HashMap<Key, Vec<Idle>>>,
    http2: Mutex<HashMap<Key, Arc<tokio::sync::Mutex<Slot>>>>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

impl Upstreams {
    pub(crate) fn new(tls: ClientTls) -> Self {
        Self { tls, idle: Mutex::default(), http2: Mutex::default() }
    }

    /// A kept HTTP/1 connection that still lives.
    pub(super) fn take(&self, key: &Key, repeatable: bool) -> Option<Connection> {
        let limit = if repeatable { KEPT } else { FRESH };
        loop {
            let Idle { mut connection, since } = {
                let mut idle = lock(&self.idle);
                let kept = idle.get_mut(key)?;
                let last = kept.pop_if(|last| last.since.elapsed() < limit)?;
                if kept.is_empty() {
                    idle.remove(key);
                }
                last
            };
            if since.elapsed() < limit && connection.is_alive() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection that is ready for the next request.
    pub(super) fn put(&self, key: &Key, connection: Connection) {
        let mut idle = lock(&self.idle);
        let kept = idle.entry(key.clone()).or_default();
        if kept.len() < MOST_IDLE {
            kept.push(Idle { connection, since: Instant::now() });
        }
    }

    /// The one place for HTTP/2 connections like `key`: who opens one has it locked, so that there is one.
    pub(super) fn slot(&self, key: &Key) -> Arc<tokio::sync::Mutex<Slot>> {
        Arc::clone(lock(&self.http2).entry(key.clone()).or_default())
    }

    /// Closes what nobody used for long; called now and then.
    pub(crate) fn sweep(&self) {
        let old = {
            let mut idle = lock(&self.idle);
            let mut old = Vec::new();
            idle.retain(|_, kept| {
                old.extend(
                    kept.extract_if(.., |idle| idle.since.elapsed() >= KEPT || !idle.connection.is_alive()),
                );
                !kept.is_empty()
            });
            old
        };
        drop(old);
        let mut http2 = lock(&self.http2);
        let keys: Vec<_> = http2.keys().cloned().collect();
        for key in keys {
            if let Entry::Occupied(slot) = http2.entry(key)
                && Arc::strong_count(slot.get()) == 1
                && slot.get().try_lock().is_ok_and(|slot| slot.is_over())
            {
                slot.remove();
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
