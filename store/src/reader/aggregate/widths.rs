//! Widths of stretches of time that figures are made for.

/// Widths to choose from, in seconds: people count in these.
const WIDTHS: [i64; 17] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];
const SECOND: i64 = 1_000_000;
/// The widest, in microseconds: a thousand years.
pub(super) const WIDEST: i64 = 365_250 * 86_400 * SECOND;

/// A wider width, a multiple of `width`: the next one that people count in, else twice as much.
pub(super) fn wider(width: i64) -> i64 {
    let multiple = WIDTHS.iter().map(|width| width * SECOND);
    let next = multiple.filter(|next| *next > width && next % width == 0).min();
    next.unwrap_or(width.saturating_mul(2))
}

/// The narrowest width that people count in with which `span` microseconds have at most `most` stretches, besides one that
/// has begun.
pub(super) fn fitting(span: i64, most: i64) -> i64 {
    let mut width = WIDTHS.iter().map(|width| width * SECOND).find(|width| span / width <= most);
    let mut days = WIDTHS[WIDTHS.len() - 1] * SECOND;
    while width.is_none() && days < WIDEST {
        days = wider(days);
        width = (span / days <= most).then_some(days);
    }
    width.unwrap_or(WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400 * SECOND;

    #[test]
    fn a_wider_width_is_a_multiple() {
        for (width, expect) in [
            (SECOND, 2 * SECOND),
            (2 * SECOND, 10 * SECOND),
            (60 * SECOND, 120 * SECOND),
            (7 * SECOND, 14 * SECOND),
            (DAY, 2 * DAY),
            (500_000, SECOND),
        ] {
            assert_eq!(wider(width), expect, "{width}");
        }
    }

    #[test]
    fn a_width_fits_the_time() {
        for (span, expect) in [
            (0, SECOND),
            (59 * SECOND, SECOND),
            (3600 * SECOND, 60 * SECOND),
            (DAY, 1800 * SECOND),
            (100 * DAY, 2 * DAY),
        ] {
            assert_eq!(fitting(span, 60), expect, "{span}");
        }
        assert_eq!(fitting(i64::MAX, 60), WIDEST);
    }
}
