//! Whole numbers: counts, statuses, durations and sizes, with units, comparisons and ranges.

use crate::field::Kind;
use crate::parse::fault::Problem;
use crate::tree::Span;

/// The numbers that a value without a comparison stands for: `2s` is all that begins with two seconds.
pub(super) type Interval = Span;

/// Units of durations, in microseconds.
const DURATIONS: &[(&str, i64)] = &[
    ("us", 1),
    ("\u{b5}s", 1),
    ("\u{3bc}s", 1),
    ("ms", 1000),
    ("s", 1_000_000),
    ("sec", 1_000_000),
    ("m", 60_000_000),
    ("min", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
    ("w", 604_800_000_000),
];

/// Units of sizes, in bytes.
const SIZES: &[(&str, i64)] = &[
    ("", 1),
    ("b", 1),
    ("k", 1000),
    ("kb", 1000),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("t", 1_000_000_000_000),
    ("tb", 1_000_000_000_000),
    ("ki", 1 << 10),
    ("kib", 1 << 10),
    ("mi", 1 << 20),
    ("mib", 1 << 20),
    ("gi", 1 << 30),
    ("gib", 1 << 30),
    ("ti", 1 << 40),
    ("tib", 1 << 40),
];

/// The names of gRPC's statuses, from 0 on.
pub(crate) const GRPC: &[&str] = &[
    "ok",
    "cancelled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// Reads a value of `kind`, alone, with a comparison before it, or as a range. `bound` reads one number.
pub(super) fn span(text: &str, bound: impl Fn(&str) -> Result<Interval, Problem>) -> Result<Span, Problem> {
    let one =
        |text: &str| if text.is_empty() { Err(Problem::new("a number is missing")) } else { bound(text) };
    let (least, greatest) = (i64::MIN, i64::MAX);
    let span = if let Some(text) = text.strip_prefix(">=") {
        Span { min: one(text)?.min, max: greatest }
    } else if let Some(text) = text.strip_prefix("<=") {
        Span { min: least, max: one(text)?.min }
    } else if let Some(text) = text.strip_prefix('>') {
        Span { min: one(text)?.min.saturating_add(1), max: greatest }
    } else if let Some(text) = text.strip_prefix('<') {
        Span { min: least, max: one(text)?.min.saturating_sub(1) }
    } else if let Some((from, to)) = text.split_once("..") {
        if from.is_empty() && to.is_empty() {
            return Err(Problem::new("this range has no end").expecting("A..B, A.. or ..B"));
        }
        let min = if from.is_empty() { least } else { one(from)?.min };
        Span { min, max: if to.is_empty() { greatest } else { one(to)?.min } }
    } else {
        one(text)?
    };
    if span.min > span.max {
        return Err(Problem::new("nothing is in this range").expecting("the smaller end first"));
    }
    Ok(span)
}

/// Reads one number of `kind`.
pub(super) fn number(text: &str, kind: Kind) -> Result<Interval, Problem> {
    match kind {
        Kind::Duration => duration(text),
        Kind::Size => size(text),
        Kind::Status => status(text),
        Kind::GrpcStatus => grpc(text),
        _ => whole(text).map(Span::only).ok_or_else(|| {
            Problem::new(format!("\u{201c}{text}\u{201d} is no whole number"))
                .expecting("a number, >N, A..B or a list")
        }),
    }
}

fn whole(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn status(text: &str) -> Result<Interval, Problem> {
    let wrong = || {
        Problem::new(format!("\u{201c}{text}\u{201d} is no status"))
            .expecting("404, 5xx, >=400, 400..499 or a list")
    };
    let digits = text.trim_end_matches(['x', 'X']);
    let open = text.len() - digits.len();
    let power = [1, 10, 100].get(open).filter(|_| open == 0 || text.len() == 3).ok_or_else(wrong)?;
    let min = whole(digits).and_then(|number| number.checked_mul(*power)).ok_or_else(wrong)?;
    Ok(Span { min, max: min.saturating_add(power - 1) })
}

fn grpc(text: &str) -> Result<Interval, Problem> {
    let name = text.to_ascii_lowercase().replace('-', "_");
    let code = GRPC.iter().position(|known| *known == name).and_then(|code| i64::try_from(code).ok());
    code.or_else(|| whole(text)).map(Span::only).ok_or_else(|| {
        Problem::new(format!("\u{201c}{text}\u{201d} is no status of gRPC"))
            .expecting("a number such as 14, or its name")
            .near(&name, GRPC.iter().copied())
    })
}

/// Reads a duration, in microseconds: `500ms`, `1.5s`, `1h30m`.
pub(super) fn duration(text: &str) -> Result<Interval, Problem> {
    if text == "0" {
        return Ok(Span::only(0));
    }
    let wrong = || {
        Problem::new(format!("\u{201c}{text}\u{201d} is no duration"))
            .expecting("a number with us, ms, s, m, h or d")
    };
    let (mut sum, mut width, mut left) = (0_i64, 1, text);
    while !left.is_empty() {
        let (amount, rest) = quantity(left, DURATIONS).ok_or_else(wrong)?;
        sum = sum.checked_add(amount.min).ok_or_else(wrong)?;
        width = amount.max - amount.min;
        left = rest;
    }
    Ok(Span { min: sum, max: sum.checked_add(width).ok_or_else(wrong)? })
}

fn size(text: &str) -> Result<Interval, Problem> {
    let amount = quantity(text, SIZES).filter(|(_, rest)| rest.is_empty()).map(|(amount, _)| amount);
    amount.ok_or_else(|| {
        Problem::new(format!("\u{201c}{text}\u{201d} is no size"))
            .expecting("bytes, or a number with KB, MB, GB, KiB, MiB or GiB")
    })
}

/// Reads `12.5UNIT`; gives the numbers that begin so, and the rest of the text.
fn quantity<'t>(text: &'t str, units: &[(&str, i64)]) -> Option<(Interval, &'t str)> {
    let end =
        text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let length = rest.find(|character: char| character.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(length);
    let unit = unit.to_lowercase();
    let (_, unit) = units.iter().find(|(name, _)| *name == unit)?;
    let (whole_part, fraction) =
        digits.split_once('.').map_or((digits, ""), |(whole, fraction)| (whole, fraction));
    if digits.ends_with('.') || fraction.len() > 9 || fraction.contains('.') {
        return None;
    }
    let places = 10_i64.pow(u32::try_from(fraction.len()).ok()?);
    let fraction = if fraction.is_empty() { 0 } else { whole(fraction)? };
    let part = i128::from(*unit) * i128::from(fraction) / i128::from(places);
    let min = whole(whole_part)?.checked_mul(*unit)?.checked_add(i64::try_from(part).ok()?)?;
    let max = min.checked_add((unit / places).max(1) - 1)?;
    Some((Span { min, max }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, cases: &[(&str, Option<(i64, i64)>)]) {
        for (text, expect) in cases {
            let found = span(text, |bound| number(bound, kind)).ok().map(|span| (span.min, span.max));
            assert_eq!(found, *expect, "{text}");
        }
    }

    const MIN: i64 = i64::MIN;
    const MAX: i64 = i64::MAX;

    #[test]
    fn durations() {
        check(
            Kind::Duration,
            &[
                ("500ms", Some((500_000, 500_999))),
                ("2s", Some((2_000_000, 2_999_999))),
                ("1.5s", Some((1_500_000, 1_599_999))),
                ("1h30m", Some((5_400_000_000, 5_459_999_999))),
                ("7us", Some((7, 7))),
                ("7\u{b5}s", Some((7, 7))),
                ("0", Some((0, 0))),
                (">500ms", Some((500_001, MAX))),
                (">=500ms", Some((500_000, MAX))),
                ("<1s", Some((MIN, 999_999))),
                ("<=1s", Some((MIN, 1_000_000))),
                ("1s..2s", Some((1_000_000, 2_000_000))),
                ("1s..", Some((1_000_000, MAX))),
                ("..1s", Some((MIN, 1_000_000))),
                ("5", None),
                ("2s..1s", None),
                ("..", None),
                (">", None),
                ("1.s", None),
                (".5s", None),
                ("1..2..3", None),
                ("9999999999999999d", None),
                ("ms", None),
            ],
        );
    }

    #[test]
    fn sizes() {
        check(
            Kind::Size,
            &[
                ("0", Some((0, 0))),
                ("17", Some((17, 17))),
                ("1KB", Some((1000, 1999))),
                ("1kib", Some((1024, 2047))),
                ("1.5MiB", Some((1_572_864, 1_572_864 + 104_856))),
                (">1MB", Some((1_000_001, MAX))),
                ("1k..1m", Some((1000, 1_000_000))),
                ("1xb", None),
                ("", None),
                ("1 MB", None),
            ],
        );
    }

    #[test]
    fn statuses() {
        check(
            Kind::Status,
            &[
                ("404", Some((404, 404))),
                ("5xx", Some((500, 599))),
                ("40X", Some((400, 409))),
                ("400..499", Some((400, 499))),
                (">=400", Some((400, MAX))),
                ("4xx..5xx", Some((400, 500))),
                ("xx", None),
                ("5x", None),
                ("xxx", None),
                ("abc", None),
                ("-1", None),
            ],
        );
        check(Kind::GrpcStatus, &[("14", Some((14, 14))), ("Unavailable", Some((14, 14))), ("nope", None)]);
    }
}
