//! The figures of a group that callers name.

use std::time::Duration;

use dashcam_exchange::Timestamp;

use crate::dto::{self, Time};

/// A figure of a group of exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stat {
    /// How many there are.
    Count,
    /// How many there are in a second.
    Rate,
    /// How many of them failed, or were answered with 5xx.
    Errors,
    /// The time from start to end that half of them do not exceed.
    P50,
    /// That 95 in a hundred do not exceed.
    P95,
    /// That 99 in a hundred do not exceed.
    P99,
    /// The longest time.
    Max,
    /// Bytes of bodies that passed.
    Bytes,
}

impl Stat {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Count, "count"),
        (Self::Rate, "rate"),
        (Self::Errors, "errors"),
        (Self::P50, "p50"),
        (Self::P95, "p95"),
        (Self::P99, "p99"),
        (Self::Max, "max"),
        (Self::Bytes, "bytes"),
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(stat, _)| *stat == self).map_or("", |(_, name)| name)
    }
}

/// Seconds of the time that a group is about: of `range`, or of its part from `from` on for `every`; `None` if it is no time.
pub(super) fn seconds(
    from: Option<Timestamp>,
    every: Option<Duration>,
    range: Option<(Time, Time)>,
) -> Option<f64> {
    let (begin, end) = range.map(|(begin, end)| (begin.0.as_microsecond(), end.0.as_microsecond()))?;
    let (begin, end) = match from.zip(every) {
        Some((Timestamp(from), every)) => {
            let width = i64::try_from(every.as_micros()).unwrap_or(i64::MAX);
            (begin.max(from), end.min(from.saturating_add(width)))
        }
        None => (begin, end),
    };
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
    (begin < end).then(|| (end - begin) as f64 / 1e6)
}

/// The figures of a group that are wanted.
pub(super) fn shown(group: dashcam_store::Group, stats: &[Stat], seconds: Option<f64>) -> dto::Group {
    let wants = |stat| stats.contains(&stat);
    let number = |stat, number: u64| wants(stat).then_some(number);
    let duration = |stat, us: Option<i64>| us.filter(|_| wants(stat));
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
    let rate = seconds.filter(|_| wants(Stat::Rate)).map(|seconds| group.exchanges as f64 / seconds);
    dto::Group {
        from: group.from.map(Time::from),
        count: number(Stat::Count, group.exchanges),
        rate,
        errors: number(Stat::Errors, group.errors),
        p50_us: duration(Stat::P50, group.p50),
        p95_us: duration(Stat::P95, group.p95),
        p99_us: duration(Stat::P99, group.p99),
        max_us: duration(Stat::Max, group.longest),
        bytes: number(Stat::Bytes, group.request_bytes.saturating_add(group.response_bytes)),
        request_bytes: number(Stat::Bytes, group.request_bytes),
        response_bytes: number(Stat::Bytes, group.response_bytes),
        exact: group.is_exact,
        key: group.key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_group_is_cut_to_the_range() {
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        let range = Some((at(100).into(), at(250).into()));
        let minute = Some(Duration::from_secs(60));
        for (from, every, range, expect) in [
            (None, None, range, Some(150.0)),
            (Some(at(60)), minute, range, Some(20.0)),
            (Some(at(120)), minute, range, Some(60.0)),
            (Some(at(240)), minute, range, Some(10.0)),
            (None, None, Some((at(100).into(), at(100).into())), None),
            (None, None, None, None),
        ] {
            assert_eq!(seconds(from, every, range), expect);
        }
    }
}
