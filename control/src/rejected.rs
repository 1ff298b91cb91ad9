//! Pairs of a client and a host of which one side refuses our TLS: after a few refusals their connections are tunnelled
//! unread for a while, so that no client is broken for good.

mod watched;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dashcam_exchange::{Runtime, Side, Timestamp};
use hashlink::LruCache;

use crate::policy::ConnectionFacts;
use watched::Watched;

/// How many pairs are tunnelled, and how many are watched; beyond that the ones go that were used longest ago.
const MOST_TUNNELLED: usize = 1024;
const MOST_WATCHED: usize = 4096;

/// The number of refusals after which a pair is tunnelled, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TunnelRejected {
    /// So many refusals …
    pub times: u32,
    /// … within this time …
    pub within: Duration,
    /// … make connections tunnels for this long.
    pub lasting: Duration,
}

impl Default for TunnelRejected {
    fn default() -> Self {
        Self { times: 3, within: Duration::from_secs(600), lasting: Duration::from_secs(3600) }
    }
}

/// A client and a host.
///
/// A client is an address and the shape of its ClientHello, so that programs on one machine (or behind one address) are
/// told apart: one that does not trust the certificate costs the others no recording.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    /// Where the client is.
    pub client: IpAddr,
    /// A digest of the shape of its ClientHello.
    pub hello: u64,
    /// The host that it asks for, as `HOST:PORT`.
    pub host: String,
}

impl Pair {
    /// The pair of a connection, once its ClientHello is known.
    #[must_use]
    pub fn of(facts: &ConnectionFacts<'_>) -> Option<Self> {
        let destination = facts.destination?;
        let host = match facts.sni {
            Some(sni) => format!("{sni}:{}", destination.port),
            None => destination.host_and_port(),
        };
        Some(Self { client: facts.client?.ip(), hello: facts.hello?, host })
    }
}

/// One refusal of our TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The client, or the upstream.
    pub side: Side,
    /// The client's software, if it is known.
    pub runtime: Option<Runtime>,
    /// The failure's message.
    pub message: String,
}

/// A pair whose connections are tunnelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedPair {
    /// Its number, since the start.
    pub id: u64,
    /// Where the client is.
    pub client: IpAddr,
    /// The host, as `HOST:PORT`.
    pub host: String,
    /// The last refusal: the reason.
    pub refusal: Refusal,
    /// Since when it is tunnelled.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How often it was refused before.
    pub refusals: u32,
    /// How many connections were tunnelled since.
    pub connections: u64,
}

/// Counts since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RejectedCounts {
    /// Handshakes that clients refused.
    pub by_clients: u64,
    /// Handshakes that upstreams refused.
    pub by_upstreams: u64,
    /// Connections that were tunnelled for that.
    pub tunnelled: u64,
    /// Pairs that were forgotten for want of room.
    pub forgotten: u64,
}

/// All pairs of which one side refuses our TLS.
#[derive(Debug)]
pub struct Rejected {
    rule: Option<TunnelRejected>,
    state: Mutex<State>,
    /// False while no pair is watched or tunnelled: most of the time, and then nobody takes the lock.
    has_pairs: AtomicBool,
    by_clients: AtomicU64,
    by_upstreams: AtomicU64,
    tunnelled: AtomicU64,
    forgotten: AtomicU64,
}

#[derive(Debug)]
struct State {
    watched: LruCache<Pair, Watched>,
    tunnelled: LruCache<Pair, Tunnelled>,
    last_id: u64,
}

#[derive(Debug)]
struct Tunnelled {
    pair: RejectedPair,
    ends: Instant,
}

impl Rejected {
    /// Without a rule nothing is tunnelled; refusals are counted all the same.
    #[must_use]
    pub fn new(rule: Option<TunnelRejected>) -> Self {
        let state = State {
            watched: LruCache::new(MOST_WATCHED),
            tunnelled: LruCache::new(MOST_TUNNELLED),
            last_id: 0,
        };
        Self {
            rule,
            state: Mutex::new(state),
            has_pairs: AtomicBool::new(false),
            by_clients: AtomicU64::new(0),
            by_upstreams: AtomicU64::new(0),
            tunnelled: AtomicU64::new(0),
            forgotten: AtomicU64::new(0),
        }
    }

    /// The rule in force; `None`: `off`.
    #[must_use]
    pub fn rule(&self) -> Option<TunnelRejected> {
        self.rule
    }

    /// Notes that one side refused our TLS. Gives the pair if that was once too often: it is tunnelled from now on.
    pub fn refused(&self, pair: &Pair, refusal: Refusal) -> Option<RejectedPair> {
        self.refused_at(pair, refusal, Instant::now())
    }

    fn refused_at(&self, pair: &Pair, refusal: Refusal, now: Instant) -> Option<RejectedPair> {
        let count = if refusal.side == Side::Client { &self.by_clients } else { &self.by_upstreams };
        count.fetch_add(1, Ordering::Relaxed);
        let rule = self.rule?;
        let mut state = self.lock();
        self.has_pairs.store(true, Ordering::Relaxed);
        if state.tunnelled.get(pair).is_some_and(|tunnelled| tunnelled.ends > now) {
            // A connection that had begun before.
            return None;
        }
        let watched = match state.watched.get_mut(pair) {
            Some(watched) => watched,
            None => {
                self.make_room(&mut state.watched, MOST_WATCHED);
                state.watched.entry(pair.clone()).or_insert_with(Watched::default)
            }
        };
        if watched.refused(refusal.side, now, &rule) < rule.times {
            return None;
        }
        state.watched.remove(pair);
        Some(self.tunnel(&mut state, (pair, refusal), rule, now))
    }

    fn tunnel(
        &self,
        state: &mut State,
        (pair, refusal): (&Pair, Refusal),
        rule: TunnelRejected,
        now: Instant,
    ) -> RejectedPair {
        self.make_room(&mut state.tunnelled, MOST_TUNNELLED);
        state.last_id += 1;
        let since = timestamp();
        let lasting = i64::try_from(rule.lasting.as_micros()).unwrap_or(i64::MAX);
        let tunnelled = RejectedPair {
            id: state.last_id,
            client: pair.client,
            host: pair.host.clone(),
            refusal,
            since,
            until: Timestamp(since.0.saturating_add(lasting)),
            refusals: rule.times,
            connections: 0,
        };
        let entry = Tunnelled { pair: tunnelled.clone(), ends: now + rule.lasting };
        state.tunnelled.insert(pair.clone(), entry);
        tunnelled
    }

    /// Notes that a client goes on after our handshake: its earlier refusals count no more.
    pub fn client_accepted(&self, facts: &ConnectionFacts<'_>) {
        if self.has_pairs.load(Ordering::Relaxed)
            && let Some(pair) = Pair::of(facts)
        {
            let mut state = self.lock();
            if state.watched.get_mut(&pair).is_some_and(|watched| watched.accepted(Side::Client)) {
                state.watched.remove(&pair);
            }
            self.note_emptiness(&state);
        }
    }

    /// Notes that the upstream `host` (`HOST:PORT`) takes our TLS: its earlier refusals count no more.
    pub fn upstream_accepted(&self, host: impl FnOnce() -> String) {
        if self.has_pairs.load(Ordering::Relaxed) {
            let host = host();
            let mut state = self.lock();
            state.watched.retain(|pair, watched| pair.host != host || !watched.accepted(Side::Upstream));
            self.note_emptiness(&state);
        }
    }

    /// The side that refused, if the connection is to be tunnelled for that: for the policy alone.
    pub(crate) fn tunnels(&self, facts: &ConnectionFacts<'_>) -> Option<Side> {
        if !self.has_pairs.load(Ordering::Relaxed) {
            return None;
        }
        let pair = Pair::of(facts)?;
        let mut state = self.lock();
        let tunnelled = state.tunnelled.get_mut(&pair)?;
        if tunnelled.ends <= Instant::now() {
            state.tunnelled.remove(&pair);
            self.note_emptiness(&state);
            return None;
        }
        Some(tunnelled.pair.refusal.side)
    }

    /// Counts a connection of the pair that is tunnelled, as the policy decided.
    pub fn tunnelled(&self, pair: &Pair) {
        self.tunnelled.fetch_add(1, Ordering::Relaxed);
        if let Some(tunnelled) = self.lock().tunnelled.get_mut(pair) {
            tunnelled.pair.connections += 1;
        }
    }

    /// The pairs whose connections are tunnelled at this moment, the latest first.
    #[must_use]
    pub fn pairs(&self) -> Vec<RejectedPair> {
        let (mut state, now) = (self.lock(), Instant::now());
        state.tunnelled.retain(|_, tunnelled| tunnelled.ends > now);
        self.note_emptiness(&state);
        let mut pairs: Vec<_> = state.tunnelled.iter().map(|(_, tunnelled)| tunnelled.pair.clone()).collect();
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.id));
        pairs
    }

    /// Lets connections of the pair be decrypted again; returns whether there was one of that number.
    pub fn remove(&self, id: u64) -> bool {
        self.remove_those(|pair| pair.id == id) > 0
    }

    /// Lets all be decrypted again, and forgets all refusals; how many pairs were tunnelled.
    pub fn clear(&self) -> usize {
        let removed = self.remove_those(|_| true);
        let mut state = self.lock();
        state.watched.clear();
        self.note_emptiness(&state);
        removed
    }

    fn remove_those(&self, wanted: impl Fn(&RejectedPair) -> bool) -> usize {
        let mut state = self.lock();
        let before = state.tunnelled.len();
        state.tunnelled.retain(|_, tunnelled| !wanted(&tunnelled.pair));
        self.note_emptiness(&state);
        before - state.tunnelled.len()
    }

    /// The counts since the start.
    #[must_use]
    pub fn counts(&self) -> RejectedCounts {
        RejectedCounts {
            by_clients: self.by_clients.load(Ordering::Relaxed),
            by_upstreams: self.by_upstreams.load(Ordering::Relaxed),
            tunnelled: self.tunnelled.load(Ordering::Relaxed),
            forgotten: self.forgotten.load(Ordering::Relaxed),
        }
    }

    fn make_room<V>(&self, pairs: &mut LruCache<Pair, V>, most: usize) {
        while pairs.len() >= most && pairs.remove_lru().is_some() {
            self.forgotten.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn note_emptiness(&self, state: &State) {
        let has_pairs = !state.watched.is_empty() || !state.tunnelled.is_empty();
        self.has_pairs.store(has_pairs, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn timestamp() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
