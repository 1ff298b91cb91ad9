//! Pairs of a client and a host of which one side refuses our TLS: after a few refusals their connections are tunnelled
//! unread for a while, so that no client is broken for good.

mod habits;
mod pair;
mod watched;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use dashcam_exchange::Side;
use hashlink::LruCache;

use crate::policy::ConnectionFacts;
use habits::Habits;
pub use pair::{Pair, Refusal, RejectedCounts, RejectedPair, TunnelRejected};
use watched::Watched;

/// How many pairs are tunnelled, and how many are watched; beyond that the ones go that were used longest ago.
const MOST_TUNNELLED: usize = 1024;
const MOST_WATCHED: usize = 4096;

/// All pairs of which one side refuses our TLS.
#[derive(Debug)]
pub struct Rejected {
    rule: Option<TunnelRejected>,
    state: Mutex<State>,
    habits: Habits,
    /// False while no pair is watched or tunnelled: most of the time, and then nobody takes the state's lock.
    has_pairs: AtomicBool,
    /// False while no upstream is watched: then nobody takes it for an upstream.
    has_refusing: AtomicBool,
    by_clients: AtomicU64,
    by_upstreams: AtomicU64,
    tunnelled: AtomicU64,
    forgotten: AtomicU64,
}

#[derive(Debug)]
struct State {
    watched: LruCache<Pair, Watched>,
    tunnelled: LruCache<Pair, Tunnelled>,
    /// The hosts of which upstreams refused since they took our TLS last: all such pairs in `watched` are of one of them.
    refusing: LruCache<String, ()>,
    last_id: u64,
}

#[derive(Debug)]
struct Tunnelled {
    pair: RejectedPair,
    ends: Instant,
    /// True if it is tunnelled for refusals that are only probable.
    is_probable: bool,
}

impl Rejected {
    /// Without a rule nothing is tunnelled; refusals are counted all the same.
    #[must_use]
    pub fn new(rule: Option<TunnelRejected>) -> Self {
        let state = State {
            watched: LruCache::new(MOST_WATCHED),
            tunnelled: LruCache::new(MOST_TUNNELLED),
            refusing: LruCache::new(MOST_WATCHED),
            last_id: 0,
        };
        Self {
            rule,
            state: Mutex::new(state),
            habits: Habits::new(),
            has_pairs: AtomicBool::new(false),
            has_refusing: AtomicBool::new(false),
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
        let refusals = watched.refused(&refusal, now, &rule);
        if refusal.side == Side::Upstream {
            state.refusing.insert(pair.host.clone(), ());
            self.has_refusing.store(true, Ordering::Relaxed);
        }
        if refusals.count < rule.times {
            return None;
        }
        state.watched.remove(pair);
        self.make_room(&mut state.tunnelled, MOST_TUNNELLED);
        state.last_id += 1;
        let tunnelled = RejectedPair::begin(state.last_id, (pair, refusal), &rule);
        let entry =
            Tunnelled { pair: tunnelled.clone(), ends: now + rule.lasting, is_probable: refusals.are_silent };
        state.tunnelled.insert(pair.clone(), entry);
        Some(tunnelled)
    }

    /// Notes that a client goes on after our handshake: its earlier refusals count no more. Gives the pair if it was
    /// tunnelled for refusals that were only probable: it is decrypted again.
    ///
    /// Only what the client has to say to this host counts. Many apps trust the root, and pin the certificates of some
    /// hosts.
    pub fn client_accepted(&self, facts: &ConnectionFacts<'_>) -> Option<RejectedPair> {
        self.habits.speaks(facts, Instant::now());
        if !self.has_pairs.load(Ordering::Relaxed) {
            return None;
        }
        let pair = Pair::of(facts)?;
        let mut state = self.lock();
        if state.watched.get_mut(&pair).is_some_and(|watched| watched.accepted(Side::Client)) {
            state.watched.remove(&pair);
        }
        self.undo_probable(&mut state, &pair)
    }

    /// Notes that a connection ends of which [`client_accepted`](Self::client_accepted) was told.
    pub fn client_ended(&self, facts: &ConnectionFacts<'_>) {
        self.habits.ends(facts, Instant::now());
    }

    /// Returns whether a client that leaves right after our handshake without a word does so for other reasons than our
    /// certificate: it speaks with the host, or did so within the rule's time, or it leaves tunnels in the same way.
    #[must_use]
    pub fn excuses(&self, facts: &ConnectionFacts<'_>) -> bool {
        self.habits.excuse(facts, Instant::now(), &self.rule.unwrap_or_default())
    }

    /// Returns whether a pair that is tunnelled refused only in all probability, so that its tunnels are to be watched.
    #[must_use]
    pub fn is_probable(&self, pair: &Pair) -> bool {
        self.lock().tunnelled.peek(pair).is_some_and(|tunnelled| tunnelled.is_probable)
    }

    /// Notes that a client sends something in a tunnel, where it has the upstream's own certificate: it refused ours, and
    /// no tunnel that it leaves says otherwise.
    pub fn spoke_in_tunnel(&self, facts: &ConnectionFacts<'_>) {
        self.habits.speaks_in_tunnel(facts);
    }

    /// Notes that a client left a tunnel right after the handshake without a word, as it did where it got our certificate:
    /// so that was no refusal, unless it ever [spoke](Self::spoke_in_tunnel) in one. Gives the pair, which is decrypted
    /// again.
    pub fn left_tunnel(&self, facts: &ConnectionFacts<'_>) -> Option<RejectedPair> {
        if !self.habits.leaves_tunnel(facts, Instant::now()) {
            return None;
        }
        self.undo_probable(&mut self.lock(), &Pair::of(facts)?)
    }

    fn undo_probable(&self, state: &mut State, pair: &Pair) -> Option<RejectedPair> {
        let is_probable = state.tunnelled.peek(pair).is_some_and(|tunnelled| tunnelled.is_probable);
        let undone = if is_probable { state.tunnelled.remove(pair) } else { None };
        self.note_emptiness(state);
        undone.map(|tunnelled| tunnelled.pair)
    }

    /// Notes that the upstream `host` (`HOST:PORT`) takes our TLS: its earlier refusals count no more.
    pub fn upstream_accepted(&self, host: impl FnOnce() -> String) {
        if self.has_refusing.load(Ordering::Relaxed) {
            let host = host();
            let mut state = self.lock();
            if state.refusing.remove(&host).is_some() {
                state.watched.retain(|pair, watched| pair.host != host || !watched.accepted(Side::Upstream));
                self.note_emptiness(&state);
            }
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
        state.refusing.clear();
        self.habits.clear();
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
        self.has_refusing.store(!state.refusing.is_empty(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
