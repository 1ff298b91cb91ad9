//! The clients that speak with a host, and those that leave it without a word whoever's certificate they get: an end without
//! a word says nothing about ours then.

use std::time::Instant;

use hashlink::LruCache;

use super::pair::{Pair, TunnelRejected};

/// The most pairs of which something is known; beyond that those go that were seen longest ago.
const MOST: usize = 4096;

/// The habits of each pair.
#[derive(Debug)]
pub(super) struct Habits(LruCache<Pair, Habit>);

#[derive(Debug, Default)]
struct Habit {
    /// Its decrypted connections that are open, and over which something came.
    speaking: u32,
    /// The last time when one of them began or ended.
    spoke: Option<Instant>,
    /// The last time when it left a tunnel, where it had the upstream's own certificate, without a word.
    left_tunnel: Option<Instant>,
}

impl Habits {
    pub(super) fn new() -> Self {
        Self(LruCache::new(MOST))
    }

    /// A decrypted connection of the pair has something to say.
    pub(super) fn speaks(&mut self, pair: &Pair, now: Instant) {
        let habit = self.of(pair);
        habit.speaking = habit.speaking.saturating_add(1);
        habit.spoke = Some(now);
    }

    /// A connection that [spoke](Self::speaks) ends.
    pub(super) fn ends(&mut self, pair: &Pair, now: Instant) {
        let habit = self.of(pair);
        habit.speaking = habit.speaking.saturating_sub(1);
        habit.spoke = Some(now);
    }

    /// The pair left a tunnel without a word.
    pub(super) fn leaves_tunnel(&mut self, pair: &Pair, now: Instant) {
        self.of(pair).left_tunnel = Some(now);
    }

    /// Returns whether an end without a word says nothing about our certificate.
    pub(super) fn excuse(&mut self, pair: &Pair, now: Instant, rule: &TunnelRejected) -> bool {
        let since = |at: Instant| now.saturating_duration_since(at);
        self.0.get(pair).is_some_and(|habit| {
            habit.speaking > 0
                || habit.spoke.is_some_and(|at| since(at) < rule.within)
                || habit.left_tunnel.is_some_and(|at| since(at) < rule.lasting)
        })
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn of(&mut self, pair: &Pair) -> &mut Habit {
        if self.0.contains_key(pair) {
            return self.0.get_mut(pair).expect("it is there");
        }
        self.0.entry(pair.clone()).or_insert_with(Habit::default)
    }
}
