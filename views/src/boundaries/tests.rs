//! Ranges of made-up histories.

use dashcam_exchange::{Gap, GapReason};
use dashcam_store::{ChangeKind, Deletion, Lease, LeaseEnd, Run, SettingsChange};
use serde_json::{Value, json};

use super::*;

fn run(started: i64, seen: i64, ended: Option<i64>) -> Run {
    let (started_at, seen_at) = (Timestamp(started), Timestamp(seen));
    Run { started_at, seen_at, ended_at: ended.map(Timestamp), version: "1".to_owned() }
}

fn settings(level: &str, rules: &[&str]) -> Value {
    let rules: Vec<_> = rules.iter().map(|name| json!({"name": name, "level": "full"})).collect();
    json!({"level": level, "rules": rules})
}

fn change(at: i64, to: Value) -> SettingsChange {
    SettingsChange { at: Timestamp(at), to, ..SettingsChange::default() }
}

fn step(at: i64, step: &str) -> SettingsChange {
    let detail = Some(json!({"step": step, "because": "cpu"}));
    SettingsChange { kind: ChangeKind::Step, detail, ..change(at, settings("full", &[])) }
}

fn gap(from: i64, until: i64, exchanges: u64) -> Gap {
    Gap { from: Timestamp(from), until: Timestamp(until), reason: GapReason::DiskFull, exchanges }
}

fn deletion(from: i64, until: i64, cause: Cause) -> Deletion {
    Deletion { from: Timestamp(from), until: Timestamp(until), cause, exchanges: 5 }
}

/// A range as a line: `FROM..UNTIL STATE LEVEL +RULES @LEASES /STEP -DROPPED xDELETED`, with `!` if it is complete.
fn line(range: &RecordedRange) -> String {
    let micros = |time: crate::dto::Time| time.0.as_microsecond();
    let state = serde_json::to_value(range.state).unwrap();
    let mut line = format!("{}..{} {}", micros(range.from), micros(range.until), state.as_str().unwrap());
    if range.complete {
        line.push('!');
    }
    line.extend(range.level.map(|level| format!(" {}", dashcam_exchange::Level::from(level))));
    line.extend(range.rules.iter().map(|rule| format!(" +{rule}")));
    line.extend(range.leases.iter().map(|lease| format!(" @{lease}")));
    line.extend(range.step.iter().map(|step| format!(" /{step}")));
    let dropped = range.dropped.disk_full;
    line.extend((dropped > 0).then(|| format!(" -{dropped}")));
    let DeletedCounts { bounds, expired, user } = range.deleted;
    for (cause, count) in [("bounds", bounds), ("expired", expired), ("user", user)] {
        line.extend((count > 0).then(|| format!(" x{count} {cause}")));
    }
    line
}

fn check(history: &History, (from, until): (i64, i64), expect: &[&str]) {
    let found = boundaries(history, (Timestamp(from), Timestamp(until)));
    let lines: Vec<_> = found.ranges.iter().map(line).collect();
    assert_eq!(lines, expect);
}

/// A run that goes on, of a dashcam that records at `full` since 10.
fn at_full() -> History {
    History {
        runs: vec![run(10, 10, None)],
        is_running: true,
        changes: vec![change(10, settings("full", &[]))],
        oldest: Some(Timestamp(10)),
        ..History::default()
    }
}

#[test]
fn nothing_is_known_of_a_recording_in_which_nothing_was() {
    check(&History::default(), (0, 100), &["0..100 down"]);
    check(&at_full(), (0, 100), &["0..10 down", "10..100 recorded! full"]);
    check(&at_full(), (100, 100), &[]);
}

#[test]
fn levels_and_rules_are_those_in_force() {
    let changes = vec![
        change(10, settings("full", &[])),
        // Another setting changes: the range goes on.
        change(15, settings("full", &[])),
        change(20, settings("off", &[])),
        change(30, settings("metrics", &["failures", "health"])),
        change(40, settings("metadata", &[])),
    ];
    let history = History { changes, ..at_full() };
    let expect = [
        "10..20 recorded! full",
        "20..30 not_recorded off",
        "30..40 recorded! metrics +failures +health",
        "40..90 recorded! metadata",
    ];
    check(&history, (10, 90), &expect);
    check(&history, (25, 35), &["25..30 not_recorded off", "30..35 recorded! metrics +failures +health"]);
}

#[test]
fn rules_that_record_nothing_are_as_good_as_none() {
    let off = json!({"level": "off", "rules": [{"name": "health", "level": "metrics"}]});
    let history = History { changes: vec![change(10, off)], ..at_full() };
    check(&history, (10, 90), &["10..90 not_recorded off +health"]);
}

/// The entry that decides about everything hides those behind it: the newest lease is asked first, the level last.
#[test]
fn behind_an_entry_that_takes_everything_nothing_counts() {
    let rule = |filter: &str, level: &str| json!({"name": "r", "match": filter, "level": level});
    let cases = [
        (vec![], vec![rule("", "off")], "not_recorded"),
        (vec![], vec![rule("host:a", "off")], "recorded!"),
        (vec![], vec![rule("host:a", "full"), rule("", "metrics")], "recorded!"),
        (vec![], vec![rule("", "metrics"), rule("host:a", "full")], "not_recorded"),
        (vec![rule("", "off")], vec![rule("", "full")], "not_recorded"),
        (vec![rule("", "off"), rule("host:a", "full")], vec![], "recorded!"),
        (vec![rule("host:a", "full"), rule("", "off")], vec![], "not_recorded"),
    ];
    for (leases, rules, expect) in cases {
        let found = format!("{leases:?} {rules:?}");
        // In the order in which they began; the store gives the newest first.
        let lease = |(id, rule): (i64, Value)| Lease {
            id,
            rule,
            from: Timestamp(20),
            until: None,
            ..Lease::default()
        };
        let mut leases: Vec<_> = (1..).zip(leases).map(lease).collect();
        leases.reverse();
        let changes = vec![change(10, json!({"level": "full", "rules": rules}))];
        let history = History { changes, leases, ..at_full() };
        let ranges = boundaries(&history, (Timestamp(20), Timestamp(90))).ranges;
        assert_eq!(ranges.len(), 1, "{found}");
        assert!(
            line(&ranges[0]).starts_with(&format!("20..90 {expect} full")),
            "{found}: {}",
            line(&ranges[0])
        );
    }
}

#[test]
fn the_level_before_the_first_change_is_the_one_that_it_names() {
    let first = SettingsChange { from: Some(settings("metadata", &[])), ..change(50, settings("full", &[])) };
    let history = History { changes: vec![first], ..at_full() };
    check(&history, (10, 90), &["10..50 recorded! metadata", "50..90 recorded! full"]);
}

#[test]
fn a_start_changes_settings_from_its_beginning_on() {
    let started = |at, level| SettingsChange { who: "start".to_owned(), ..change(at, settings(level, &[])) };
    let runs = vec![run(10, 18, Some(20)), run(30, 30, None)];
    let history = History { changes: vec![started(12, "full"), started(33, "metadata")], runs, ..at_full() };
    check(&history, (10, 90), &["10..20 recorded! full", "20..30 down", "30..90 recorded! metadata"]);
}

#[test]
fn dashcam_is_down_between_runs_and_killed_ones_end_somewhere() {
    let runs = vec![run(10, 18, Some(20)), run(30, 40, None), run(50, 58, Some(60))];
    let history = History { runs, is_running: false, ..at_full() };
    let expect = [
        "0..10 down",
        "10..20 recorded! full",
        "20..30 down",
        "30..40 recorded! full",
        "40..50 unknown",
        "50..60 recorded! full",
        "60..90 down",
    ];
    check(&history, (0, 90), &expect);
    let killed = History { runs: vec![run(10, 30, None)], is_running: false, ..at_full() };
    check(&killed, (10, 90), &["10..30 recorded! full", "30..90 unknown"]);
    // A new dashcam began before the old one had ended.
    let handed_over = History { runs: vec![run(10, 18, Some(33)), run(30, 40, None)], ..at_full() };
    check(&handed_over, (10, 90), &["10..90 recorded! full"]);
}

#[test]
fn an_older_dashcam_did_not_note_when_it_ran() {
    let history = History { runs: vec![run(50, 50, None)], oldest: Some(Timestamp(5)), ..at_full() };
    check(&history, (0, 90), &["0..5 down", "5..50 unknown", "50..90 recorded! full"]);
    let never = History { runs: Vec::new(), oldest: None, ..at_full() };
    check(&never, (0, 90), &["0..10 down", "10..90 unknown"]);
}

#[test]
fn leases_are_named_while_they_are_in_force() {
    let lease = |name: &str, from, until: Option<i64>, ended: Option<i64>| Lease {
        rule: json!({"name": name, "level": "full"}),
        from: Timestamp(from),
        until: until.map(Timestamp),
        ended: ended.map(|at| LeaseEnd { at: Timestamp(at), why: "ended".to_owned() }),
        ..Lease::default()
    };
    let leases = vec![lease("a", 20, Some(60), Some(30)), lease("b", 40, None, None)];
    let history = History { changes: vec![change(10, settings("off", &[]))], leases, ..at_full() };
    let expect = [
        "10..20 not_recorded off",
        "20..30 recorded! off @a",
        "30..40 not_recorded off",
        "40..90 recorded! off @b",
    ];
    check(&history, (10, 90), &expect);
}

#[test]
fn steps_of_the_budget_last_until_the_next_one_or_the_end_of_the_run() {
    let changes = vec![
        change(10, settings("full", &[])),
        step(20, "heads"),
        step(30, "sample"),
        step(40, "full"),
        step(55, "metrics"),
    ];
    let runs = vec![run(10, 58, Some(60)), run(70, 70, None)];
    let history = History { changes, runs, ..at_full() };
    let expect = [
        "10..20 recorded! full",
        "20..30 recorded full /heads",
        "30..40 recorded full /sample",
        "40..55 recorded! full",
        "55..60 recorded full /metrics",
        "60..70 down",
        "70..90 recorded! full",
    ];
    check(&history, (10, 90), &expect);
}

#[test]
fn gaps_are_cut_out_and_counted_once() {
    // The second and the third overlap, and the settings change within them.
    let gaps = vec![gap(20, 29, 7), gap(40, 49, 1), gap(45, 59, 2)];
    let changes = vec![change(10, settings("full", &[])), change(50, settings("metadata", &[]))];
    let history = History { gaps, changes, ..at_full() };
    let expect = [
        "10..20 recorded! full",
        "20..30 recorded full -7",
        "30..40 recorded! full",
        "40..50 recorded full -3",
        "50..60 recorded metadata",
        "60..90 recorded! metadata",
    ];
    check(&history, (10, 90), &expect);
}

#[test]
fn what_is_deleted_is_older_than_the_oldest_or_is_missing() {
    const HOUR: i64 = 3_600_000_000;
    let at = |hours: i64| 10 + hours * HOUR;
    let deletions = vec![
        // Hour after hour, with pauses between.
        deletion(at(0), at(0) + 5, Cause::Bounds),
        deletion(at(1) - 7, at(1), Cause::Bounds),
        deletion(at(2) - 7, at(2), Cause::Bounds),
        // A user, and a rule, much later.
        deletion(at(10), at(10) + 1, Cause::User),
        deletion(at(20), at(20) + 1, Cause::Expired),
    ];
    let history = History { deletions, oldest: Some(Timestamp(at(2) + 1)), ..at_full() };
    let expect = [
        format!("{}..{} deleted full x15 bounds", at(0), at(2) + 1),
        format!("{}..{} recorded! full", at(2) + 1, at(10)),
        format!("{}..{} recorded full x5 user", at(10), at(10) + 2),
        format!("{}..{} recorded! full", at(10) + 2, at(20)),
        format!("{}..{} recorded full x5 expired", at(20), at(20) + 2),
        format!("{}..{} recorded! full", at(20) + 2, at(30)),
    ];
    check(&history, (at(0), at(30)), &expect.each_ref().map(String::as_str));
    // One is left of the time in which the bounds deleted others.
    let history = History { oldest: Some(Timestamp(at(0))), ..history };
    let found = boundaries(&history, (Timestamp(at(0)), Timestamp(at(3))));
    assert_eq!(line(&found.ranges[0]), format!("{}..{} recorded full x15 bounds", at(0), at(2) + 1));
}
