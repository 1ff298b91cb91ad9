//! Holes that are to be stored, an hour's apart: a long one is to tell how many were lost when.

use std::collections::BTreeMap;

use dashcam_exchange::{Gap, GapReason, Timestamp};

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;
/// Gaps that are kept apart at most: beyond, the last ones grow.
const MOST: usize = 1024;

/// Holes, by the hour in which they began and their reason.
#[derive(Debug, Default)]
pub(crate) struct Gaps(BTreeMap<(i64, GapReason), Gap>);

impl Gaps {
    /// One exchange more, or none where only parts of exchanges were lost.
    pub(crate) fn miss(&mut self, reason: GapReason, at: Timestamp, exchanges: u64) {
        self.add(&Gap { from: at, until: at, reason, exchanges });
    }

    pub(crate) fn add(&mut self, gap: &Gap) {
        let mut hour = gap.from.0.div_euclid(HOUR);
        if self.0.len() >= MOST && !self.0.contains_key(&(hour, gap.reason)) {
            let last = self.0.keys().rev().find(|(_, reason)| *reason == gap.reason);
            hour = last.map_or(hour, |(hour, _)| *hour);
        }
        let known = self.0.entry((hour, gap.reason)).or_insert_with(|| Gap { exchanges: 0, ..gap.clone() });
        known.from = known.from.min(gap.from);
        known.until = known.until.max(gap.until);
        known.exchanges += gap.exchanges;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Gap> {
        self.0.values()
    }

    /// Takes out those of the hours before that of `before`, or all.
    pub(crate) fn take(&mut self, before: Option<Timestamp>) -> impl Iterator<Item = Gap> + use<> {
        let grow = before.map(|now| self.0.split_off(&(now.0.div_euclid(HOUR), GapReason::QueueFull)));
        std::mem::replace(&mut self.0, grow.unwrap_or_default()).into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_and_a_reason_are_a_gap() {
        let mut gaps = Gaps::default();
        for (reason, at, exchanges) in [
            (GapReason::DiskFull, 5, 1),
            (GapReason::DiskFull, HOUR - 1, 1),
            (GapReason::DiskError, 7, 0),
            (GapReason::DiskFull, HOUR, 1),
        ] {
            gaps.miss(reason, Timestamp(at), exchanges);
        }
        let whole: Vec<_> = gaps.take(Some(Timestamp(HOUR))).collect();
        assert_eq!((whole.len(), gaps.iter().count()), (2, 1), "an hour goes on");
        let found: Vec<_> = whole
            .into_iter()
            .chain(gaps.take(None))
            .map(|gap| (gap.reason, gap.from.0, gap.until.0, gap.exchanges))
            .collect();
        assert_eq!(
            found,
            [
                (GapReason::DiskFull, 5, HOUR - 1, 2),
                (GapReason::DiskError, 7, 7, 0),
                (GapReason::DiskFull, HOUR, HOUR, 1),
            ]
        );
        assert_eq!(gaps.iter().count(), 0);
    }

    #[test]
    fn they_are_bounded() {
        let mut gaps = Gaps::default();
        (0..5000).for_each(|hour| gaps.miss(GapReason::DiskFull, Timestamp(hour * HOUR), 1));
        assert_eq!(gaps.iter().count(), MOST);
        assert_eq!(gaps.iter().map(|gap| gap.exchanges).sum::<u64>(), 5000);
    }
}
