//! Exchanges as lines: in whole for a program, in the columns of a terminal for a person.
//!
//! On a terminal no line wraps. Columns that matter less are left out where it is narrow, and the URL is cut.

use dashcam_views::dto::Summary;
use jiff::tz::TimeZone;

use crate::columns::{cut_end, cut_middle, pad_end, pad_start, width};
use crate::row;
use crate::terminal::{Color, escaped, paint};

const METHOD: usize = 7;
const SIZE: usize = 9;
const TOOK: usize = 8;
const STATUS: usize = 6;
/// The names of rules are cut to this.
const RULE: usize = 12;
/// Fewer columns than this for a URL and a failure are not worth a failure.
const FAILURE: usize = 40;

/// Lines of exchanges, as standard output wants them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    /// The columns of the terminal; `None`: lines are whole.
    columns: Option<usize>,
    is_colored: bool,
    /// The digits of ids.
    digits: usize,
    /// The rules that decided have a column.
    rules: bool,
}

/// The columns that a terminal of some width has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fitting {
    time: Option<TimeColumn>,
    size: bool,
    took: bool,
    rule: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimeColumn {
    Seconds,
    Milliseconds,
}

impl Rows {
    /// For lines in so many columns, or whole ones, of exchanges up to `last`.
    pub(crate) fn new(columns: Option<usize>, is_colored: bool, last: i64) -> Self {
        Self { columns, is_colored, digits: last.to_string().len().max(6), rules: false }
    }

    /// The same with a column for rules, if one of these exchanges met any but the default.
    pub(crate) fn with_rules_of(self, summaries: &[Summary]) -> Self {
        let named = |summary: &Summary| summary.rule.as_deref().is_some_and(|rule| rule != "default");
        Self { rules: summaries.iter().any(named), ..self }
    }

    /// The names above the columns.
    pub(crate) fn heading(&self) -> String {
        let Some(columns) = self.columns else {
            let heading = match self.rules {
                true => row::HEADING.replace("URL", &(pad_end("RULE", RULE) + " URL")),
                false => row::HEADING.to_owned(),
            };
            return paint(&heading, Color::Dim, self.is_colored);
        };
        let fitting = self.fitting(columns);
        let mut cells = vec![pad_start("ID", self.digits) + " "];
        cells.extend(fitting.time.map(|time| pad_end("TIME", time.width())));
        cells.extend([pad_end("STATUS", STATUS), pad_end("METHOD", METHOD)]);
        cells.extend(fitting.size.then(|| pad_start("SIZE", SIZE)));
        cells.extend(fitting.took.then(|| pad_start("TOOK", TOOK)));
        cells.extend(fitting.rule.then(|| pad_end("RULE", RULE)));
        cells.push("URL".to_owned());
        paint(&cut_end(&cells.join(" "), columns), Color::Dim, self.is_colored)
    }

    /// An exchange under the heading; a star behind the number marks one that is pinned.
    pub(crate) fn row(&self, summary: &Summary) -> String {
        let Some(columns) = self.columns else {
            return row::row(summary, self.rules.then(|| rule(summary)).as_deref(), self.is_colored);
        };
        let mut cells = self.before_url(summary, self.fitting(columns));
        let taken: usize = cells.iter().map(|cell| width(&cell.0) + 1).sum();
        if taken >= columns {
            let line: Vec<String> = cells.into_iter().map(|cell| cell.0).collect();
            return cut_end(&line.join(" "), columns);
        }
        let (url, failure) = url(summary, columns - taken);
        cells.extend([(url, None)]);
        cells.extend(failure.map(|failure| (failure, Some(Color::Red))));
        let painted = cells.into_iter().map(|(text, color)| match color {
            Some(color) => paint(&text, color, self.is_colored),
            None => text,
        });
        painted.collect::<Vec<_>>().join(" ")
    }

    /// The cells of all columns before the URL.
    fn before_url(&self, summary: &Summary, fitting: Fitting) -> Vec<Cell> {
        let star = if summary.pinned { "*" } else { " " };
        let (status, color) = row::status(summary);
        let took = || pad_start(&summary.duration_us.map(duration).unwrap_or_default(), TOOK);
        let mut cells = vec![(pad_start(&summary.id.to_string(), self.digits) + star, None)];
        cells.extend(fitting.time.map(|time| (time.of(summary), None)));
        cells.push((pad_end(&status, STATUS), Some(color)));
        cells.push((pad_end(&cut_end(&escaped(&summary.method), METHOD), METHOD), None));
        cells.extend(fitting.size.then(|| (pad_start(&size(summary.response_size), SIZE), None)));
        cells.extend(fitting.took.then(|| (took(), None)));
        cells.extend(fitting.rule.then(|| (rule(summary), None)));
        cells
    }

    fn fitting(&self, columns: usize) -> Fitting {
        let fitting = Fitting::in_columns(columns);
        Fitting { rule: fitting.rule && self.rules, ..fitting }
    }
}

/// A text of a line, and its colour.
type Cell = (String, Option<Color>);

/// The URL, and why the exchange failed, in so many columns; of a long reason the beginning.
fn url(summary: &Summary, columns: usize) -> (String, Option<String>) {
    let url = escaped(&summary.url);
    let reason = summary.failure.as_ref().filter(|_| columns >= FAILURE);
    let Some(reason) = reason.map(|failure| escaped(&failure.message)) else {
        return (cut_middle(&url, columns), None);
    };
    // A space and two parentheses are around it.
    let most = (columns / 2).max(columns.saturating_sub(width(&url))) - 3;
    let reason = format!("({})", cut_end(&reason, most));
    (cut_middle(&url, columns - 1 - width(&reason)), Some(reason))
}

/// The name of the rule that decided, in [`RULE`] columns.
fn rule(summary: &Summary) -> String {
    pad_end(&cut_end(&escaped(summary.rule.as_deref().unwrap_or_default()), RULE), RULE)
}

/// Bytes in at most [`SIZE`] columns.
fn size(bytes: u64) -> String {
    let size = row::size(bytes);
    match size.split_once('.') {
        Some((whole, rest)) if size.len() > SIZE => format!("{whole}{}", &rest[1..]),
        _ => size,
    }
}

/// Microseconds in at most [`TOOK`] columns.
fn duration(microseconds: i64) -> String {
    let (minutes, seconds) = (microseconds / 60_000_000, microseconds / 1_000_000 % 60);
    match minutes {
        0 => row::duration(microseconds),
        1..60 => format!("{minutes}m {seconds}s"),
        60..1440 => format!("{}h {}m", minutes / 60, minutes % 60),
        _ => format!("{}d {}h", minutes / 1440, minutes / 60 % 24),
    }
}

impl Fitting {
    fn in_columns(columns: usize) -> Self {
        let time = match columns {
            ..45 => None,
            45..100 => Some(TimeColumn::Seconds),
            _ => Some(TimeColumn::Milliseconds),
        };
        Self { time, size: columns >= 76, took: columns >= 66, rule: columns >= 90 }
    }
}

impl TimeColumn {
    fn width(self) -> usize {
        match self {
            Self::Seconds => 8,
            Self::Milliseconds => 12,
        }
    }

    fn of(self, summary: &Summary) -> String {
        let format = match self {
            Self::Seconds => "%H:%M:%S",
            Self::Milliseconds => "%H:%M:%S%.3f",
        };
        summary.started_at.0.to_zoned(TimeZone::system()).strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(changes: &serde_json::Value) -> Summary {
        let mut json = serde_json::json!({"id": 7, "connection": 3, "replay_of": null,
            "started_at": "2026-11-22T15:04:05.123456Z", "level": "full", "state": "complete", "method": "GET",
            "scheme": "https", "host": "a", "port": 443, "target": "/", "url": "https://api.example.com/v1/orders",
            "status": 200, "content_type": null, "request_size": 0, "response_size": 1536, "duration_us": 5123,
            "failure": null, "program": null, "pinned": false, "cut": false});
        json.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value(json).unwrap()
    }

    /// Exchanges whose lines are hard to fit.
    fn hard() -> Vec<Summary> {
        let failure = serde_json::json!({"side": "upstream", "stage": "dns",
            "message": "the name was not found: look at its spelling, and whether the resolver knows it"});
        [
            serde_json::json!({}),
            serde_json::json!({"url": format!("https://a.example/{}?x=1", "long/".repeat(100))}),
            serde_json::json!({"url": format!("https://\u{4f60}\u{597d}.example/{}", "\u{754c}".repeat(90))}),
            serde_json::json!({"url": "https://a/\u{1b}[2J\u{202e}", "method": "VERSION-CONTROL", "pinned": true}),
            serde_json::json!({"id": i64::MAX, "response_size": u64::MAX, "duration_us": i64::MAX}),
            serde_json::json!({"status": null, "state": "failed", "failure": failure, "duration_us": null}),
            serde_json::json!({"state": "aborted", "response_size": 1_048_500, "duration_us": 3_599_000_000_i64}),
        ]
        .iter()
        .map(summary)
        .collect()
    }

    #[test]
    fn no_line_wraps_and_columns_stand_under_their_names() {
        for columns in 60..=250 {
            let rows = Rows::new(Some(columns), false, 99);
            let heading = rows.heading();
            assert!(width(&heading) <= columns, "{heading}");
            for summary in hard() {
                let row = rows.row(&summary);
                assert!(width(&row) <= columns, "{} of {columns}: {row}", width(&row));
                if summary.id < 1_000_000 {
                    let url = summary.url.find("://").and_then(|_| row.find("http")).unwrap();
                    assert_eq!(heading.find("URL"), row[..url].chars().count().into(), "{columns}: {row}");
                }
            }
        }
    }

    #[test]
    fn even_in_a_slit_nothing_wraps() {
        for columns in 1..60 {
            let rows = Rows::new(Some(columns), false, 99);
            for line in hard().iter().map(|summary| rows.row(summary)).chain([rows.heading()]) {
                assert!(width(&line) <= columns, "{columns}: {line}");
            }
        }
    }

    #[test]
    fn colours_take_no_room() {
        let colors = |line: &str| line.split("\x1b[").count();
        for summary in hard() {
            let (plain, colored) = (Rows::new(Some(90), false, 9), Rows::new(Some(90), true, 9));
            let stripped = colored.row(&summary).replace("\x1b[0m", "");
            let stripped = ["31", "32", "33", "36", "2"]
                .iter()
                .fold(stripped, |line, code| line.replace(&format!("\x1b[{code}m"), ""));
            assert_eq!(stripped, plain.row(&summary));
            assert!(colors(&colored.row(&summary)) >= 3 && colors(&plain.row(&summary)) == 1);
        }
    }

    #[test]
    fn columns_go_where_there_is_no_room() {
        let line = |columns, changes: &serde_json::Value| {
            let rows = Rows::new(Some(columns), false, 9);
            let row = rows.row(&summary(changes));
            // The hour depends on the time zone.
            [rows.heading(), row.replace(&row[8..13], "15:04")].join("\n")
        };
        let none = serde_json::json!({});
        assert_eq!(
            line(110, &none),
            "    ID  TIME         STATUS METHOD       SIZE     TOOK URL\n     7  15:04:05.123 200    GET       1.5 KiB     5 ms https://api.example.com/v1/orders"
        );
        assert_eq!(
            line(80, &none),
            "    ID  TIME     STATUS METHOD       SIZE     TOOK URL\n     7  15:04:05 200    GET       1.5 KiB     5 ms https://api.example\u{2026}v1/orders"
        );
        assert_eq!(
            line(60, &none),
            "    ID  TIME     STATUS METHOD  URL\n     7  15:04:05 200    GET     https://api.exampl\u{2026}v1/orders"
        );
    }

    #[test]
    fn rules_have_a_column_if_any_but_the_default_decided() {
        let of = |rule: &str| summary(&serde_json::json!({"rule": rule}));
        let listed = [of("default"), of("failures-of-everything")];
        for (columns, expect) in
            [(Some(100), "TOOK RULE         URL"), (Some(80), "TOOK URL"), (None, "TOOK RULE         URL")]
        {
            let rows = Rows::new(columns, false, 9).with_rules_of(&listed);
            assert!(rows.heading().ends_with(expect), "{}", rows.heading());
            let (heading, row) = (rows.heading(), rows.row(&listed[1]));
            let at = row[..row.find("https").unwrap()].chars().count();
            assert_eq!(heading.find("URL"), Some(at), "{row}");
            assert_eq!(row.contains("failures-of\u{2026} "), expect.contains("RULE"), "{row}");
        }
        assert!(!Rows::new(None, false, 9).with_rules_of(&listed[..1]).heading().contains("RULE"));
    }

    #[test]
    fn a_failure_and_its_url_share_the_room() {
        let failure =
            serde_json::json!({"side": "upstream", "stage": "dns", "message": "the name was not found"});
        let (summary, both) = (summary(&serde_json::json!({"failure": failure})), 33 + 1 + 24);
        for (columns, expect) in [
            (both, ("https://api.example.com/v1/orders", Some("(the name was not found)"))),
            (40, ("https://api.e\u{2026}orders", Some("(the name was not\u{2026})"))),
            (39, ("https://api.example.com/v1/orders", None)),
            (20, ("https://api.e\u{2026}orders", None)),
        ] {
            let (url, failure) = url(&summary, columns);
            assert_eq!((url.as_str(), failure.as_deref()), expect);
            assert!(width(&url) + failure.map_or(0, |failure| 1 + width(&failure)) <= columns);
        }
    }

    #[test]
    fn sizes_and_durations_fit_their_columns() {
        for (bytes, expect) in [(1023, "1023 B"), (1_048_000, "1023 KiB"), (u64::MAX, "16384 PiB")] {
            assert_eq!(size(bytes), expect);
        }
        for (microseconds, expect) in [
            (850, "850 \u{b5}s"),
            (59_990_000, "59.99 s"),
            (185_000_000, "3m 5s"),
            (7_260_000_000, "2h 1m"),
            (100_000_000_000, "1d 3h"),
        ] {
            assert_eq!(duration(microseconds), expect);
        }
    }

    #[test]
    fn a_program_gets_lines_in_whole() {
        let summary = &hard()[1];
        let rows = Rows::new(None, false, 9);
        assert_eq!(
            (rows.heading().as_str(), rows.row(summary)),
            (row::HEADING, row::row(summary, None, false))
        );
    }
}
