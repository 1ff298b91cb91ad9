//! Durations and their quantiles: exact of a few; of more, counted in classes that are a thirty-second of a power of two
//! wide.

use std::collections::BTreeMap;

/// Bits of a number that its class keeps.
const BITS: u32 = 5;
/// Durations that are kept as they are.
const MOST: usize = 64;

/// Durations in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Durations {
    /// All of them, while they are few.
    few: Vec<u64>,
    classes: BTreeMap<u16, u32>,
    number: u64,
    longest: u64,
}

impl Durations {
    pub(super) fn add(&mut self, us: i64) {
        let us = us.max(0).unsigned_abs();
        (self.number, self.longest) = (self.number + 1, self.longest.max(us));
        if self.classes.is_empty() && self.few.len() < MOST {
            self.few.push(us);
        } else {
            self.count_few();
            self.count(us, 1);
        }
    }

    /// Adds all that `other` has.
    pub(super) fn merge(&mut self, mut other: Self) {
        (self.number, self.longest) = (self.number + other.number, self.longest.max(other.longest));
        if self.is_exact() && other.is_exact() && self.few.len() + other.few.len() <= MOST {
            self.few.append(&mut other.few);
            return;
        }
        self.count_few();
        other.count_few();
        other.classes.into_iter().for_each(|(class, number)| self.count_class(class, number));
    }

    /// Returns whether quantiles are those of the durations themselves.
    pub(super) fn is_exact(&self) -> bool {
        self.classes.is_empty()
    }

    /// The longest; `None` if there are none.
    pub(super) fn longest(&self) -> Option<i64> {
        (self.number > 0).then(|| i64::try_from(self.longest).unwrap_or(i64::MAX))
    }

    /// The shortest duration that so many thousandths do not exceed (nearest rank); `None` if there are none. Where it is not
    /// exact, it is at most 3.2 % longer, and never longer than the longest.
    pub(super) fn quantile(&mut self, permille: u64) -> Option<i64> {
        let rank = (self.number * permille).div_ceil(1000).max(1);
        if self.is_exact() {
            self.few.sort_unstable();
            let at = usize::try_from(rank - 1).unwrap_or(usize::MAX);
            return self.few.get(at).map(|us| i64::try_from(*us).unwrap_or(i64::MAX));
        }
        let mut seen = 0;
        for (class, number) in &self.classes {
            seen += u64::from(*number);
            if seen >= rank {
                return Some(most_of(*class).min(self.longest()?));
            }
        }
        None
    }

    fn count_few(&mut self) {
        std::mem::take(&mut self.few).into_iter().for_each(|us| self.count(us, 1));
    }

    fn count(&mut self, us: u64, number: u32) {
        self.count_class(class(us), number);
    }

    fn count_class(&mut self, class: u16, number: u32) {
        let count = self.classes.entry(class).or_default();
        *count = count.saturating_add(number);
    }
}

/// Classes: small numbers have their own; of others, the power of two and the bits behind its first.
fn class(number: u64) -> u16 {
    let power = (u64::BITS - number.leading_zeros()).saturating_sub(BITS + 1);
    // At most 58 << 5 and 63 more.
    u16::try_from((u64::from(power) << BITS) + (number >> power)).unwrap_or(u16::MAX)
}

/// The largest number of a class.
fn most_of(class: u16) -> i64 {
    let (power, bits) = match class >> BITS {
        0 | 1 => (0, u64::from(class)),
        power => (u32::from(power - 1), u64::from(class & ((1 << BITS) - 1) | 1 << BITS)),
    };
    i64::try_from(((bits + 1) << power) - 1).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_narrow_and_classes_ascend() {
        let mut before = 0;
        for number in (0..5000).chain([1 << 20, (1 << 20) + 12_345, 1 << 40, (1 << 55) + 7]) {
            let (class, most) = (class(number), most_of(class(number)));
            assert!(class >= before, "{number}");
            assert!(most >= number as i64 && most as f64 <= number as f64 * 1.032 + 0.5, "{number}: {most}");
            before = class;
        }
    }

    #[test]
    fn quantiles_of_a_few_are_exact() {
        let mut durations = Durations::default();
        assert_eq!((durations.quantile(500), durations.longest()), (None, None));
        [30, 10, 20].into_iter().for_each(|us| durations.add(us));
        assert_eq!(
            [500, 950, 990].map(|permille| durations.quantile(permille)),
            [Some(20), Some(30), Some(30)]
        );
        assert!(durations.is_exact());
        durations.add(-5);
        assert_eq!((durations.quantile(1), durations.longest()), (Some(0), Some(30)));
    }

    #[test]
    fn quantiles_of_many_are_near_from_above() {
        let [mut all, mut odd, mut even] = [(); 3].map(|()| Durations::default());
        for number in 1..=1000 {
            all.add(number * 1000);
            if number % 2 == 1 { odd.add(number * 1000) } else { even.add(number * 1000) }
        }
        odd.merge(even);
        assert_eq!(odd, all);
        for (permille, expect) in [(500, 500_000.0), (950, 950_000.0), (990, 990_000.0), (1000, 1_000_000.0)]
        {
            let found = all.quantile(permille).unwrap() as f64;
            assert!((expect..=expect * 1.032).contains(&found), "{permille}: {found}");
        }
        assert_eq!((all.quantile(1000), all.is_exact()), (Some(1_000_000), false));
    }
}
