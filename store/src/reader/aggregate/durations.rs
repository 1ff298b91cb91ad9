//! Durations, counted in classes that are a thirty-second of a power of two wide: quantiles are right to 3 %.

use std::collections::BTreeMap;

/// Bits of a number that its class keeps.
const BITS: u32 = 5;

/// Durations in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Durations {
    classes: BTreeMap<u16, u32>,
    number: u64,
}

impl Durations {
    pub(super) fn add(&mut self, us: i64) {
        *self.classes.entry(class(us.max(0).unsigned_abs())).or_default() += 1;
        self.number += 1;
    }

    /// The duration that so many thousandths do not exceed; `None` if there are none.
    pub(super) fn quantile(&self, permille: u64) -> Option<i64> {
        let wanted = (self.number * permille).div_ceil(1000).max(1);
        let mut seen = 0;
        for (class, number) in &self.classes {
            seen += u64::from(*number);
            if seen >= wanted {
                return Some(most_of(*class));
            }
        }
        None
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
            assert!(most >= number as i64 && most as f64 <= number as f64 * 1.0321 + 0.5, "{number}: {most}");
            before = class;
        }
    }

    #[test]
    fn quantiles_are_those_of_what_was_added() {
        let mut durations = Durations::default();
        assert_eq!(durations.quantile(500), None);
        (1..=1000).for_each(|us| durations.add(us * 1000));
        for (permille, expect) in [(500, 500_000.0), (950, 950_000.0), (990, 990_000.0), (1000, 1_000_000.0)]
        {
            let found = durations.quantile(permille).unwrap() as f64;
            assert!((expect..=expect * 1.033).contains(&found), "{permille}: {found}");
        }
    }
}
