//! Amounts for people.

use dashcam_views::dto::Time;
use jiff::tz::TimeZone;

/// A number with a comma before each three digits: `1,204`.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and what it counts: `1 exchange`, `1,204 exchanges`.
pub(crate) fn exchanges(count: u64) -> String {
    let noun = if count == 1 { "exchange" } else { "exchanges" };
    format!("{} {noun}", number(count))
}

/// A rate a second, a minute or an hour, whichever has a figure to show: `12.5/s`, `3.00/min`.
pub(crate) fn rate(per_second: f64) -> String {
    let (rate, unit) = match per_second {
        0.1.. => (per_second, "s"),
        rate if rate * 60.0 >= 0.1 => (rate * 60.0, "min"),
        rate => (rate * 3600.0, "h"),
    };
    let digits = match rate {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    if rate == 0.0 { "0/s".to_owned() } else { format!("{rate:.digits$}/{unit}") }
}

/// A part of a whole: `1.5 %`.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    match percent {
        0.0 => "0 %".to_owned(),
        ..0.1 => "<0.1 %".to_owned(),
        100.0.. => "100 %".to_owned(),
        percent => format!("{percent:.1} %"),
    }
}

/// A moment in the local time zone, to the minute, or as exactly as stretches of so many microseconds need.
pub(crate) fn moment(at: Time, every_us: u64) -> String {
    let format = match every_us {
        ..1_000_000 => "%Y-%m-%d %H:%M:%S%.3f",
        1_000_000..60_000_000 => "%Y-%m-%d %H:%M:%S",
        _ => "%Y-%m-%d %H:%M",
    };
    at.0.to_zoned(TimeZone::system()).strftime(format).to_string()
}

/// A span of time in the local time zone; a second day is named only if it is another one.
pub(crate) fn span(from: Time, until: Time) -> String {
    let [from, until] = [from, until].map(|at| at.0.to_zoned(TimeZone::system()));
    let end = if from.date() == until.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    format!("{} \u{2013} {}", from.strftime("%Y-%m-%d %H:%M:%S"), until.strftime(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas() {
        for (count, expect) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(count), expect);
        }
        assert_eq!((exchanges(1), exchanges(0)), ("1 exchange".to_owned(), "0 exchanges".to_owned()));
    }

    #[test]
    fn rates_have_a_unit_with_figures() {
        for (per_second, expect) in [
            (1234.5, "1234/s"),
            (12.34, "12.3/s"),
            (1.5, "1.50/s"),
            (0.05, "3.00/min"),
            (0.001, "3.60/h"),
            (0.0, "0/s"),
        ] {
            assert_eq!(rate(per_second), expect, "{per_second}");
        }
    }

    #[test]
    fn parts_are_in_percent() {
        for (part, whole, expect) in
            [(0, 9, "0 %"), (1, 10_000, "<0.1 %"), (1, 8, "12.5 %"), (8, 8, "100 %"), (0, 0, "0 %")]
        {
            assert_eq!(percent(part, whole), expect);
        }
    }
}
