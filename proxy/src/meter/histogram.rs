//! A histogram of durations: eight buckets to each doubling, so that no quantile is off by more than an eighth.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::meter::counter::{add, read};

/// Buckets to a doubling, and that number's logarithm.
const STEPS: usize = 1 << STEP_BITS;
const STEP_BITS: u32 = 3;
/// The longest duration that is told from longer ones is 2^36 µs, 19 hours.
const LONGEST_BITS: u32 = 36;
/// The first doubling has one bucket to a microsecond.
pub(super) const BUCKETS: usize = (LONGEST_BITS - STEP_BITS + 1) as usize * STEPS;

#[derive(Debug)]
pub(super) struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    /// In nanoseconds: enough for 584 years of waiting.
    sum: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: [const { AtomicU64::new(0) }; BUCKETS], sum: AtomicU64::new(0) }
    }
}

impl Histogram {
    pub(super) fn record(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        add(&self.buckets[bucket(nanoseconds.div_ceil(1000))], 1);
        add(&self.sum, nanoseconds);
    }

    pub(super) fn add_to(&self, buckets: &mut [u64; BUCKETS], sum: &mut Duration) {
        for (sum, count) in buckets.iter_mut().zip(&self.buckets) {
            *sum += read(count);
        }
        *sum += Duration::from_nanos(read(&self.sum));
    }
}

/// The bucket of a duration, in microseconds rounded up. Each holds what is longer than the bound of the one before it, and no
/// longer than its own.
fn bucket(microseconds: u64) -> usize {
    let below = microseconds.saturating_sub(1);
    let doubling = (below | 1).ilog2().max(STEP_BITS) - STEP_BITS;
    let step = (below >> doubling) as usize;
    (doubling as usize * STEPS + step).min(BUCKETS - 1)
}

/// The longest duration of a bucket, in microseconds.
pub(super) fn bound(bucket: usize) -> u64 {
    let doubling = (bucket / STEPS).saturating_sub(1);
    ((bucket - doubling * STEPS + 1) as u64) << doubling
}

/// How many buckets hold what is no longer than 2^`bits` µs.
pub(super) fn buckets_up_to(bits: u32) -> usize {
    (bits - STEP_BITS + 1) as usize * STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_and_hold_their_bounds() {
        let mut before = 0;
        for index in 0..BUCKETS {
            let bound = bound(index);
            assert!(bound > before, "{index}: {bound} after {before}");
            assert_eq!((bucket(before + 1), bucket(bound)), (index, index), "{before} to {bound}");
            // No wider than an eighth of what it holds.
            assert!(bound - before <= (before / 8).max(1), "{before} to {bound}");
            before = bound;
        }
        assert_eq!(before, 1 << LONGEST_BITS);
        assert_eq!((bucket(0), bucket(u64::MAX)), (0, BUCKETS - 1));
    }

    #[test]
    fn powers_of_two_are_bounds() {
        for bits in STEP_BITS..=LONGEST_BITS {
            assert_eq!(bound(buckets_up_to(bits) - 1), 1 << bits);
        }
    }
}
