//! The budget's steps cap what rules ask for, and the flight recorder raises what is captured.

use dashcam_control::{ConnectionFacts, Kept, Step};
use dashcam_exchange::Level::{Full, Metadata, Metrics, Off};
use serde_json::json;

use crate::world::{At, Outcome, client, control, exchange, pass};

#[test]
fn steps_cap_all_but_lossless_rules() {
    let rules = json!([
        {"name": "audit", "match": "path:/audit", "level": "full", "guarantee": "lossless"},
        {"name": "pay", "match": "host:pay", "level": "full"},
        {"name": "off", "match": "host:off", "level": "off"},
    ]);
    let control = control(rules, Full);
    let level = |host: &str, target: &str| pass(&control, &client(), exchange(host, target, 200, 1)).level;
    let levels = || [level("a", "/audit"), level("pay", "/"), level("off", "/"), level("a", "/")];
    for (step, expect) in [
        (Step::Full, [Full, Full, Off, Full]),
        (Step::Heads, [Full, Metadata, Off, Metadata]),
        (Step::Metrics, [Full, Metrics, Off, Metrics]),
        (Step::Full, [Full, Full, Off, Full]),
    ] {
        control.set_step(step);
        assert_eq!((control.step(), levels()), (step, expect));
    }
    control.set_step(Step::Sample);
    let pays = (0..500).filter(|_| {
        let outcome = pass(&control, &client(), exchange("pay", "/", 200, 1));
        assert_eq!(outcome.level, if outcome.kept == Kept::Kept { Metadata } else { Metrics });
        outcome.kept == Kept::Kept
    });
    let kept = pays.count();
    assert!((20..90).contains(&kept), "{kept}: one in ten");
    assert!((0..50).all(|_| level("a", "/audit") == Full));
}

#[test]
fn steps_cap_the_level_without_rules() {
    let control = control(json!([]), Full);
    control.set_step(Step::Heads);
    let outcome = pass(&control, &client(), exchange("a", "/", 200, 1));
    assert_eq!((outcome.level, outcome.rule.as_str()), (Metadata, "default"));
    assert!(control.policy().for_connection(&ConnectionFacts::default()).record);
    control.set_step(Step::Metrics);
    let decision = control.policy().for_connection(&ConnectionFacts::default());
    assert!(decision.decrypt && decision.count && !decision.record);
    control.set_step(Step::Full);
    assert_eq!(
        pass(&control, &client(), exchange("a", "/", 200, 1)).rule,
        "",
        "the level decides alone again"
    );
}

#[test]
fn the_flight_recorder_gets_all_that_is_read() {
    let rules = json!([
        {"name": "off", "match": "host:off", "level": "off"},
        {"name": "heads", "match": "host:heads", "level": "metadata"},
        {"name": "some", "match": "host:some", "level": "full", "sample": "0%"},
        {"name": "errors", "match": "status:5xx", "level": "full"},
    ]);
    let control = control(rules, Metrics);
    control.set_flight(true);
    let check = |host: &str, status, at, rule: &str, (level, kept, captured)| {
        let outcome = pass(&control, &client(), exchange(host, "/", status, 1));
        assert_eq!(outcome, Outcome { at, rule: rule.to_owned(), level, kept, captured }, "{host} {status}");
    };
    check("off", 200, At::Head, "off", (Off, Kept::NotKept, Off));
    check("heads", 200, At::End, "heads", (Metadata, Kept::Kept, Full));
    check("some", 200, At::End, "some", (Metrics, Kept::SampledOut, Full));
    check("a", 503, At::Response, "errors", (Full, Kept::Kept, Full));
    check("a", 200, At::End, "default", (Metrics, Kept::NotKept, Full));
    control.set_step(Step::Heads);
    check("some", 200, At::Head, "some", (Metrics, Kept::SampledOut, Metrics));
}
