//! Connections that are kept for the next request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dashcam_exchange::ConnectionId;

use crate::net::admission::{Account, Admission, UpstreamPermit};
use crate::net::alpn::Alpn;
use crate::net::limited::Limit;
use crate::net::lock::lock;
use crate::net::swept_map::SweptMap;
use crate::upstream::group::{KEPT, PoolGroup};
use crate::upstream::h1::connection::Connection;
use crate::upstream::h2::slot::Slot;
use crate::upstream::key::Key;

/// A request that can't be repeated does not go over a connection that was idle for longer than this:
/// the server may be closing it at that moment, and a new connection costs less than a failed request.
const FRESH: Duration = Duration::from_secs(1);
/// Idle connections to all destinations together at most: each is an open file.
const MOST_IDLE_IN_ALL: usize = 2048;
/// How soon idle connections are looked for again where there were none.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The kept connections.
pub(crate) struct Pool {
    /// The places of HTTP/1 connections.
    places: Mutex<SweptMap<Key, Arc<PoolGroup>>>,
    /// Idle HTTP/1 connections in all places, by worker; 0 are all other threads.
    idle: Box<[IdleCount]>,
    /// HTTP/2 connections, those of client connections apart: they end with them.
    http2: Mutex<HashMap<Option<ConnectionId>, HashMap<Key, KeptSlot>>>,
    /// The places of client connections that have their own, which end with them.
    pinned: Mutex<HashMap<ConnectionId, Vec<Key>>>,
    /// True once there was one: most dashcams have none.
    has_pinned: AtomicBool,
    /// The choices of destinations among the protocols that they were offered.
    chosen: Mutex<SweptMap<Key, (Alpn, Instant)>>,
    /// When idle connections were last looked for, and there were none.
    has_no_idle: Mutex<Option<Instant>>,
    /// At the end nothing is kept: connections close behind their last request.
    closed: AtomicBool,
}

/// One worker's count, apart from the others' also in the processor's caches.
#[derive(Default)]
#[repr(align(64))]
struct IdleCount(AtomicUsize);

struct KeptSlot {
    slot: Arc<Slot>,
    used: Instant,
}

impl Pool {
    /// `workers` threads share them.
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            places: Mutex::default(),
            idle: (0..=workers).map(|_| IdleCount::default()).collect(),
            http2: Mutex::default(),
            pinned: Mutex::default(),
            has_pinned: AtomicBool::new(false),
            chosen: Mutex::default(),
            has_no_idle: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// The place of HTTP/1 connections like `key`.
    pub(crate) fn place(&self, key: Key) -> Arc<PoolGroup> {
        let mut places = lock(&self.places);
        if let Some(place) = places.get(&key) {
            return Arc::clone(place);
        }
        let place = PoolGroup::new(key.clone(), self.idle.len() - 1);
        if let Some(of) = key.pinned {
            self.has_pinned.store(true, Ordering::Release);
            let mut pinned = lock(&self.pinned);
            let keys = pinned.entry(of).or_default();
            if !keys.contains(&key) {
                keys.push(key.clone());
            }
        }
        places.insert(key, Arc::clone(&place), is_needed);
        place
    }

    /// A kept connection that still lives, for a request of `account`.
    pub(super) fn take(
        &self,
        place: &PoolGroup,
        repeatable: bool,
        account: Option<&Arc<Account>>,
    ) -> Option<Connection> {
        let limit = if repeatable { KEPT } else { FRESH };
        loop {
            let mut connection = place.take(limit, account)?;
            self.count_out(&connection);
            if connection.is_alive() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection that is ready for the next request; closes one that is of no use to it.
    pub(super) fn put(&self, place: &PoolGroup, connection: Connection) {
        if self.closed.load(Ordering::Acquire) || !connection.is_reusable() {
            return;
        }
        let own = &self.idle[connection.share.worker()].0;
        let before = own.fetch_add(1, Ordering::Relaxed);
        let mut too_many = place.put(connection);
        // The others' counts are not looked at while this one is no more than a fair share.
        if too_many.is_none()
            && before >= MOST_IDLE_IN_ALL / self.idle.len()
            && self.idle() > MOST_IDLE_IN_ALL
        {
            too_many = self.take_oldest();
        }
        too_many.iter().for_each(|connection| self.count_out(connection));
        // Closed without a lock.
        drop(too_many);
        if self.closed.load(Ordering::Acquire) {
            drop(place.extract_all());
        } else if place.has_ended() {
            self.close_all(place);
        }
    }

    /// Closes all that are idle in a place.
    fn close_all(&self, place: &PoolGroup) {
        let idle = place.extract_all();
        idle.iter().for_each(|connection| self.count_out(connection));
    }

    /// How many are idle in all.
    fn idle(&self) -> usize {
        self.idle.iter().map(|idle| idle.0.load(Ordering::Relaxed)).sum()
    }

    fn count_out(&self, connection: &Connection) {
        self.idle[connection.share.worker()].0.fetch_sub(1, Ordering::Relaxed);
    }

    fn take_oldest(&self) -> Option<Connection> {
        let places: Vec<_> = lock(&self.places).values().cloned().collect();
        let oldest =
            places.iter().filter_map(|place| Some((place.oldest()?, place))).min_by_key(|(since, _)| *since);
        oldest.and_then(|(_, place)| place.take_oldest())
    }

    /// Room for a connection on `account`; idle ones make way for it.
    pub(super) fn admit(
        &self,
        admission: &Arc<Admission>,
        account: Option<&Arc<Account>>,
    ) -> Result<UpstreamPermit, Limit> {
        admission.admit_upstream(account).or_else(|limit| {
            let whose = account.filter(|_| limit == Limit::UpstreamConnectionsOfAddress);
            if self.close_idle(whose) { admission.admit_upstream(account) } else { Err(limit) }
        })
    }

    /// Counts a connection that was kept as `account`'s, which uses it from now on.
    pub(super) fn pass_to(
        &self,
        account: Option<&Arc<Account>>,
        connection: &mut Connection,
    ) -> Result<(), Limit> {
        let passed = connection.share.pass_to(account);
        if passed.is_err() && self.close_idle(account) { connection.share.pass_to(account) } else { passed }
    }

    /// Closes the older half of the idle connections that are `account`'s, without one of all; false if there are none.
    fn close_idle(&self, account: Option<&Arc<Account>>) -> bool {
        let has_none = account.map_or(&self.has_no_idle, |account| &account.has_no_idle);
        // It costs a look at all places, and whoever is at the limit may ask often.
        if lock(has_none).is_some_and(|since| since.elapsed() < LOOK_AGAIN) {
            return false;
        }
        let places: Vec<_> = lock(&self.places).values().cloned().collect();
        let mut since: Vec<_> = places.iter().flat_map(|place| place.idle_since(account)).collect();
        since.sort_unstable();
        let Some(middle) = since.get(since.len().saturating_sub(1) / 2) else {
            *lock(has_none) = Some(Instant::now());
            return false;
        };
        for place in &places {
            let idle = place.extract_idle(account, *middle);
            idle.iter().for_each(|connection| self.count_out(connection));
        }
        true
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
        if self.has_pinned.load(Ordering::Acquire) {
            let keys = lock(&self.pinned).remove(&of).unwrap_or_default();
            let places: Vec<_> = keys.iter().filter_map(|key| lock(&self.places).remove(key)).collect();
            for place in places {
                place.end();
                self.close_all(&place);
            }
        }
    }

    /// The destination's choice, if it was offered what `key` offers not long ago.
    pub(super) fn chosen(&self, key: &Key) -> Option<Alpn> {
        let key = Key { own: None, ..key.clone() };
        let known = lock(&self.chosen);
        known.get(&key).filter(|(_, since)| since.elapsed() < KEPT).map(|(chosen, _)| chosen.clone())
    }

    pub(super) fn choose(&self, key: &Key, chosen: &Alpn) {
        let key = Key { own: None, ..key.clone() };
        let now = Instant::now();
        lock(&self.chosen).insert(key, (chosen.clone(), now), |(_, since)| now.duration_since(*since) < KEPT);
    }

    /// Lets go of everything that is kept, and keeps nothing from now on.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let places = std::mem::take(&mut *lock(&self.places));
        places.values().for_each(|place| drop(place.extract_all()));
        let http2 = std::mem::take(&mut *lock(&self.http2));
        drop(http2);
    }

    /// Closes what nobody used for long; called now and then.
    pub(crate) fn sweep(&self) {
        self.sweep_at(Instant::now());
    }

    pub(super) fn sweep_at(&self, now: Instant) {
        let places: Vec<_> = lock(&self.places).values().cloned().collect();
        for place in &places {
            let old = place.extract_old(now);
            old.iter().for_each(|connection| self.count_out(connection));
            drop(old);
        }
        drop(places);
        // Whoever finds a place gets it under the lock: one that nobody holds then is found by nobody.
        lock(&self.places).sweep(is_needed);
        // An HTTP/2 connection whose slot is gone takes no new request and closes after its last stream.
        lock(&self.http2).retain(|_, of_one| {
            of_one.retain(|_, kept| {
                let unused = Arc::strong_count(&kept.slot) == 1;
                let old = now.duration_since(kept.used) >= KEPT;
                !(unused && (old || kept.slot.is_over()))
            });
            !of_one.is_empty()
        });
        lock(&self.chosen).sweep(|(_, since)| now.duration_since(*since) < KEPT);
    }
}

/// Somebody holds it, or keeps connections in it.
fn is_needed(place: &Arc<PoolGroup>) -> bool {
    Arc::strong_count(place) > 1 || place.idle() > 0
}

#[cfg(test)]
mod tests;
