//! Clients and traces of which an exchange was kept, so that others of theirs are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::Same;
use crate::sampling::{Subject, hash, trace};

/// Clients and traces that are followed at the same time; beyond that those go whose time ends first.
const PLACES: usize = 8192;
/// Places in which one may stand.
const WAYS: usize = 8;
/// Bits of a rule's number, beside the end of its time in milliseconds.
const RULE_BITS: u32 = 16;

/// The table of those that are followed. Nobody waits for anybody: an entry that two write at once is one of the two.
#[derive(Debug)]
pub(crate) struct Follows {
    /// The time at which nobody is followed any more, in milliseconds: most of the time that has passed.
    latest: AtomicU64,
    entries: Box<[Entry]>,
}

#[derive(Debug, Default)]
struct Entry {
    key: AtomicU64,
    /// The end of its time, and the number of the rule.
    until: AtomicU64,
}

impl Follows {
    pub(crate) fn new() -> Self {
        Self { latest: AtomicU64::new(0), entries: (0..PLACES).map(|_| Entry::default()).collect() }
    }

    /// Returns whether somebody may be followed at `now`.
    pub(crate) fn is_active(&self, now: Duration) -> bool {
        self.latest.load(Ordering::Relaxed) > millis(now)
    }

    /// Follows `key` for the rule `rule` until `until`.
    pub(crate) fn note(&self, key: u64, rule: u16, until: Duration) {
        let until = millis(until);
        let places = self.places(key);
        let known = places.iter().find(|entry| entry.key.load(Ordering::Acquire) == key);
        let ends = |entry: &&Entry| entry.until.load(Ordering::Relaxed) >> RULE_BITS;
        let Some(entry) = known.or_else(|| places.iter().min_by_key(ends)) else { return };
        entry.until.store(0, Ordering::Relaxed);
        entry.key.store(key, Ordering::Release);
        entry.until.store(until << RULE_BITS | u64::from(rule), Ordering::Release);
        self.latest.fetch_max(until, Ordering::Relaxed);
    }

    /// The number of the rule for which `key` is followed at `now`.
    pub(crate) fn find(&self, key: u64, now: Duration) -> Option<u16> {
        let entry = self.places(key).iter().find(|entry| entry.key.load(Ordering::Acquire) == key)?;
        let until = entry.until.load(Ordering::Acquire);
        (until >> RULE_BITS > millis(now)).then_some(until as u16)
    }

    fn places(&self, key: u64) -> &[Entry] {
        let set = (key as usize % (PLACES / WAYS)) * WAYS;
        &self.entries[set..set + WAYS]
    }
}

/// The key of the client or the trace of an exchange; `None` if it has none.
pub(crate) fn key(same: Same, subject: &Subject<'_>) -> Option<u64> {
    match same {
        Same::Client => subject.client.map(hash::address),
        Same::Trace => trace(subject.request).map(|id| hash::hash_of(&[b"trace", id])),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).min(u64::MAX >> RULE_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followed_for_their_time() {
        let (follows, at) = (Follows::new(), Duration::from_millis);
        assert!(!follows.is_active(at(0)));
        follows.note(7, 3, at(1000));
        assert!(follows.is_active(at(999)) && !follows.is_active(at(1000)));
        assert_eq!(
            (follows.find(7, at(999)), follows.find(7, at(1000)), follows.find(8, at(0))),
            (Some(3), None, None)
        );
        follows.note(7, 4, at(2000));
        assert_eq!(follows.find(7, at(1500)), Some(4));
    }

    #[test]
    fn there_are_bounds_and_those_go_whose_time_ends_first() {
        let (follows, at) = (Follows::new(), Duration::from_millis);
        for key in 1..=20_000 {
            follows.note(key, 1, at(key));
        }
        let left = (1..=20_000).filter(|key| follows.find(*key, at(0)).is_some()).collect::<Vec<_>>();
        assert_eq!(left.len(), PLACES);
        assert_eq!(left.first(), Some(&(20_000 - PLACES as u64 + 1)));
    }
}
