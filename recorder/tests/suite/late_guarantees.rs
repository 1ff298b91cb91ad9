//! Guarantees of rules that decide late: who waits until they do, and who afterwards.

use std::time::Duration;

use dashcam_control::{ConnectionFacts, Control, Guarantee, Patch, Settings};
use dashcam_exchange::{Direction, Failure, Level, Record, Side, Stage};
use dashcam_recorder::{Begin, Begun, Limits, NotKept, OpenExchange};
use tokio::time::{Instant, timeout};

use crate::guarded_disk::{Condition, Disk, LONGEST, MS, begin, limits, offer, respond, start, until_paused};
use crate::ruled::head;
use crate::samples;

const ERRORS: &str = r#"{"name":"errors","match":"status:5xx","level":"full","guarantee":"lossless"}"#;
const FAILURES: &str = r#"{"name":"failures","match":"fail:*","level":"full","guarantee":"lossless"}"#;

/// A policy of `rules`, which are written in JSON, before the level `default`.
fn control(rules: &[&str], default: Level) -> Control {
    let control = Control::new(Settings { level: default, ..Settings::default() });
    let rules = rules.iter().map(|rule| serde_json::from_str(rule).unwrap()).collect();
    control.change(&Patch { rules: Some(rules), ..Patch::default() }).unwrap();
    control
}

/// The beginning of an exchange, with what the policy in force decides about it.
fn beginning(control: &Control) -> Begin {
    let begin = samples::begin();
    let facts = ConnectionFacts { destination: Some(&begin.destination), ..ConnectionFacts::default() };
    let decision = control.policy().for_exchange(&facts, &begin.request);
    Begin { decision, ..begin }
}

/// Begins an exchange about which the rules wait, and has its head stored if that has to be.
async fn open(disk: &Disk, control: &Control) -> OpenExchange {
    let begun = disk.recorder.begin_waiting(beginning(control)).await;
    let Begun::Open(open) = begun else { panic!("{begun:?}") };
    if open.is_lossless() {
        open.stored_so_far().await.unwrap();
    }
    open
}

/// Offers 90 KB to the response's body; how long that took, by the test's clock.
async fn pass(open: &OpenExchange) -> (Result<(), NotKept>, Duration) {
    let (mut tap, start) = (open.tap(Direction::Response), Instant::now());
    for _ in 0..100 {
        if let Err(why) = offer(&mut tap, &[7; 900]).await {
            return (Err(why), start.elapsed());
        }
    }
    tap.end(None);
    (Ok(()), start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn until_a_rule_decides_its_guarantee_holds_and_afterwards_if_it_is_the_one() {
    let (disk, control) = (start(limits()), control(&[ERRORS], Level::Metrics));
    disk.becomes(Condition::Frozen);
    let begun = disk.recorder.begin_waiting(beginning(&control)).await;
    let Begun::Open(open) = begun else { panic!("{begun:?}") };
    assert!(timeout(10 * MS, open.stored_so_far()).await.is_err(), "it may be the one that is wanted");
    disk.becomes(Condition::Sound);
    open.stored_so_far().await.unwrap();
    assert!(disk.has(|record| matches!(record, Record::Opened(_))));

    open.response(head(503));
    assert!(open.is_lossless());
    let end = open.end().unwrap();
    disk.becomes(Condition::Frozen);
    let mut tap = open.tap(Direction::Response);
    tap.data(b"oh no");
    tap.end(None);
    drop((tap, open));
    let mut stored = Box::pin(end.stored());
    assert!(timeout(100 * MS, &mut stored).await.is_err(), "its end waits for the disk");
    disk.becomes(Condition::Sound);
    stored.await.unwrap();
    let finished = disk.finished();
    assert_eq!((finished[0].rule.as_deref(), finished[0].response_body.stored), (Some("errors"), 5));
    disk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn once_it_is_not_kept_it_waits_for_nothing() {
    let disk = start(Limits { memory: 20_000, ..limits() });
    let open = open(&disk, &control(&[ERRORS], Level::Metrics)).await;
    disk.becomes(Condition::Frozen);
    open.response(head(200));
    assert!(!open.waits() && open.end().is_none());
    assert_eq!(pass(&open).await, (Ok(()), Duration::ZERO));
    drop(open);
    assert_eq!(disk.recorder.ledger().not_kept, 1, "as soon as it is certain");
    let records = disk.stop().await;
    let is_taken_back = |record: &Record| matches!(record, Record::Discarded { bodies_only: false, .. });
    assert!(matches!(records[..], [Record::Opened(_), ref last] if is_taken_back(last)), "{records:?}");
}

#[tokio::test(start_paused = true)]
async fn once_another_rule_keeps_it_it_waits_as_that_one_says() {
    const SOON: &str = r#"{"name":"soon","level":"full","guarantee":"bounded 30ms"}"#;
    for (rules, waits) in [(&[ERRORS, SOON][..], 30 * MS), (&[ERRORS], Duration::ZERO)] {
        let disk = start(Limits { memory: 40_000, ..limits() });
        let open = open(&disk, &control(rules, Level::Full)).await;
        assert!(open.is_lossless());
        open.response(head(200));
        assert_eq!((open.is_lossless(), open.waits()), (false, !waits.is_zero()));
        disk.becomes(Condition::Frozen);
        let (passed, took) = pass(&open).await;
        assert!(passed.is_ok() && (waits..waits + 6 * MS).contains(&took), "{took:?}");
        assert!(open.end().is_none());
        drop(open);
        let records = disk.stop().await;
        let cut = |record: &Record| matches!(record, Record::Finished(exchange) if exchange.response_body.truncated);
        assert!(records.iter().any(cut), "{records:?}");
    }
}

/// The end that was to be told of only once it is stored.
#[tokio::test(start_paused = true)]
async fn what_the_end_decides_is_in_force_for_that_end() {
    for (default, fails, waits) in
        [(Level::Metrics, false, false), (Level::Metadata, false, false), (Level::Metrics, true, true)]
    {
        let disk = start(limits());
        let open = open(&disk, &control(&[FAILURES], default)).await;
        open.response(head(200));
        let end = open.end().expect("it may be wanted still");
        disk.becomes(Condition::Frozen);
        let mut tap = open.tap(Direction::Response);
        tap.data(b"half");
        match fails {
            true => tap.fail(Failure::new(Side::Upstream, Stage::ResponseBody, "it broke")),
            false => tap.end(None),
        }
        drop((tap, open));
        let mut stored = Box::pin(end.stored());
        let early = timeout(100 * MS, &mut stored).await;
        assert_eq!(early.is_err(), waits, "{default} {fails}: {early:?}");
        disk.becomes(Condition::Sound);
        let stored = if let Ok(early) = early { early } else { stored.await };
        assert_eq!((stored, disk.recorder.health().guarantees.broken_off), (Ok(()), 0));
        disk.stop().await;
    }
}

/// It had asked to be stored as it stood, since its request went on.
#[tokio::test(start_paused = true)]
async fn whoever_waits_goes_on_once_it_is_certain_that_it_is_not_kept() {
    let disk = start(limits());
    let open = open(&disk, &control(&[FAILURES], Level::Metrics)).await;
    let request = open.tap(Direction::Request);
    disk.becomes(Condition::Frozen);
    let end = open.end().unwrap();
    respond(&open, b"whole");
    drop(open);
    let mut stored = Box::pin(end.stored());
    assert!(timeout(100 * MS, &mut stored).await.is_err());
    drop(request);
    timeout(LONGEST / 3, stored).await.expect("nothing is to be stored").unwrap();
    assert_eq!(disk.recorder.ledger().not_kept, 1);
    disk.stop().await;
}

/// Those that are out of the question guarantee nothing any more, though others are undecided.
#[tokio::test(start_paused = true)]
async fn the_guarantee_is_that_of_the_rules_that_are_left() {
    const SLOW_ERRORS: &str =
        r#"{"name":"errors","match":"status:5xx dur:>1h","level":"full","guarantee":"lossless"}"#;
    const SLOW: &str = r#"{"name":"slow","match":"dur:>1h","level":"full","guarantee":"bounded 5ms"}"#;
    for (status, is_lossless) in [(503, true), (200, false)] {
        let disk = start(limits());
        let open = open(&disk, &control(&[SLOW_ERRORS, SLOW], Level::Metrics)).await;
        assert!(open.is_lossless());
        open.response(head(status));
        assert_eq!((open.is_lossless(), open.waits()), (is_lossless, true), "{status}");
        drop(open);
        disk.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_bounded_one_waits_only_while_it_may_be_wanted() {
    const SOON: &str = r#"{"name":"soon","match":"status:5xx","level":"full","guarantee":"bounded 30ms"}"#;
    for (status, waits) in [(503, 30 * MS), (200, Duration::ZERO)] {
        let disk = start(Limits { memory: 20_000, ..limits() });
        let open = open(&disk, &control(&[SOON], Level::Metrics)).await;
        assert!(open.waits() && !open.is_lossless());
        disk.becomes(Condition::Frozen);
        open.response(head(status));
        let (passed, took) = pass(&open).await;
        assert!(passed.is_ok() && (waits..waits + 6 * MS).contains(&took), "{status}: {took:?}");
        drop(open);
        disk.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn while_recording_is_paused_those_that_may_be_wanted_are_refused() {
    let (disk, control) = (start(limits()), control(&[ERRORS], Level::Metrics));
    disk.becomes(Condition::Full);
    drop(disk.recorder.begin(begin(Guarantee::BestEffort)));
    until_paused(&disk).await;
    let begun = disk.recorder.begin_waiting(beginning(&control)).await;
    assert!(matches!(begun, Begun::Refused(NotKept::Paused(_))), "{begun:?}");
    disk.stop().await;
}
