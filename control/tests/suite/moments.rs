//! Rules, an exchange, the decision, and the first moment at which it is certain.

use dashcam_control::Kept;
use dashcam_exchange::{Exchange, Failure, Level, Side, Stage, State};
use serde_json::{Value, json};

use crate::world::{At, Outcome, begin, client, control, exchange, pass};

const KEPT: Kept = Kept::Kept;
const NOT: Kept = Kept::NotKept;

fn rule(name: &str, filter: &str, level: &str) -> Value {
    json!({"name": name, "match": filter, "level": level})
}

fn failed() -> Exchange {
    let failure = Failure::new(Side::Upstream, Stage::Connect, "refused");
    Exchange { response: None, state: State::Failed, failure: Some(failure), ..exchange("a", "/", 200, 1) }
}

fn check(rules: &[Value], default: Level, exchange: Exchange, expect: (At, &str, Level, Kept, Level)) {
    let control = control(Value::Array(rules.to_vec()), default);
    let outcome = pass(&control, &client(), exchange);
    let (at, rule, level, kept, captured) = expect;
    assert_eq!(outcome, Outcome { at, rule: rule.to_owned(), level, kept, captured }, "{rules:?}");
}

#[test]
fn the_first_rule_that_matches_decides_as_soon_as_that_is_certain() {
    use At::{End, Head, Response};
    use Level::{Full, Metadata, Metrics, Off};
    let ok = || exchange("a", "/x", 200, 5);
    // No rule: the settings' level.
    check(&[], Full, ok(), (Head, "", Full, KEPT, Full));
    check(&[], Off, ok(), (Head, "", Off, NOT, Off));
    // By the request's head.
    let health = rule("health", "path:/health", "off");
    check(
        std::slice::from_ref(&health),
        Full,
        exchange("a", "/health", 200, 1),
        (Head, "health", Off, NOT, Off),
    );
    check(std::slice::from_ref(&health), Full, ok(), (Head, "default", Full, KEPT, Full));
    check(&[rule("all", "", "metadata")], Full, ok(), (Head, "all", Metadata, KEPT, Metadata));
    check(
        &[rule("one", "host:a", "metrics"), rule("two", "host:a", "full")],
        Full,
        ok(),
        (Head, "one", Metrics, NOT, Metrics),
    );
    // By the response's.
    let errors = rule("errors", "status:5xx", "full");
    check(
        std::slice::from_ref(&errors),
        Metrics,
        exchange("a", "/", 503, 5),
        (Response, "errors", Full, KEPT, Full),
    );
    check(std::slice::from_ref(&errors), Metrics, ok(), (Response, "default", Metrics, NOT, Full));
    check(std::slice::from_ref(&errors), Metadata, ok(), (Response, "default", Metadata, KEPT, Full));
    check(
        &[rule("here", "host:a", "metadata"), errors.clone()],
        Metrics,
        ok(),
        (Head, "here", Metadata, KEPT, Metadata),
    );
    check(
        &[rule("there", "host:b status:5xx", "full")],
        Metrics,
        ok(),
        (Head, "default", Metrics, NOT, Metrics),
    );
    // At the end.
    let worth = rule("worth", "status:5xx | dur:>1s | fail:*", "full");
    check(
        std::slice::from_ref(&worth),
        Metrics,
        exchange("a", "/", 500, 5),
        (Response, "worth", Full, KEPT, Full),
    );
    check(
        std::slice::from_ref(&worth),
        Metrics,
        exchange("a", "/", 200, 1500),
        (End, "worth", Full, KEPT, Full),
    );
    check(std::slice::from_ref(&worth), Metrics, ok(), (End, "default", Metrics, NOT, Full));
    check(std::slice::from_ref(&worth), Metrics, failed(), (End, "worth", Full, KEPT, Full));
    // A duration so far is a lower bound: the response came after 1.1 s.
    check(
        std::slice::from_ref(&worth),
        Metrics,
        exchange("a", "/", 200, 2200),
        (Response, "worth", Full, KEPT, Full),
    );
    check(&[rule("fast", "ttfb:<100ms", "metrics")], Full, ok(), (Response, "fast", Metrics, NOT, Full));
    // An earlier rule that is not certain keeps later ones waiting, but for what they all say.
    let rules = [rule("slow", "dur:>1s", "metadata"), rule("errors", "status:5xx", "full")];
    check(&rules, Off, exchange("a", "/", 503, 5), (End, "errors", Full, KEPT, Full));
    check(&[rule("slow", "dur:>1s", "metadata")], Metrics, ok(), (End, "default", Metrics, NOT, Metadata));
    check(&[rule("not", "-status:200", "full")], Off, failed(), (End, "not", Full, KEPT, Full));
}

#[test]
fn a_look_in_between_decides_by_what_is_reached() {
    let rules = json!([{"name": "slow", "match": "dur:>1s", "level": "full"}, {"name": "large", "match": "size:>1KB", "level": "full"}]);
    let control = control(rules, Level::Metrics);
    let client = client();
    let open = || Exchange { state: State::Open, response: None, ..exchange("a", "/", 200, 1) };
    let mut begun = begin(&control, &client, open());
    let pending = begun.pending.as_mut().unwrap();
    assert_eq!(pending.look(&open(), 1_000_000, None), None, "not longer than 1 s yet");
    let verdict = pending.look(&open(), 1_000_001, None).unwrap();
    assert_eq!((verdict.rule.as_deref(), verdict.kept), (Some("slow"), Kept::Kept));
    let mut begun = begin(&control, &client, open());
    let mut large = open();
    large.response_body.size = 5000;
    assert_eq!(begun.pending.as_mut().unwrap().look(&large, 5, None), None, "it may still turn out slow");
}

#[test]
fn a_program_may_become_known_late() {
    let control = control(json!([{"name": "curl", "match": "program:curl", "level": "full"}]), Level::Off);
    let (client, whole) = (client(), exchange("a", "/", 200, 5));
    let mut begun = begin(&control, &client, whole.clone());
    let found = dashcam_filter::Client { program: Some("curl"), pid: Some(7), ..Default::default() };
    let verdict = begun
        .pending
        .as_mut()
        .unwrap()
        .decide(&whole, dashcam_filter::Moment::Response, Some(found))
        .unwrap();
    assert_eq!(verdict.rule.as_deref(), Some("curl"));
    let outcome = pass(&control, &client, whole);
    assert_eq!((outcome.at, outcome.rule.as_str()), (At::End, "default"), "never found");
}

/// An exchange keeps the rules of its beginning.
#[test]
fn a_change_is_for_exchanges_that_begin_later() {
    let control =
        control(json!([{"name": "errors", "match": "status:5xx", "level": "full"}]), Level::Metrics);
    let client = client();
    let mut begun = begin(&control, &client, exchange("a", "/", 503, 5));
    crate::world::change(&control, json!([]), Level::Off);
    begun.respond();
    assert_eq!(begun.end().rule, "errors");
    assert_eq!(pass(&control, &client, exchange("a", "/", 503, 5)).level, Level::Off);
}
