//! An exchange as one line, in whole, and figures for people. [`crate::rows`] fits lines to a terminal.

use dashcam_views::dto::{State, Summary};
use jiff::tz::TimeZone;

use crate::terminal::{Color, escaped, paint};

/// The names above the columns; a star behind a number marks what is pinned.
pub(crate) const HEADING: &str = "    ID  TIME         STATUS METHOD       SIZE     TOOK URL";

/// `summary` under [`HEADING`]; the URL comes last because it may be long, and a `rule` before it if that has a column.
pub(crate) fn row(summary: &Summary, rule: Option<&str>, is_colored: bool) -> String {
    let time = summary.started_at.0.to_zoned(TimeZone::system()).strftime("%H:%M:%S%.3f").to_string();
    let (status, color) = status(summary);
    let duration = summary.duration_us.map(duration).unwrap_or_default();
    let mut line = format!(
        "{:>6}{} {time:<12} {} {:<7} {:>9} {duration:>8} {}{}",
        summary.id,
        if summary.pinned { "*" } else { " " },
        paint(&format!("{status:<6}"), color, is_colored),
        escaped(&summary.method),
        size(summary.response_size),
        rule.map(|rule| format!("{rule} ")).unwrap_or_default(),
        escaped(&summary.url),
    );
    if let Some(failure) = &summary.failure {
        let message = format!(" ({})", escaped(&failure.message));
        line.push_str(&paint(&message, Color::Red, is_colored));
    }
    line
}

/// The response's status, or what there is instead of one.
pub(crate) fn status(summary: &Summary) -> (String, Color) {
    match (summary.state, summary.status) {
        (State::Refused, _) => ("refus.".to_owned(), Color::Red),
        (State::Failed, _) => ("failed".to_owned(), Color::Red),
        (State::Open, None) => ("…".to_owned(), Color::Dim),
        (State::Aborted, None) => ("abort".to_owned(), Color::Yellow),
        (State::Interrupted, None) => ("inter.".to_owned(), Color::Yellow),
        (State::Complete, None) => ("-".to_owned(), Color::Dim),
        (state, Some(status)) => {
            let mark = match state {
                State::Open => "…",
                State::Aborted | State::Interrupted => "!",
                State::Complete | State::Failed | State::Refused => "",
            };
            (format!("{status}{mark}"), status_color(status))
        }
    }
}

/// By class.
pub(crate) fn status_color(status: u16) -> Color {
    match status {
        0..300 => Color::Green,
        300..400 => Color::Cyan,
        400..500 => Color::Yellow,
        _ => Color::Red,
    }
}

/// How far work on exchanges has come: `segments: 1024 of 4096 exchanges (25 %)`.
pub(crate) fn progress(name: &str, done: u64, total: u64) -> String {
    format!("{name}: {done} of {total} exchanges ({} %)", done * 100 / total.max(1))
}

/// Bytes for people: `512 B`, `1.5 KiB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
    let mut amount = bytes as f64 / 1024.0;
    let mut unit = 0;
    while amount >= 1023.95 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

/// Microseconds for people: `850 µs`, `12 ms`, `1.25 s`, `3 min 5 s`.
pub(crate) fn duration(microseconds: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits behind the point are shown")]
    let seconds = microseconds as f64 / 1e6;
    match microseconds {
        ..1_000 => format!("{microseconds} µs"),
        1_000..1_000_000 => format!("{} ms", microseconds / 1_000),
        1_000_000..60_000_000 => format!("{seconds:.2} s"),
        60_000_000..3_600_000_000 => {
            format!("{} min {} s", microseconds / 60_000_000, microseconds / 1_000_000 % 60)
        }
        _ => format!("{} h {} min", microseconds / 3_600_000_000, microseconds / 60_000_000 % 60),
    }
}

/// A span in its largest unit, or two: `45 s`, `3 min`, `2 h`, `12 d 4 h`.
pub(crate) fn age(microseconds: i64) -> String {
    let seconds = microseconds / 1_000_000;
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 if seconds % 3_600 < 60 => format!("{} h", seconds / 3_600),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ if seconds % 86_400 < 3_600 => format!("{} d", seconds / 86_400),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(changes: &serde_json::Value) -> Summary {
        let mut json = serde_json::json!({"id": 7, "connection": 3, "replay_of": null,
            "started_at": "2026-11-22T15:04:05.123456Z", "level": "full", "state": "complete", "method": "GET",
            "scheme": "https", "host": "a", "port": 443, "target": "/\u{1b}", "url": "https://a/\u{1b}",
            "status": 200, "content_type": null, "request_size": 0, "response_size": 1536, "duration_us": 5123,
            "failure": null, "pinned": false, "cut": false});
        json.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_row_is_aligned_and_safe() {
        let row = row(&summary(&serde_json::json!({})), None, false);
        assert!(row.ends_with(".123 200    GET       1.5 KiB     5 ms https://a/\\u{1b}"), "{row}");
        assert_eq!(HEADING.find("URL"), row.find("https"));
    }

    #[test]
    fn what_is_pinned_is_marked() {
        let pinned = summary(&serde_json::json!({"pinned": true}));
        assert!(row(&pinned, None, false).starts_with("     7* "));
    }

    #[test]
    fn what_stands_in_place_of_a_status() {
        for (changes, expect) in [
            (serde_json::json!({"status": 404}), "404"),
            (serde_json::json!({"state": "open", "status": null}), "…"),
            (serde_json::json!({"state": "aborted"}), "200!"),
            (serde_json::json!({"state": "failed", "status": null}), "failed"),
            (serde_json::json!({"state": "refused", "status": null}), "refus."),
        ] {
            assert_eq!(status(&summary(&changes)).0, expect);
        }
    }

    #[test]
    fn sizes_and_durations() {
        for (bytes, expect) in
            [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 20, "1.0 MiB"), (u64::MAX, "16384.0 PiB")]
        {
            assert_eq!(size(bytes), expect);
        }
        for (microseconds, expect) in [
            (850, "850 µs"),
            (12_345, "12 ms"),
            (1_250_000, "1.25 s"),
            (185_000_000, "3 min 5 s"),
            (7_260_000_000, "2 h 1 min"),
        ] {
            assert_eq!(duration(microseconds), expect);
        }
    }
}
