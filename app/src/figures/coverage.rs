//! The exchanges that figures are about, what is missing, and the cost, in sentences.

use dashcam_views::dto::{Covered, Dropped, Level};

use super::amounts::{exchanges, number, span};
use crate::row::duration;

/// Times without recording that are named.
const NAMED: usize = 3;

/// Sentences, one a line.
pub(super) fn lines(covered: &Covered) -> Vec<String> {
    let mut lines = vec![cost(covered)];
    if !covered.complete {
        lines.push(incomplete(covered));
    }
    if covered.unreadable > 0 {
        lines.push(format!(
            "The contents of {} are damaged, and in no figure: `dashcam db check --thorough` says more.",
            exchanges(covered.unreadable)
        ));
    }
    lines.extend(dropped(covered));
    for time in covered.unrecorded.iter().take(NAMED) {
        let level = match time.level {
            Level::Metrics => "metrics",
            _ => "off",
        };
        lines.push(format!("Nothing was recorded {}: the level was {level}.", span(time.from, time.until)));
    }
    match covered.unrecorded.len().saturating_sub(NAMED) {
        0 => {}
        more => lines.push(format!("Nor was anything at {more} other times.")),
    }
    if covered.paused_since.is_some() {
        lines.push(
            "Recording is paused: the exchanges that pass meanwhile are in no figure (`dashcam status`)."
                .to_owned(),
        );
    }
    lines
}

fn cost(covered: &Covered) -> String {
    let took = duration(i64::try_from(covered.took_us).unwrap_or(i64::MAX));
    let looked = format!("looked at {} in {took}", number(covered.looked_at));
    let matched =
        if covered.exchanges == 0 { "No exchange matches".to_owned() } else { exchanges(covered.exchanges) };
    let when = covered.from.zip(covered.until).map(|(from, until)| format!(", {}", span(from, until)));
    let is_complete = if covered.complete { "complete" } else { "not complete" };
    format!("{matched}{}; {looked}: {is_complete}.", when.unwrap_or_default())
}

fn incomplete(covered: &Covered) -> String {
    let undecided = match covered.undecided {
        0 => String::new(),
        undecided => format!(" The contents of {} among them were not looked at.", exchanges(undecided)),
    };
    format!(
        "The time was over: these are the figures of the newest exchanges; about {} match in all.{undecided} \
         Narrow the filter, as with since:1h, or allow more time with --time-limit.",
        number(covered.estimate)
    )
}

fn dropped(covered: &Covered) -> Option<String> {
    if covered.gaps.is_empty() {
        return None;
    }
    let reasons = Dropped::of(covered.gaps.iter().map(|gap| (gap.reason.into(), gap.exchanges)));
    let reasons = [
        ("too much at once for the disk", reasons.queue_full),
        ("one client had more than its share waiting for the disk", reasons.client_share),
        ("the disk was full, or nearly", reasons.disk_full),
        ("the database could not be written", reasons.disk_error),
        ("a fault of dashcam's own", reasons.recorder_fault),
    ];
    let why: Vec<_> = reasons.into_iter().filter(|(_, count)| *count > 0).map(|(why, _)| why).collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) };
    let lost = match covered.dropped {
        0 => "Parts of exchanges were".to_owned(),
        1 => "1 exchange was".to_owned(),
        many => format!("{} exchanges were", number(many)),
    };
    Some(format!("{lost} not stored in that time{why} (`dashcam gaps`)."))
}

#[cfg(test)]
mod tests {
    use dashcam_views::dto::{Gap, GapReason, Time, Unrecorded};

    use super::*;

    fn time(text: &str) -> Time {
        Time(text.parse().unwrap())
    }

    fn covered() -> Covered {
        Covered {
            complete: true,
            exchanges: 1204,
            estimate: 1204,
            undecided: 0,
            unreadable: 0,
            from: Some(time("2026-11-22T15:00:00Z")),
            until: Some(time("2026-11-22T15:10:00Z")),
            looked_at: 3000,
            rows_read: 0,
            took_us: 12_345,
            dropped: 0,
            gaps: Vec::new(),
            unrecorded: Vec::new(),
            paused_since: None,
        }
    }

    #[test]
    fn an_answer_says_what_it_covers() {
        let lines = lines(&covered());
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with("1,204 exchanges, 2026-11-2"), "{lines:?}");
        assert!(lines[0].ends_with("; looked at 3,000 in 12 ms: complete."), "{lines:?}");
        let none = Covered { exchanges: 0, from: None, ..covered() };
        assert_eq!(super::lines(&none), ["No exchange matches; looked at 3,000 in 12 ms: complete."]);
    }

    #[test]
    fn an_answer_says_what_is_missing() {
        let gap = Gap {
            from: time("2026-11-22T15:01:00Z"),
            until: time("2026-11-22T15:02:00Z"),
            reason: GapReason::DiskFull,
            exchanges: 7,
        };
        let off = Unrecorded {
            from: time("2026-11-22T15:05:00Z"),
            until: time("2026-11-22T15:06:00Z"),
            level: Level::Off,
        };
        let covered = Covered {
            complete: false,
            estimate: 9000,
            undecided: 1,
            unreadable: 2,
            dropped: 7,
            gaps: vec![gap],
            unrecorded: vec![off],
            paused_since: Some(time("2026-11-22T15:09:00Z")),
            ..covered()
        };
        let text = lines(&covered).join("\n");
        for expect in [
            "3,000 in 12 ms: not complete.",
            "about 9,000 match in all. The contents of 1 exchange among them were not looked at.",
            "The contents of 2 exchanges are damaged, and in no figure",
            "7 exchanges were not stored in that time: the disk was full, or nearly (`dashcam gaps`).",
            ": the level was off.",
            "Recording is paused",
        ] {
            assert!(text.contains(expect), "{expect}: {text}");
        }
    }
}
