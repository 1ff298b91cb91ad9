//! Counts, to be read.

use std::time::Duration;

use dashcam_exchange::{Side, Stage};

use crate::meter::histogram::{BUCKETS, bound, buckets_up_to};

/// Counts of the traffic that passed since the start while the level was above `off`.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// Requests that began: those that ended and those under way.
    pub begun: u64,
    /// How those ended that did.
    pub outcomes: Outcomes,
    /// Why requests failed or were refused; all sides and stages are there.
    pub failures: Vec<(Side, Stage, u64)>,
    /// Why client connections failed, likewise.
    pub connection_failures: Vec<(Side, Stage, u64)>,
    /// Bytes of requests' bodies that passed, without their framing.
    pub request_bytes: u64,
    /// Bytes of responses' bodies that passed, likewise.
    pub response_bytes: u64,
    /// Client connections that were not let in.
    pub clients_refused: u64,
    /// From a request's head to its response's head, of all that got a response from their upstream.
    pub to_head: Latency,
    /// From a request's head to its response's end, of those that got a whole one; not of upgraded connections.
    pub to_end: Latency,
}

/// How requests ended; each counts once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// With a whole response: 1xx (upgraded connections), 2xx, 3xx, 4xx, 5xx, and statuses that are none of these.
    pub complete: [u64; 6],
    /// Without one, for a reason that stands among the failures.
    pub failed: u64,
    /// We refused them, for a reason that stands there too.
    pub refused: u64,
    /// The client left.
    pub aborted: u64,
}

impl Outcomes {
    /// All that ended.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.complete.iter().sum::<u64>() + self.failed + self.refused + self.aborted
    }
}

impl Traffic {
    /// Requests under way.
    #[must_use]
    pub fn in_progress(&self) -> u64 {
        self.begun.saturating_sub(self.outcomes.ended())
    }
}

/// Durations, as a histogram.
#[derive(Debug, Clone)]
pub struct Latency {
    pub(super) buckets: [u64; BUCKETS],
    /// All durations together.
    pub sum: Duration,
}

impl Default for Latency {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], sum: Duration::ZERO }
    }
}

impl Latency {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How many are no longer than 2^`bits` µs; `bits` is 3 to 36.
    #[must_use]
    pub fn up_to(&self, bits: u32) -> u64 {
        self.buckets[..buckets_up_to(bits)].iter().sum()
    }

    /// The time that the part `share` of them (0 to 1) does not exceed, within an eighth; `None` if there are
    /// none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let count = self.count();
        let rank = ((share * count as f64).ceil() as u64).clamp(1, count.max(1));
        let mut below = 0;
        let of = |(index, here): (usize, &u64)| {
            let found = below + here >= rank;
            below += if found { 0 } else { *here };
            found.then(|| {
                let from = index.checked_sub(1).map_or(0, bound);
                // As if those in the bucket were spread evenly.
                let part = (rank - below) as f64 / *here as f64;
                Duration::from_micros(from + ((bound(index) - from) as f64 * part).round() as u64)
            })
        };
        if count == 0 { None } else { self.buckets.iter().enumerate().find_map(of) }
    }
}
