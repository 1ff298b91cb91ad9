//! The time that figures are about.

use dashcam_exchange::Timestamp;

/// From the first moment to the last; `None` where nothing is recorded.
pub(super) type Range = Option<(Timestamp, Timestamp)>;

/// Where walks ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All that can match was looked at.
    Oldest,
    /// At the exchange that began then, as the time was over; `None` if that was before the first one.
    At(Option<Timestamp>),
}

/// `range` as far as the walk came, and every exchange that was found, as clocks may jump.
pub(super) fn widened(range: Range, span: Range, end: End) -> Range {
    let range = range.map(|(from, until)| match end {
        End::Oldest => (from, until),
        End::At(reached) => (reached.unwrap_or(until).clamp(from, until), until),
    });
    match (range, span) {
        (Some((from, until)), Some((first, last))) => Some((from.min(first), until.max(last))),
        (range, span) => range.or(span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_which_was_reached_and_has_all_that_was_found() {
        let at = |from, until| Some((Timestamp(from), Timestamp(until)));
        let reached = |at| End::At(Some(Timestamp(at)));
        for (range, span, end, expect) in [
            (None, None, End::Oldest, None),
            (at(10, 90), None, End::Oldest, at(10, 90)),
            (at(10, 90), at(20, 30), End::Oldest, at(10, 90)),
            (at(10, 90), at(5, 95), End::Oldest, at(5, 95)),
            (at(10, 90), at(60, 70), reached(50), at(50, 90)),
            (at(10, 90), None, reached(99), at(90, 90)),
            (at(10, 90), None, End::At(None), at(90, 90)),
            (None, at(1, 2), End::Oldest, at(1, 2)),
        ] {
            assert_eq!(widened(range, span, end), expect);
        }
    }
}
