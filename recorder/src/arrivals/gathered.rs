//! Arrivals that are gathered until they go further: so many at most, beyond that neighbours are merged.

use dashcam_exchange::{Arrival, Stretch};

use crate::budget::Held;

/// The most of them.
const MOST: usize = 4096;
/// Arrivals for which room is made first.
const FIRST: usize = 32;
/// So many go further at the next moment rather than a few seconds later.
const MANY: usize = MOST / 4;

/// The arrivals of bytes behind those that went further.
#[derive(Debug)]
pub(super) struct Gathered {
    stretch: Stretch,
    /// So many that are added are merged into one.
    merges: u64,
    /// How many were merged into the last one.
    in_last: u64,
}

impl Default for Gathered {
    fn default() -> Self {
        Self::from(0)
    }
}

impl Gathered {
    fn from(from: u64) -> Self {
        Self { stretch: Stretch { from, merged: 1, arrivals: Vec::new() }, merges: 1, in_last: 0 }
    }

    /// The byte up to which they go.
    fn end(&self) -> u64 {
        self.stretch.arrivals.last().map_or(self.stretch.from, |last| last.end)
    }

    /// Adds an arrival that stands for up to `merged`, as far as there is room: without, its bytes count as come with the
    /// next ones.
    pub(super) fn add(&mut self, arrival: Arrival, merged: u64, memory: &mut Held) {
        if arrival.end <= self.end() {
            return;
        }
        if self.stretch.arrivals.len() >= MOST {
            self.merge();
        }
        self.stretch.merged = self.stretch.merged.max(self.merges.saturating_mul(merged));
        let arrivals = &mut self.stretch.arrivals;
        if self.in_last < self.merges
            && let Some(last) = arrivals.last_mut()
        {
            *last = arrival;
            self.in_last += 1;
            return;
        }
        if arrivals.len() == arrivals.capacity() {
            let more = arrivals.capacity().max(FIRST);
            if memory.take(more * size_of::<Arrival>()).is_err() {
                return;
            }
            arrivals.reserve_exact(more);
        }
        arrivals.push(arrival);
        self.in_last = 1;
    }

    /// Merges two neighbours each; the later one's time stays.
    fn merge(&mut self) {
        let mut at = 0;
        self.stretch.arrivals.retain(|_| {
            at += 1;
            at % 2 == 0
        });
        self.merges = self.merges.saturating_mul(2);
        self.stretch.merged = self.stretch.merged.saturating_mul(2);
        self.in_last = self.merges;
    }

    /// Takes all, if there are some.
    pub(super) fn take(&mut self) -> Option<Stretch> {
        let end = self.stretch.arrivals.last()?.end;
        Some(std::mem::replace(self, Self::from(end)).stretch)
    }

    /// Takes those of the bytes up to `end`; the last may have gone on behind it.
    pub(super) fn take_until(&mut self, end: u64, memory: &mut Held) -> Stretch {
        let Stretch { from, merged, arrivals } = &mut self.stretch;
        let before = arrivals.iter().take_while(|arrival| arrival.end <= end).count();
        let mut taken: Vec<_> = arrivals.drain(..before).collect();
        let taken_to = taken.last().map_or(*from, |last| last.end);
        if let Some(across) = arrivals.first().filter(|_| taken_to < end) {
            taken.push(Arrival { end, ..*across });
        }
        let to = taken.last().map_or(*from, |last| last.end);
        let stretch = Stretch { from: *from, merged: *merged, arrivals: taken };
        *from = to;
        if arrivals.is_empty() {
            memory.give_back(arrivals.capacity() * size_of::<Arrival>());
            *self = Self::from(to);
        }
        stretch
    }

    /// Returns whether they are so many that they should go further soon.
    pub(super) fn are_many(&self) -> bool {
        self.stretch.arrivals.len() >= MANY
    }

    /// Returns the gathered arrivals, if there are any.
    pub(super) fn stretch(&self) -> Option<&Stretch> {
        Some(&self.stretch).filter(|stretch| !stretch.arrivals.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Bounds, Budget};

    #[test]
    fn those_up_to_a_byte_are_taken_alone() {
        let mut memory = Held::nothing(Budget::new(Bounds::of(1 << 20)).share(None));
        let arrivals = |all: &[(u64, i64)]| {
            all.iter().map(|(end, at_us)| Arrival { end: *end, at_us: *at_us }).collect::<Vec<_>>()
        };
        let mut gathered = Gathered::default();
        for arrival in arrivals(&[(3, 1), (3, 2), (5, 3), (9, 4)]) {
            gathered.add(arrival, 1, &mut memory);
        }
        assert_eq!(gathered.take_until(4, &mut memory).arrivals, arrivals(&[(3, 1), (4, 3)]));
        assert_eq!(gathered.stretch().unwrap().arrivals, arrivals(&[(5, 3), (9, 4)]));
        assert_eq!(gathered.take_until(4, &mut memory).arrivals, []);
        assert_eq!(gathered.take_until(u64::MAX, &mut memory).arrivals, arrivals(&[(5, 3), (9, 4)]));
        assert_eq!((gathered.stretch(), gathered.stretch.from, memory.amount()), (None, 9, 0));
    }

    #[test]
    fn those_that_were_merged_before_are_said_to_be() {
        let mut memory = Held::nothing(Budget::new(Bounds::of(1 << 20)).share(None));
        let (mut came, mut left) = (Gathered::default(), Gathered::default());
        let mut arrive = |ends: std::ops::Range<u64>| {
            ends.for_each(|end| came.add(Arrival { end: end + 1, at_us: 0 }, 1, &mut memory));
            let Stretch { merged, arrivals, .. } = came.take_until(u64::MAX, &mut memory);
            let taken = arrivals.len();
            arrivals.into_iter().for_each(|arrival| left.add(arrival, merged, &mut memory));
            (merged, taken, left.stretch.merged, left.stretch.arrivals.len())
        };
        assert_eq!(arrive(0..5000), (2, 2500, 2, 2500));
        // Others are merged no more for that.
        assert_eq!(arrive(5000..6000), (1, 1000, 2, 3500));
        assert_eq!(arrive(6000..8000), (1, 2000, 4, 2750));
    }

    #[test]
    fn without_room_bytes_count_as_come_with_later_ones() {
        let budget = Budget::new(Bounds::with_source_percent(1 << 20, 100));
        let (mut memory, other) = (Held::nothing(budget.share(None)), budget.share(None));
        let mut gathered = Gathered::default();
        while other.take(1).is_ok() {}
        gathered.add(Arrival { end: 1, at_us: 1 }, 1, &mut memory);
        assert_eq!(gathered.stretch(), None);
        other.give_back(other.held());
        gathered.add(Arrival { end: 2, at_us: 2 }, 1, &mut memory);
        let stretch = gathered.take().unwrap();
        assert_eq!((stretch.from, stretch.arrivals), (0, vec![Arrival { end: 2, at_us: 2 }]));
    }
}
