//! Sets of exchanges' numbers that mostly follow each other.

use std::collections::BTreeMap;

/// Numbers, as runs: the first of each and the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ids(BTreeMap<i64, i64>);

impl Ids {
    /// Returns whether `id` is among them.
    pub(super) fn contains(&self, id: i64) -> bool {
        self.0.range(..=id).next_back().is_some_and(|(_, last)| id <= *last)
    }

    /// Adds `id`; false if it was among them.
    pub(super) fn insert(&mut self, id: i64) -> bool {
        if self.contains(id) {
            return false;
        }
        let last = self.0.remove(&(id + 1)).unwrap_or(id);
        match self.0.range_mut(..id).next_back().filter(|(_, last)| **last == id - 1) {
            Some((_, before)) => *before = last,
            None => drop(self.0.insert(id, last)),
        }
        true
    }

    /// Leaves those that are greater than `last`, or among `others`.
    pub(super) fn keep(&mut self, last: i64, others: &[i64]) {
        let mut kept = Self::default();
        for id in others.iter().filter(|id| self.contains(**id)) {
            kept.insert(*id);
        }
        for (first, end) in std::mem::take(&mut self.0).into_iter().filter(|(_, end)| *end > last) {
            let first = first.max(last + 1);
            kept.0.insert(first, end);
        }
        *self = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_grow_together() {
        let mut ids = Ids::default();
        for id in [5, 3, 9, 4, 1] {
            assert!(ids.insert(id) && !ids.insert(id));
        }
        assert_eq!(ids, Ids([(1, 1), (3, 5), (9, 9)].into()));
        let found: Vec<i64> = (0..12).filter(|id| ids.contains(*id)).collect();
        assert_eq!(found, [1, 3, 4, 5, 9]);
    }

    #[test]
    fn the_old_ones_are_forgotten() {
        for (last, others, expect) in [
            (4, &[][..], &[5, 6, 9][..]),
            (4, &[1, 2, 3], &[1, 3, 5, 6, 9]),
            (9, &[9], &[9]),
            (20, &[], &[]),
            (0, &[], &[1, 3, 4, 5, 6, 9]),
        ] {
            let mut ids = Ids([(1, 1), (3, 6), (9, 9)].into());
            ids.keep(last, others);
            let left: Vec<i64> = (0..12).filter(|id| ids.contains(*id)).collect();
            assert_eq!(left, expect, "{last} {others:?}");
        }
    }
}
