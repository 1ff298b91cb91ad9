//! `dashcam boundaries`: which times are recorded completely, and at which level, from the database itself.

mod changes;

use std::path::PathBuf;

use anyhow::Result;
use dashcam_exchange::Timestamp;
use dashcam_views::boundaries;
use dashcam_views::dto::{RangeState, RecordedRange, Time};
use jiff::tz::TimeZone;

use super::gaps::reasons;
use crate::access;
use crate::cli::BoundariesArgs;
use crate::database;
use crate::home::Home;
use crate::terminal::{Color, escaped, escaped_json, is_colored, paint, print};

const HEADING: &str = "FROM                 UNTIL                RECORDED";

/// Shows the ranges, the last one at the end where the eye is.
pub(crate) async fn boundaries(home: &Home, db: Option<PathBuf>, args: BoundariesArgs) -> Result<()> {
    let reader = database::open(home, db.clone()).await?;
    let at = |time: jiff::Timestamp| Timestamp(time.as_microsecond());
    let until = at(args.until.unwrap_or_else(jiff::Timestamp::now));
    if args.changes {
        return changes::changes(&reader, (args.from.map(at), until), args.json).await;
    }
    let is_running = access::instance_of(home, db.as_deref()).await?.is_some();
    let ranges = boundaries::of(&reader, (args.from.map(at), until), is_running).await?.ranges;
    if args.json {
        let mut lines = String::new();
        for range in &ranges {
            lines += &escaped_json(&serde_json::to_string(range)?);
            lines.push('\n');
        }
        return print(lines);
    }
    if ranges.is_empty() {
        return print("nothing is known of that time\n");
    }
    let is_colored = is_colored();
    let heading = paint(HEADING, Color::Dim, is_colored) + "\n";
    print(heading + &ranges.iter().map(|range| row(range, is_colored)).collect::<String>())
}

fn row(range: &RecordedRange, is_colored: bool) -> String {
    let (text, color) = words(range);
    format!("{:<20} {:<20} {}\n", local(range.from), local(range.until), paint(&text, color, is_colored))
}

/// A range in words.
fn words(range: &RecordedRange) -> (String, Color) {
    match range.state {
        RangeState::Down => return ("nothing: dashcam did not run".to_owned(), Color::Dim),
        RangeState::Unknown => {
            return ("unknown: dashcam was killed, or did not note when it ran".to_owned(), Color::Yellow);
        }
        RangeState::NotRecorded => return (format!("nothing, {}", level(range)), Color::Dim),
        RangeState::Recorded | RangeState::Deleted => {}
    }
    if range.complete {
        return (format!("complete, {}", level(range)), Color::Green);
    }
    let mut why: Vec<String> = Vec::new();
    why.extend(range.step.as_ref().map(|step| format!("the budget went down to {}", escaped(step))));
    why.extend(
        reasons(&range.dropped).into_iter().map(|(reason, count)| format!("{count} missing: {reason}")),
    );
    let deleted = range.deleted;
    for (count, cause) in [
        (deleted.bounds, "by the bounds"),
        (deleted.expired, "as their rules say"),
        (deleted.user, "by a user"),
    ] {
        why.extend((count > 0).then(|| format!("{count} deleted {cause}")));
    }
    if why.is_empty() {
        why.push("something is missing".to_owned());
    }
    let state = if range.state == RangeState::Deleted { "deleted" } else { "incomplete" };
    (format!("{state}, {} ({})", level(range), why.join("; ")), Color::Yellow)
}

/// The level that was in force, the rules and the leases.
fn level(range: &RecordedRange) -> String {
    let mut level = range.level.map_or_else(
        || "at an unknown level".to_owned(),
        |level| format!("at {}", dashcam_exchange::Level::from(level)),
    );
    for (what, names) in [("rules", &range.rules), ("leases", &range.leases)] {
        if !names.is_empty() {
            level += &format!(", by the {what} {}", escaped(&names.join(", ")));
        }
    }
    level
}

fn local(at: Time) -> String {
    at.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use dashcam_views::dto::{DeletedCounts, Dropped, Level};

    use super::*;

    fn range(state: RangeState) -> RecordedRange {
        let at = |text: &str| Time(text.parse().unwrap());
        RecordedRange {
            from: at("2026-11-22T15:04:05.1Z"),
            until: at("2026-11-22T15:40:00Z"),
            state,
            complete: state == RangeState::Recorded,
            level: Some(Level::Metadata),
            rules: Vec::new(),
            leases: Vec::new(),
            step: None,
            dropped: Dropped::default(),
            deleted: DeletedCounts::default(),
        }
    }

    #[test]
    fn a_range_says_how_it_stands() {
        let whole = range(RangeState::Recorded);
        let part = RecordedRange { complete: false, ..whole.clone() };
        let dropped = Dropped { disk_full: 3, ..Dropped::default() };
        let deleted = DeletedCounts { bounds: 7, ..DeletedCounts::default() };
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (range, expect) in [
            (whole.clone(), "complete, at metadata"),
            (
                RecordedRange { rules: named(&["failures", "health"]), leases: named(&["inc"]), ..whole },
                "complete, at metadata, by the rules failures, health, by the leases inc",
            ),
            (range(RangeState::NotRecorded), "nothing, at metadata"),
            (range(RangeState::Down), "nothing: dashcam did not run"),
            (
                RecordedRange { level: None, ..part.clone() },
                "incomplete, at an unknown level (something is missing)",
            ),
            (
                RecordedRange { dropped, step: Some("heads".to_owned()), ..part },
                "incomplete, at metadata (the budget went down to heads; 3 missing: the disk was full, or nearly)",
            ),
            (
                RecordedRange { deleted, ..range(RangeState::Deleted) },
                "deleted, at metadata (7 deleted by the bounds)",
            ),
        ] {
            assert_eq!(words(&range).0, expect);
        }
    }

    #[test]
    fn columns_stand_below_their_names() {
        let row = row(&range(RangeState::Recorded), false);
        assert_eq!(
            (HEADING.find("RECORDED"), HEADING.find("UNTIL")),
            (row.find("complete"), Some(21)),
            "{row}"
        );
    }
}
