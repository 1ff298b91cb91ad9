//! The clients that speak with a host, and those that leave it without a word whoever's certificate they get: an end without
//! a word says nothing about ours then.

use std::array;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use hashlink::LruCache;

use super::pair::TunnelRejected;
use crate::policy::ConnectionFacts;

/// The most pairs of which something is known; beyond that those go that were seen longest ago.
const MOST: usize = 4096;
/// Each decrypted connection notes its first byte and its end here: so many may do so at once.
const SHARDS: usize = 16;

/// The habits of each pair, by a keyed hash of it: nobody can make two pairs that are taken for one.
#[derive(Debug)]
pub(super) struct Habits {
    keys: RandomState,
    shards: [Mutex<LruCache<u64, Habit>>; SHARDS],
}

#[derive(Debug, Default)]
struct Habit {
    /// Its decrypted connections that are open, and over which something came.
    speaking: u32,
    /// The last time when one of them began or ended.
    spoke: Option<Instant>,
    /// The last time when it left a tunnel, where it had the upstream's own certificate, without a word.
    left_tunnel: Option<Instant>,
    /// True if it spoke in a tunnel, and not where it had ours since.
    speaks_in_tunnels: bool,
}

impl Habits {
    pub(super) fn new() -> Self {
        let shards = array::from_fn(|_| Mutex::new(LruCache::new(MOST / SHARDS)));
        Self { keys: RandomState::new(), shards }
    }

    /// A decrypted connection of the pair has something to say.
    pub(super) fn speaks(&self, facts: &ConnectionFacts<'_>, now: Instant) {
        self.with(facts, |habit| {
            habit.speaking = habit.speaking.saturating_add(1);
            habit.spoke = Some(now);
            habit.speaks_in_tunnels = false;
        });
    }

    /// A connection that [spoke](Self::speaks) ends.
    pub(super) fn ends(&self, facts: &ConnectionFacts<'_>, now: Instant) {
        self.with(facts, |habit| {
            habit.speaking = habit.speaking.saturating_sub(1);
            habit.spoke = Some(now);
        });
    }

    /// A tunnel of the pair has something to say: ends of others say nothing any more.
    pub(super) fn speaks_in_tunnel(&self, facts: &ConnectionFacts<'_>) {
        self.with(facts, |habit| {
            habit.speaks_in_tunnels = true;
            habit.left_tunnel = None;
        });
    }

    /// The pair left a tunnel without a word. Returns whether that counts: not if it ever speaks in tunnels.
    pub(super) fn leaves_tunnel(&self, facts: &ConnectionFacts<'_>, now: Instant) -> bool {
        let counts = self.with(facts, |habit| {
            if !habit.speaks_in_tunnels {
                habit.left_tunnel = Some(now);
            }
            !habit.speaks_in_tunnels
        });
        counts.unwrap_or(false)
    }

    /// Returns whether an end without a word says nothing about our certificate.
    pub(super) fn excuse(&self, facts: &ConnectionFacts<'_>, now: Instant, rule: &TunnelRejected) -> bool {
        let since = |at: Instant| now.saturating_duration_since(at);
        let excused = self.with(facts, |habit| {
            habit.speaking > 0
                || habit.spoke.is_some_and(|at| since(at) < rule.within)
                || habit.left_tunnel.is_some_and(|at| since(at) < rule.lasting)
        });
        excused.unwrap_or(false)
    }

    pub(super) fn clear(&self) {
        for shard in &self.shards {
            shard.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Runs `change` on the pair's habit, if the pair is known.
    fn with<R>(&self, facts: &ConnectionFacts<'_>, change: impl FnOnce(&mut Habit) -> R) -> Option<R> {
        let key = self.key(facts)?;
        let shard = usize::try_from(key % SHARDS as u64).unwrap_or_default();
        let mut habits = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        Some(change(habits.entry(key).or_insert_with(Habit::default)))
    }

    /// The same facts as [`Pair::of`](super::Pair::of) has, without a copy of the host's name.
    fn key(&self, facts: &ConnectionFacts<'_>) -> Option<u64> {
        let destination = facts.destination?;
        let host = facts.sni.unwrap_or(&destination.host);
        Some(self.keys.hash_one((facts.client?.ip(), facts.hello?, host, destination.port)))
    }
}
