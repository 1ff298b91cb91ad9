//! Figures of many short rounds: medians, and the intervals that chance leaves around them.

/// How often rounds are drawn again to see how far chance moves a figure.
const DRAWS: usize = 2000;

/// The share of draws that may lie outside of an interval, on each side.
const OUTSIDE: f64 = 0.025;

/// A figure of all rounds, and where it lies 95 times of 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interval {
    pub(crate) estimate: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The figure that `of` makes of rounds, given by their numbers below `rounds`, with its 95 % interval: the rounds are
/// drawn again and again, each as often as chance wants (bootstrap).
pub(crate) fn bootstrap(rounds: usize, of: impl Fn(&[usize]) -> f64) -> Interval {
    let all: Vec<usize> = (0..rounds).collect();
    let mut draw = vec![0; rounds];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut figures: Vec<f64> = (0..DRAWS)
        .map(|_| {
            for round in &mut draw {
                // The same numbers each time (xorshift).
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *round = (state >> 33) as usize % rounds.max(1);
            }
            of(&draw)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    Interval {
        estimate: of(&all),
        low: quantile(&figures, OUTSIDE).unwrap_or(f64::NAN),
        high: quantile(&figures, 1.0 - OUTSIDE).unwrap_or(f64::NAN),
    }
}

/// The middle; of an even number, the mean of the two in the middle. Not a number if there is none.
pub(crate) fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    let upper = figures.get(half).copied().unwrap_or(f64::NAN);
    if figures.len().is_multiple_of(2) && half > 0 {
        return f64::midpoint(figures.get(half - 1).copied().unwrap_or(f64::NAN), upper);
    }
    upper
}

/// The value below which that share of a sorted list lies.
pub(crate) fn quantile<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_the_truth_and_shrinks_with_rounds() {
        // Between 0 and 100, around 50, in no order.
        let figure = |round: usize| (round * 7919 % 101) as f64;
        let of = |rounds: &[usize]| median(rounds.iter().map(|round| figure(*round)));
        let (few, many) = (bootstrap(20, of), bootstrap(400, of));
        for interval in [few, many] {
            assert!(interval.low <= interval.estimate && interval.estimate <= interval.high);
            assert!(interval.low < 50.0 && 50.0 < interval.high, "{interval:?}");
        }
        assert!((many.high - many.low) * 2.0 < few.high - few.low, "{few:?} {many:?}");
        assert_eq!(bootstrap(20, of), few);
    }

    #[test]
    fn a_median_leans_to_no_side() {
        assert_eq!(median([9.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([9.0, 1.0, 2.0, 4.0].into_iter()), 3.0);
        assert!(median([].into_iter()).is_nan());
    }
}
