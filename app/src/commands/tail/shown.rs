//! Exchanges that were shown and may come again.

use std::collections::{BTreeMap, BTreeSet};

use dashcam_views::dto::Time;
use dashcam_web_ui::dto::Position;

/// Exchanges by their numbers, with when they began: a number is given again if dashcam is killed before it has stored the
/// exchange.
#[derive(Debug, Default)]
pub(super) struct Shown(BTreeMap<i64, Time>);

impl Shown {
    /// Returns whether one with this number was shown.
    pub(super) fn contains(&self, id: i64) -> bool {
        self.0.contains_key(&id)
    }

    /// Adds an exchange; false if it was among them.
    pub(super) fn insert(&mut self, id: i64, started_at: Time) -> bool {
        self.0.insert(id, started_at) != Some(started_at)
    }

    /// Leaves those that may come again after `position`.
    pub(super) fn keep(&mut self, position: &Position) {
        let waiting: BTreeSet<i64> = position.waiting.iter().copied().collect();
        self.0.retain(|id, _| *id > position.last || waiting.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(second: i64) -> Time {
        Time(jiff::Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn a_number_that_was_given_again_is_another_exchange() {
        let mut shown = Shown::default();
        for (id, second, expect) in [(7, 1, true), (7, 1, false), (8, 1, true), (7, 2, true), (7, 2, false)] {
            assert_eq!(shown.insert(id, time(second)), expect, "{id} of {second}");
        }
    }

    #[test]
    fn the_old_ones_are_forgotten() {
        for (last, waiting, expect) in [
            (4, &[][..], &[5, 6, 9][..]),
            (4, &[1, 2, 3], &[1, 3, 5, 6, 9]),
            (9, &[9], &[9]),
            (20, &[], &[]),
            (0, &[], &[1, 3, 4, 5, 6, 9]),
        ] {
            let mut shown = Shown([1, 3, 4, 5, 6, 9].map(|id| (id, time(id))).into());
            shown.keep(&Position {
                started_at: time(0),
                first: 1,
                last,
                waiting: waiting.to_vec(),
                more: false,
            });
            let left: Vec<i64> = shown.0.into_keys().collect();
            assert_eq!(left, expect, "{last} {waiting:?}");
        }
    }
}
