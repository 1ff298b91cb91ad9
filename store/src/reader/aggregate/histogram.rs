//! Exchanges over time.

use std::collections::BTreeMap;
use std::time::Duration;

use dashcam_exchange::Timestamp;
use dashcam_filter::Filter;
use rusqlite::Connection;

use super::covered::{Covered, ERRORS, each, is_error};
use crate::StoreError;
use crate::reader::cost::Patience;
use crate::rows::segment::Column;

/// Buckets that are aimed at where none are asked for.
const AIM: usize = 60;
/// The most buckets: if there would be more, each covers twice the time.
const MOST: usize = 10_000;
/// Widths to choose from, in seconds: people count in these.
const WIDTHS: [i64; 17] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];
const SECOND: i64 = 1_000_000;

/// Exchanges that began in the time from `from` on, until the next bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The first moment.
    pub from: Timestamp,
    /// How many there are.
    pub exchanges: u64,
    /// How many of them failed, or were answered with 5xx.
    pub errors: u64,
}

/// Exchanges over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The time that a bucket covers. A multiple of what was asked for, if that would have made too many buckets.
    pub every: Duration,
    /// Buckets in which exchanges began, the earliest first. In the time between them there are none.
    pub buckets: Vec<Bucket>,
    /// The exchanges that they are about.
    pub covered: Covered,
}

/// Counts by the number of a bucket.
struct Counts {
    width: i64,
    buckets: BTreeMap<i64, [u64; 2]>,
    most: usize,
}

impl Counts {
    fn add(&mut self, at: i64, is_error: bool) {
        let [exchanges, errors] = self.buckets.entry(at.div_euclid(self.width)).or_default();
        (*exchanges, *errors) = (*exchanges + 1, *errors + u64::from(is_error));
        while self.buckets.len() > self.most {
            self.widen();
        }
    }

    /// Each bucket covers more time: of the widths that people count in the next one, else twice as much.
    fn widen(&mut self) {
        let multiple = WIDTHS.iter().map(|width| width * SECOND);
        let next = multiple.filter(|width| *width > self.width && width % self.width == 0).min();
        let next = next.unwrap_or(self.width.saturating_mul(2));
        let factor = next / self.width;
        let mut buckets: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
        for (number, [exchanges, errors]) in &self.buckets {
            let sums = buckets.entry(number.div_euclid(factor)).or_default();
            (sums[0], sums[1]) = (sums[0] + exchanges, sums[1] + errors);
        }
        (self.width, self.buckets) = (next, buckets);
    }
}

pub(super) fn histogram(
    (connection, filter): (&Connection, &Filter),
    every: Option<Duration>,
    patience: &Patience,
) -> Result<Histogram, StoreError> {
    let asked = every.map(|every| i64::try_from(every.as_micros()).unwrap_or(i64::MAX).max(1));
    let (width, most) = asked.map_or((SECOND, AIM * 2), |width| (width, MOST));
    let mut counts = Counts { width, buckets: BTreeMap::new(), most };
    let covered = each((connection, filter), ERRORS, patience, |_, stretch, rows| {
        let starts = stretch.segment.numbers.of(Column::StartedAt);
        rows.iter().for_each(|row| counts.add(starts[*row], is_error(&stretch.segment, *row)));
        Ok(())
    })?;
    let every = Duration::from_micros(counts.width.unsigned_abs());
    let bucket = |(number, [exchanges, errors]): (&i64, &[u64; 2])| Bucket {
        from: Timestamp(number.saturating_mul(counts.width)),
        exchanges: *exchanges,
        errors: *errors,
    };
    Ok(Histogram { every, buckets: counts.buckets.iter().map(bucket).collect(), covered })
}
