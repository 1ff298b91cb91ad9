//! The time that looking for programs may take of a core: a twentieth, and some that was saved up.

use std::time::{Duration, Instant};

/// So many parts of a core's time are left to others, for one that is taken.
const PARTS: u32 = 20;
/// So much is saved up at most, for connections that come many at once after a while.
const SAVED: Duration = Duration::from_millis(200);

/// The time that may be taken.
#[derive(Debug)]
pub(crate) struct Allowance {
    left: Duration,
    /// When that was so.
    at: Instant,
}

impl Allowance {
    pub(crate) fn full(now: Instant) -> Self {
        Self { left: SAVED, at: now }
    }

    /// Takes `took`, and says how long to rest `now` so that it is not exceeded.
    pub(crate) fn rest_after(&mut self, took: Duration, now: Instant) -> Duration {
        let earned = now.saturating_duration_since(self.at) / PARTS;
        let left = (self.left + earned).min(SAVED);
        self.left = left.saturating_sub(took);
        let rest = took.saturating_sub(left) * PARTS;
        // It is earned by resting.
        self.at = now + rest;
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_taken_at_once_and_more_is_rested_for() {
        let start = Instant::now();
        let ms = Duration::from_millis;
        let mut allowance = Allowance::full(start);
        assert_eq!(allowance.rest_after(ms(150), start), ms(0));
        assert_eq!(allowance.rest_after(ms(50), start), ms(0));
        assert_eq!(allowance.rest_after(ms(10), start), ms(200));
        let rested = start + ms(200);
        assert_eq!(allowance.rest_after(ms(1), rested), ms(20), "resting earned what was taken too much");
        assert_eq!(allowance.rest_after(ms(5), rested + ms(120)), ms(0), "a twentieth of 100 ms");
        let later = rested + Duration::from_secs(3600);
        assert_eq!(allowance.rest_after(ms(200), later), ms(0));
        assert_eq!(allowance.rest_after(ms(1), later), ms(20), "no more than so much is saved");
    }
}
