//! Exchanges over time.

use std::collections::BTreeMap;
use std::time::Duration;

use dashcam_exchange::Timestamp;

use super::row::Row;
use super::widths::{WIDEST, wider};

/// The most buckets: if there would be more, each covers more time.
const MOST: i64 = 2000;

/// Exchanges that began in the time from `from` on, until the next bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The first moment: a multiple of the width, counted from 1970 in UTC.
    pub from: Timestamp,
    /// How many there are.
    pub exchanges: u64,
    /// How many of them failed, or were answered with 5xx.
    pub errors: u64,
}

/// Exchanges over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The time that a bucket covers. A multiple of the asked one, if that would have made more than 2,000 buckets.
    pub every: Duration,
    /// Buckets, the earliest first, without holes.
    pub buckets: Vec<Bucket>,
}

/// Counts by the number of a bucket.
#[derive(Debug)]
pub(super) struct Counts {
    width: i64,
    buckets: BTreeMap<i64, [u64; 2]>,
}

impl Counts {
    pub(super) fn new(every: Duration) -> Self {
        Self { width: microseconds(every), buckets: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, row: &Row<'_>) {
        let number = row.started_at.div_euclid(self.width);
        let sums = [1, u64::from(row.is_error())];
        match self.buckets.get_mut(&number) {
            Some([exchanges, errors]) => (*exchanges, *errors) = (*exchanges + sums[0], *errors + sums[1]),
            None => {
                self.buckets.insert(number, sums);
                self.fit();
            }
        }
    }

    /// The buckets of `range`, and those beyond it that have exchanges.
    pub(super) fn histogram(mut self, range: Option<(Timestamp, Timestamp)>) -> Histogram {
        for Timestamp(at) in range.into_iter().flat_map(|(from, until)| [from, until]) {
            self.buckets.entry(at.div_euclid(self.width)).or_default();
        }
        self.fit();
        let bucket = |number| {
            let [exchanges, errors] = self.buckets.get(&number).copied().unwrap_or_default();
            Bucket { from: Timestamp(number.saturating_mul(self.width)), exchanges, errors }
        };
        let buckets = self.ends().into_iter().flat_map(|(first, last)| first..=last).map(bucket).collect();
        Histogram { every: Duration::from_micros(self.width.unsigned_abs()), buckets }
    }

    fn ends(&self) -> Option<(i64, i64)> {
        Some((*self.buckets.first_key_value()?.0, *self.buckets.last_key_value()?.0))
    }

    /// Widens the buckets until there are few enough of them, empty ones included.
    fn fit(&mut self) {
        while self.ends().is_some_and(|(first, last)| last.saturating_sub(first) >= MOST)
            && self.width < WIDEST
        {
            let next = wider(self.width);
            let factor = next / self.width;
            let mut buckets: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
            for (number, [exchanges, errors]) in &self.buckets {
                let sums = buckets.entry(number.div_euclid(factor)).or_default();
                (sums[0], sums[1]) = (sums[0] + exchanges, sums[1] + errors);
            }
            (self.width, self.buckets) = (next, buckets);
        }
    }
}

/// A width in microseconds: at least one.
pub(super) fn microseconds(every: Duration) -> i64 {
    i64::try_from(every.as_micros()).unwrap_or(WIDEST).clamp(1, WIDEST)
}
