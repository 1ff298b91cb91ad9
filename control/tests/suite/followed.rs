//! Others of a client or a trace of which an exchange was kept.

use dashcam_control::{Control, Kept, Lease};
use dashcam_exchange::{Exchange, Level, sample};
use serde_json::json;

use crate::world::{At, Client, begin, client, control, exchange, pass};

fn following(same: &str) -> Control {
    let follow = format!("{same} 30s");
    let rules = json!([
        {"name": "health", "match": "path:/health", "level": "off"},
        {"name": "errors", "match": "status:5xx", "level": "full", "follow": follow, "keep_for": "7d"},
    ]);
    control(rules, Level::Metrics)
}

#[test]
fn the_rest_of_a_client_is_kept_once_one_was() {
    let control = following("client");
    let (first, other) = (client(), Client::new("10.0.0.8:50000"));
    let again = Client::new("10.0.0.7:50001");
    let ok = || exchange("a", "/", 200, 1);
    assert_eq!(pass(&control, &first, ok()).kept, Kept::NotKept);
    let mut under_way = begin(&control, &again, ok());
    assert_eq!(pass(&control, &first, exchange("a", "/", 503, 1)).rule, "errors");
    under_way.respond();
    let outcome = under_way.end();
    assert_eq!((outcome.rule.as_str(), outcome.kept, outcome.level), ("errors", Kept::Kept, Level::Full));
    // `/` might be that of a rule that follows, and of none that is off.
    let outcome = pass(&control, &again, exchange("b", "/", 200, 1));
    assert_eq!((outcome.at, outcome.rule.as_str()), (At::Head, "errors"));
    let outcome = pass(&control, &again, exchange("b", "/health", 200, 1));
    assert_eq!((outcome.at, outcome.rule.as_str(), outcome.kept), (At::Head, "health", Kept::NotKept));
    assert_eq!(pass(&control, &other, ok()).kept, Kept::NotKept);
    let counts = |name: &str| control.rule_counts().into_iter().find(|counts| counts.name == name).unwrap();
    assert_eq!((counts("errors").kept, counts("health").matched, counts("default").not_kept), (3, 1, 2));
}

/// A rule, a lease or the level at `off` that decides about an exchange wins over rules that follow, whenever it decides.
#[test]
fn off_wins_over_rules_that_follow() {
    let errors = json!({"name": "errors", "match": "status:5xx", "level": "full", "follow": "client 30s"});
    let off = |filter: &str| json!({"name": "off", "match": filter, "level": "off"});
    let cases = [
        (json!([off("path:/health"), errors]), Level::Metrics, At::Head, "off"),
        (json!([errors, off("path:/health")]), Level::Metrics, At::Response, "off"),
        (json!([errors, off("path:/health dur:>1ms")]), Level::Metrics, At::End, "off"),
        (json!([errors]), Level::Off, At::Response, "default"),
        (json!([errors, off("path:/other")]), Level::Metrics, At::Head, "errors"),
    ];
    for (rules, level, at, decides) in cases {
        let control = control(rules.clone(), level);
        let client = client();
        assert_eq!(pass(&control, &client, exchange("a", "/", 503, 1)).rule, "errors");
        let outcome = pass(&control, &client, exchange("a", "/health", 200, 2));
        assert_eq!((outcome.at, outcome.rule.as_str()), (at, decides), "{rules} {level}");
        let kept = if decides == "errors" { Kept::Kept } else { Kept::NotKept };
        assert_eq!(outcome.kept, kept, "{rules} {level}");
    }
    let control = following("client");
    let client = client();
    assert_eq!(pass(&control, &client, exchange("a", "/", 503, 1)).kept, Kept::Kept);
    let lease = json!({"name": "lease-1", "match": "", "level": "off"});
    let rule = serde_json::from_value(lease).unwrap();
    let lease = Lease { id: 1, rule, max_bytes: None, max_exchanges: None, used_bytes: 0, used_exchanges: 0 };
    control.put_lease(lease).unwrap();
    assert_eq!(pass(&control, &client, exchange("a", "/", 503, 1)).kept, Kept::NotKept);
}

#[test]
fn the_rest_of_a_trace_is() {
    let control = following("trace");
    let traced = |id: &str, status| {
        let traceparent = format!("00-{id}-0000000000000001-01");
        let request = sample::request("GET", "/", &[("traceparent", &traceparent)]);
        Exchange { request, ..exchange("a", "/", status, 1) }
    };
    let (one, other) = (client(), Client::new("10.0.0.8:50000"));
    assert_eq!(pass(&control, &one, traced("a1", 500)).kept, Kept::Kept);
    assert_eq!(pass(&control, &other, traced("a1", 200)).kept, Kept::Kept);
    assert_eq!(pass(&control, &one, traced("a2", 200)).kept, Kept::NotKept);
    assert_eq!(pass(&control, &one, exchange("a", "/", 200, 1)).kept, Kept::NotKept);
}

/// Enough is captured of an undecided exchange for a rule that may yet follow it.
#[test]
fn enough_is_captured_for_those_that_follow() {
    let rules = json!([
        {"name": "errors", "match": "host:a status:5xx", "level": "full", "follow": "client 30s"},
        {"name": "slow", "match": "dur:>1s", "level": "metadata"},
    ]);
    let control = control(rules, Level::Metrics);
    let client = client();
    let mut under_way = begin(&control, &client, exchange("b", "/", 200, 1));
    assert_eq!(pass(&control, &client, exchange("a", "/", 500, 1)).kept, Kept::Kept);
    let outcome = under_way.end();
    assert_eq!((outcome.level, outcome.captured), (Level::Full, Level::Full));
}
