//! Rules that may still decide.

use crate::lease::MOST_LEASES;
use crate::rule::check::MOST_RULES;

/// A set of rules, by their places in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidates([u64; 2]);

// Leases, rules and the default have their bits.
const _: () = assert!(MOST_RULES + MOST_LEASES < 128);

impl Candidates {
    /// The first `count`.
    pub(crate) fn first(count: usize) -> Self {
        let all = u128::MAX >> (128 - count.min(128));
        Self([all as u64, (all >> 64) as u64])
    }

    pub(crate) const NONE: Self = Self([0; 2]);

    #[inline]
    pub(crate) fn insert(&mut self, index: usize) {
        self.0[index / 64 % 2] |= 1 << (index % 64);
    }

    /// Takes those out that are not among `others`.
    pub(crate) fn keep(&mut self, others: Self) {
        self.0[0] &= others.0[0];
        self.0[1] &= others.0[1];
    }

    /// Returns whether one of them is among `others`.
    pub(crate) fn meets(self, others: Self) -> bool {
        (self.0[0] & others.0[0]) | (self.0[1] & others.0[1]) != 0
    }

    #[inline]
    pub(crate) fn remove(&mut self, index: usize) {
        self.0[index / 64 % 2] &= !(1 << (index % 64));
    }

    /// Takes those out that stand behind `index`.
    pub(crate) fn end_with(&mut self, index: usize) {
        let Self([low, high]) = Self::first(index + 1);
        self.0[0] &= low;
        self.0[1] &= high;
    }

    /// Their places in order.
    #[inline]
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        let Self([mut low, mut high]) = self;
        std::iter::from_fn(move || {
            if low != 0 {
                let index = low.trailing_zeros() as usize;
                low &= low - 1;
                return Some(index);
            }
            let index = (high != 0).then(|| high.trailing_zeros() as usize)?;
            high &= high - 1;
            Some(64 + index)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let mut set = Candidates::first(5);
        set.remove(1);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 2, 3, 4]);
        set.end_with(3);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(Candidates::first(1).iter().collect::<Vec<_>>(), [0]);
        let mut large = Candidates::first(121);
        assert!(large.iter().eq(0..121));
        large.remove(70);
        large.end_with(80);
        assert!(large.iter().eq((0..70).chain(71..81)));
        let mut few = Candidates::NONE;
        few.insert(3);
        few.insert(100);
        assert!(few.meets(large) && !few.meets(Candidates::first(3)));
        few.keep(large);
        assert!(few.iter().eq([3]));
    }
}
