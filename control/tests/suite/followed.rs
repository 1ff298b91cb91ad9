//! Others of a client or a trace of which an exchange was kept.

use dashcam_control::{Control, Kept};
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
    for target in ["/", "/health"] {
        let outcome = pass(&control, &again, exchange("b", target, 200, 1));
        assert_eq!((outcome.at, outcome.rule.as_str()), (At::Head, "errors"), "{target}");
    }
    assert_eq!(pass(&control, &other, ok()).kept, Kept::NotKept);
    let counts = |name: &str| control.rule_counts().into_iter().find(|counts| counts.name == name).unwrap();
    assert_eq!((counts("errors").kept, counts("health").matched, counts("default").not_kept), (4, 0, 2));
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
