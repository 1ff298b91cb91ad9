//! Where the idle HTTP/1 connections of one kind are kept.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::net::admission::{Account, UpstreamPermit};
use crate::net::limited::Limit;
use crate::net::lock::lock;
use crate::net::workers;
use crate::upstream::h1::connection::Connection;
use crate::upstream::key::Key;

/// Servers close idle connections after 60 or 75 s mostly; we do it before them.
pub(super) const KEPT: Duration = Duration::from_secs(55);
/// Idle connections of one worker to one place at most.
pub(super) const MOST_IDLE: usize = 256;

/// A kind of connection, and those of it that are kept. Whoever sends requests of one kind holds it, so that none of
/// them is looked up.
pub(crate) struct PoolGroup {
    pub(crate) key: Key,
    shards: Box<[Shard]>,
    /// True once nobody will ask for its connections any more.
    ended: AtomicBool,
    /// The place where its requests go while the destination is known to have chosen HTTP/1, and when the last one did.
    over_h1: Mutex<Option<(Arc<PoolGroup>, Instant)>>,
}

/// One worker's connections, apart from the others' also in the processor's caches.
#[derive(Default)]
#[repr(align(64))]
struct Shard {
    /// The oldest first.
    idle: Mutex<Vec<Idle>>,
    /// Those in use, and those that are idle.
    open: AtomicUsize,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// A connection's share in its place.
pub(super) struct OpenGuard {
    place: Arc<PoolGroup>,
    worker: usize,
    /// Its place among the connections to upstreams.
    permit: Option<UpstreamPermit>,
}

impl PoolGroup {
    pub(super) fn new(key: Key, workers: usize) -> Arc<Self> {
        let shards = (0..=workers).map(|_| Shard::default()).collect();
        Arc::new(Self { key, shards, ended: AtomicBool::new(false), over_h1: Mutex::default() })
    }

    /// A place of its own, for requests over HTTP/2: their connections are kept elsewhere.
    pub(crate) fn apart(key: Key) -> Arc<Self> {
        Self::new(key, 0)
    }

    /// The place of connections over HTTP/1, if the destination has chosen that, and requests have come since without a
    /// long pause: after one it is asked again.
    pub(super) fn over_h1(&self, now: Instant) -> Option<Arc<Self>> {
        let mut known = lock(&self.over_h1);
        let (place, used) = known.as_mut()?;
        if now.duration_since(std::mem::replace(used, now)) < KEPT {
            return Some(Arc::clone(place));
        }
        *known = None;
        None
    }

    /// Notes that the destination has chosen HTTP/1, whose connections are kept in `place`.
    pub(super) fn set_over_h1(&self, place: &Arc<Self>) {
        *lock(&self.over_h1) = Some((Arc::clone(place), Instant::now()));
    }

    /// Counts a new connection in, as the current worker's.
    pub(super) fn share(self: &Arc<Self>, permit: Option<UpstreamPermit>) -> OpenGuard {
        let worker = workers::current().min(self.shards.len() - 1);
        self.shards[worker].open.fetch_add(1, Ordering::Relaxed);
        OpenGuard { place: Arc::clone(self), worker, permit }
    }

    /// The connection of this worker that was used last, if that was less than `limit` ago. A worker that has
    /// none at all borrows one of another's: where little happens, that costs less than one more connection.
    ///
    /// An account that has many gets only its own: those of others are left to them, who else would wait in line behind
    /// all that it opens.
    pub(super) fn take(&self, limit: Duration, account: Option<&Arc<Account>>) -> Option<Connection> {
        let of = account.filter(|account| account.has_many_upstreams());
        let own = workers::current().min(self.shards.len() - 1);
        if let Some(connection) = self.shards[own].take(limit, of) {
            return Some(connection);
        }
        let none = self.shards[own].open.load(Ordering::Relaxed) == 0;
        none.then(|| self.shards.iter().find_map(|shard| shard.take(limit, of))).flatten()
    }

    /// Keeps a connection with its worker; gives back one that there is no room for.
    pub(super) fn put(&self, connection: Connection) -> Option<Connection> {
        let shard = &self.shards[connection.share.worker.min(self.shards.len() - 1)];
        let mut idle = lock(&shard.idle);
        let too_many = (idle.len() >= MOST_IDLE).then(|| idle.remove(0).connection);
        idle.push(Idle { connection, since: Instant::now() });
        too_many
    }

    /// Since when those are idle that are `account`'s; without one: all.
    pub(super) fn idle_since(&self, account: Option<&Arc<Account>>) -> Vec<Instant> {
        let mut since = Vec::new();
        for shard in &self.shards {
            let idle = lock(&shard.idle);
            since.extend(idle.iter().filter(|idle| idle.is_of(account)).map(|idle| idle.since));
        }
        since
    }

    /// Those of them that are idle since `latest` or longer.
    pub(super) fn extract_idle(&self, account: Option<&Arc<Account>>, latest: Instant) -> Vec<Connection> {
        let mut extracted = Vec::new();
        for shard in &self.shards {
            let matches = |idle: &mut Idle| idle.since <= latest && idle.is_of(account);
            extracted.extend(lock(&shard.idle).extract_if(.., matches).map(|idle| idle.connection));
        }
        extracted
    }

    /// Since when its oldest idle connection is idle.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.shards.iter().filter_map(|shard| lock(&shard.idle).first().map(|idle| idle.since)).min()
    }

    /// Its oldest idle connection.
    pub(super) fn take_oldest(&self) -> Option<Connection> {
        let oldest = |shard: &&Shard| lock(&shard.idle).first().map(|idle| idle.since);
        let shard = self.shards.iter().filter(|shard| oldest(shard).is_some()).min_by_key(oldest)?;
        let mut idle = lock(&shard.idle);
        (!idle.is_empty()).then(|| idle.remove(0).connection)
    }

    /// Those that are too old at `now`, or dead.
    pub(super) fn extract_old(&self, now: Instant) -> Vec<Connection> {
        let is_over = |idle: &mut Idle| now.duration_since(idle.since) >= KEPT || !idle.connection.is_alive();
        let mut old = Vec::new();
        for shard in &self.shards {
            old.extend(lock(&shard.idle).extract_if(.., is_over).map(|idle| idle.connection));
        }
        old
    }

    /// All that are idle.
    pub(super) fn extract_all(&self) -> Vec<Connection> {
        let all = self.shards.iter().flat_map(|shard| std::mem::take(&mut *lock(&shard.idle)));
        all.map(|idle| idle.connection).collect()
    }

    /// Keeps nothing from now on: the only client that could use it has gone.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// How many are idle.
    pub(super) fn idle(&self) -> usize {
        self.shards.iter().map(|shard| lock(&shard.idle).len()).sum()
    }
}

impl Shard {
    fn take(&self, limit: Duration, of: Option<&Arc<Account>>) -> Option<Connection> {
        let mut idle = lock(&self.idle);
        let last = match of {
            None => idle.pop_if(|last| last.since.elapsed() < limit)?,
            Some(_) => {
                let last = idle.iter().rposition(|idle| idle.is_of(of))?;
                (idle[last].since.elapsed() < limit).then(|| idle.remove(last))?
            }
        };
        Some(last.connection)
    }
}

impl Idle {
    fn is_of(&self, account: Option<&Arc<Account>>) -> bool {
        account.is_none() || self.connection.share.permit.as_ref().is_some_and(|permit| permit.is_of(account))
    }
}

impl OpenGuard {
    /// The connection is `account`'s from now on.
    pub(super) fn pass_to(&mut self, account: Option<&Arc<Account>>) -> Result<(), Limit> {
        self.permit.as_mut().map_or(Ok(()), |permit| permit.pass_to(account))
    }

    /// For a connection that goes on as something else.
    pub(super) fn into_permit(mut self) -> Option<UpstreamPermit> {
        self.permit.take()
    }

    /// The worker that the connection belongs to.
    pub(super) fn worker(&self) -> usize {
        self.worker
    }
}

impl Drop for OpenGuard {
    fn drop(&mut self) {
        self.place.shards[self.worker].open.fetch_sub(1, Ordering::Relaxed);
    }
}
