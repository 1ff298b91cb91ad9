//! At most so many bytes a second, with bursts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bursts have so many seconds' bytes.
const BURST: Duration = Duration::from_secs(2);

/// Bytes that may be stored, as a time: that at which all bytes so far would have been stored at the rate. (GCRA, the
/// leaky bucket as a meter: ITU-T I.371.)
#[derive(Debug)]
pub(super) struct ByteRate {
    per_second: u64,
    /// In microseconds of the clock.
    paid_until: AtomicU64,
}

impl ByteRate {
    pub(super) fn new(per_second: u64) -> Self {
        Self { per_second: per_second.max(1), paid_until: AtomicU64::new(0) }
    }

    /// Takes an exchange of `bytes`, if there are as many left. One that is larger than a burst waits until all of that is
    /// there, and is paid for by those after it.
    pub(super) fn take(&self, bytes: u64, now: Duration) -> bool {
        let (now, burst) = (micros(now), micros(BURST));
        let cost = self.cost(bytes);
        let pay = |paid: u64| {
            let from = paid.max(now);
            let left = (now + burst).saturating_sub(from);
            (cost.min(burst) <= left).then(|| from.saturating_add(cost))
        };
        self.paid_until.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).is_ok()
    }

    /// Returns whether bytes are left.
    pub(super) fn has_left(&self, now: Duration) -> bool {
        self.paid_until.load(Ordering::Relaxed) < micros(now) + micros(BURST)
    }

    /// Notes bytes of an exchange that was taken before they were known. More than are left are paid for by later ones.
    pub(super) fn used(&self, bytes: u64, now: Duration) {
        let (now, cost) = (micros(now), self.cost(bytes));
        let pay = |paid: u64| Some(paid.max(now).saturating_add(cost));
        let _always = self.paid_until.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay);
    }

    /// The time in which so many bytes come at the rate.
    fn cost(&self, bytes: u64) -> u64 {
        let micros = u128::from(bytes) * 1_000_000 / u128::from(self.per_second);
        u64::try_from(micros).unwrap_or(u64::MAX)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let rate = ByteRate::new(1000);
        let taken = (0..30).filter(|_| rate.take(100, at(0))).count();
        assert_eq!(taken, 20, "twice a second's bytes");
        assert!(!rate.take(100, at(99)) && rate.take(100, at(100)) && !rate.take(100, at(150)));
        let taken = (0..100_u64).filter(|number| rate.take(100, at(1000 + number * 100))).count();
        assert!((100..=120).contains(&taken), "{taken}");
        let taken = (0..30).filter(|_| rate.take(100, at(1_000_000))).count();
        assert_eq!(taken, 20, "it saves up no more than a burst");
    }

    #[test]
    fn one_that_is_larger_than_a_burst_is_paid_for_by_others() {
        let rate = ByteRate::new(1000);
        assert!(rate.take(10_000, at(0)));
        assert!(!rate.take(1, at(7_999)) && rate.take(1, at(8_100)));
        assert!(!rate.take(10_000, at(9_000)), "only a full burst pays for it");
        assert!(rate.take(10_000, at(20_000)));
    }

    #[test]
    fn taken_before_the_bytes_are_known() {
        let rate = ByteRate::new(1000);
        assert!(rate.has_left(at(0)));
        rate.used(5_000, at(0));
        assert!(!rate.has_left(at(2_900)) && rate.has_left(at(3_100)));
    }
}
