//! Rules that may still decide.

use crate::lease::MOST_LEASES;
use crate::rule::check::MOST_RULES;

/// A set of rules, by their places in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidates(u128);

// Leases, rules and the default have their bits.
const _: () = assert!(MOST_RULES + MOST_LEASES < 128);

impl Candidates {
    /// The first `count`.
    pub(crate) fn first(count: usize) -> Self {
        Self(u128::MAX >> (128 - count.min(128)))
    }

    pub(crate) fn remove(&mut self, index: usize) {
        self.0 &= !(1 << index);
    }

    /// Takes those out that stand behind `index`.
    pub(crate) fn end_with(&mut self, index: usize) {
        self.0 &= u128::MAX >> (127 - index);
    }

    /// Their places in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let index = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(index)
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
        assert_eq!(Candidates::first(121).iter().count(), 121);
        assert_eq!(Candidates::first(1).iter().collect::<Vec<_>>(), [0]);
    }
}
