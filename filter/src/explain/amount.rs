//! Numbers, durations, sizes and times in words.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::field::Kind;
use crate::parse::GRPC;
use crate::tree::Span;

const DURATIONS: &[(i64, &str)] = &[
    (86_400_000_000, "d"),
    (3_600_000_000, "h"),
    (60_000_000, "min"),
    (1_000_000, "s"),
    (1_000, "ms"),
    (1, "\u{b5}s"),
];
const SIZES: &[(i64, &str)] = &[
    (1_000_000_000_000, "TB"),
    (1 << 40, "TiB"),
    (1_000_000_000, "GB"),
    (1 << 30, "GiB"),
    (1_000_000, "MB"),
    (1 << 20, "MiB"),
    (1_000, "KB"),
    (1 << 10, "KiB"),
    (1, "B"),
];

/// A range of numbers of `kind`, behind “is”.
pub(super) fn number(kind: Kind, span: Span) -> String {
    match kind {
        Kind::Duration => amounts(span, DURATIONS),
        Kind::Size => amounts(span, SIZES),
        Kind::Status if span.min % 100 == 0 && span.max == span.min.saturating_add(99) => {
            format!("{}xx", span.min / 100)
        }
        Kind::GrpcStatus if span.min == span.max => {
            let name = usize::try_from(span.min).ok().and_then(|code| GRPC.get(code));
            name.map_or_else(|| span.min.to_string(), |name| format!("{} ({name})", span.min))
        }
        _ => match span {
            Span { min, max } if min == max => min.to_string(),
            Span { min, max: i64::MAX } => format!("{min} or more"),
            Span { min: i64::MIN, max } => format!("{max} or less"),
            Span { min, max } => format!("from {min} to {max}"),
        },
    }
}

/// Amounts with units. Of “more than 1 s” the bound is one unit above it.
fn amounts(Span { min, max }: Span, units: &[(i64, &str)]) -> String {
    let is_round =
        |number: i64| number > 0 && shown(number, units) != format!("{number} {}", units[units.len() - 1].1);
    let above = min.saturating_sub(1);
    let below = max.saturating_add(1);
    let from = shown(min, units);
    match (min, max) {
        (min, max) if min == max => from,
        (_, i64::MAX) if is_round(above) => format!("more than {}", shown(above, units)),
        (_, i64::MAX) => format!("{from} or more"),
        (i64::MIN, _) if is_round(below) => format!("less than {}", shown(below, units)),
        (i64::MIN, _) => format!("{} or less", shown(max, units)),
        _ if is_round(below) => format!("from {from} to just below {}", shown(below, units)),
        _ => format!("from {from} to {}", shown(max, units)),
    }
}

/// `number` in the largest unit in which it has at most two decimals.
fn shown(number: i64, units: &[(i64, &str)]) -> String {
    let fits =
        |(size, _): &&(i64, &str)| number >= *size && (i128::from(number) * 100) % i128::from(*size) == 0;
    let (size, unit) = units.iter().find(fits).copied().unwrap_or(units[units.len() - 1]);
    let hundredths = i128::from(number) * 100 / i128::from(size);
    let (whole, part) = (hundredths / 100, hundredths % 100);
    match part {
        0 => format!("{whole} {unit}"),
        part if part % 10 == 0 => format!("{whole}.{} {unit}", part / 10),
        part => format!("{whole}.{part:02} {unit}"),
    }
}

/// A range of times, behind “began”.
pub(super) fn time(Span { min, max }: Span, zone: &TimeZone) -> String {
    let at = |micros: i64| Timestamp::from_microsecond(micros).ok().map(|time| time.to_zoned(zone.clone()));
    // The end of a range is its last microsecond.
    let end = if max == i64::MAX { None } else { at(max.saturating_add(1)) };
    let start = if min == i64::MIN { None } else { at(min) };
    match (start, end) {
        (None, None) => "at any time".to_owned(),
        (Some(start), None) => format!("at {} or later", moment(&start)),
        (None, Some(end)) => format!("before {}", moment(&end)),
        (Some(start), Some(end)) => range(&start, &end),
    }
}

fn range(start: &Zoned, end: &Zoned) -> String {
    let is_day =
        start.time() == jiff::civil::Time::midnight() && start.tomorrow().is_ok_and(|next| next == *end);
    if is_day {
        return format!("on {}", start.date());
    }
    format!("from {} to before {}", moment(start), moment(end))
}

/// A time to the second; whole minutes without seconds.
fn moment(time: &Zoned) -> String {
    time.strftime(if time.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}
