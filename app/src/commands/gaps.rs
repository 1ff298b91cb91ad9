//! `dashcam gaps`: what the recording misses, by hour, from the database itself.

use std::path::PathBuf;

use anyhow::Result;
use dashcam_views::dto::{Dropped, LostHour, Time};
use dashcam_web_ui::dto::{RecordingState, Status};
use jiff::tz::TimeZone;

use crate::access;
use crate::cli::GapsArgs;
use crate::database;
use crate::home::Home;
use crate::terminal::{Color, escaped_json, is_colored, paint, print};

const HEADING: &str = "HOUR               MISSING  FIRST     LAST      WHY";

/// Shows the latest hours of which something is missing, the last one at the end where the eye is.
pub(crate) async fn gaps(home: &Home, db: Option<PathBuf>, args: GapsArgs) -> Result<()> {
    let reader = database::open(home, db.clone()).await?;
    let hours: Vec<_> =
        reader.gaps_by_hour(args.number).await?.into_iter().rev().map(LostHour::from).collect();
    if args.json {
        let mut lines = String::new();
        for hour in &hours {
            lines += &escaped_json(&serde_json::to_string(hour)?);
            lines.push('\n');
        }
        return print(lines);
    }
    let is_colored = is_colored();
    if hours.is_empty() {
        print(nothing(reader.kept().await?.oldest.map(Time::from)))?;
    } else {
        print(table(&hours, is_colored))?;
    }
    // What is missed while recording is paused is stored when it goes on.
    if let Some(client) = access::instance_of(home, db.as_deref()).await? {
        let status: Status = serde_json::from_value(client.get("/status").await?)?;
        if status.recording.state == RecordingState::Paused {
            let paused = "recording is paused: what passes meanwhile is not in here yet (`dashcam status`)\n";
            print(paint(paused, Color::Red, is_colored))?;
        }
    }
    Ok(())
}

fn nothing(oldest: Option<Time>) -> String {
    match oldest {
        Some(oldest) => format!("nothing is missing since {}\n", local(oldest, "%Y-%m-%d %H:%M:%S")),
        None => "nothing is missing\n".to_owned(),
    }
}

fn table(hours: &[LostHour], is_colored: bool) -> String {
    let heading = paint(HEADING, Color::Dim, is_colored) + "\n";
    heading + &hours.iter().map(row).collect::<String>()
}

fn row(hour: &LostHour) -> String {
    let reasons = reasons(&hour.dropped);
    let missing = match reasons.iter().map(|(_, count)| count).sum::<u64>() {
        0 => "parts".to_owned(),
        missing => missing.to_string(),
    };
    let why: Vec<_> = match reasons.as_slice() {
        [(why, _)] => vec![(*why).to_owned()],
        all => all.iter().map(|(why, count)| format!("{count} {why}")).collect(),
    };
    let (from, until) = (local(hour.from, "%H:%M:%S"), local(hour.until, "%H:%M:%S"));
    let line =
        format!("{} {missing:>9}  {from}  {until}  {}", local(hour.hour, "%Y-%m-%d %H:%M"), why.join(", "));
    line.trim_end().to_owned() + "\n"
}

/// The reasons that there are.
pub(super) fn reasons(dropped: &Dropped) -> Vec<(&'static str, u64)> {
    let all = [
        ("too much at once for the disk", dropped.queue_full),
        ("one client had more than its share waiting for the disk", dropped.client_share),
        ("the disk was full, or nearly", dropped.disk_full),
        ("the database could not be written", dropped.disk_error),
        ("a fault of dashcam's own", dropped.recorder_fault),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn local(at: Time, format: &str) -> String {
    at.0.to_zoned(TimeZone::system()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(dropped: Dropped) -> LostHour {
        let at = |text: &str| Time(text.parse().unwrap());
        let (from, until) = (at("2026-11-22T15:04:05.1Z"), at("2026-11-22T15:40:00Z"));
        LostHour { hour: at("2026-11-22T15:00:00Z"), from, until, dropped }
    }

    #[test]
    fn a_row_says_how_many_and_why() {
        let check = |dropped, missing: &str, why: &str| {
            let row = row(&hour(dropped));
            let columns: Vec<_> = row.split_whitespace().collect();
            assert_eq!((columns[2], &*columns[5..].join(" ")), (missing, why), "{row}");
        };
        check(Dropped { disk_full: 12, ..Dropped::default() }, "12", "the disk was full, or nearly");
        check(
            Dropped { queue_full: 3, disk_error: 1, ..Dropped::default() },
            "4",
            "3 too much at once for the disk, 1 the database could not be written",
        );
        check(Dropped::default(), "parts", "");
    }

    #[test]
    fn columns_stand_below_their_names() {
        let table = table(&[hour(Dropped { disk_full: 12, ..Dropped::default() })], false);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0].find("WHY"), lines[1].find("the disk"), "{table}");
        assert_eq!(lines[0].find("MISSING").map(|at| at + 5), lines[1].find("12  "), "{table}");
    }

    #[test]
    fn nothing_is_said_too() {
        assert_eq!(nothing(None), "nothing is missing\n");
        assert!(
            nothing(Some(hour(Dropped::default()).hour)).starts_with("nothing is missing since 2026-11-2")
        );
    }
}
