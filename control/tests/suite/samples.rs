//! Samples: those that are in them, and what is remembered.

use dashcam_control::Kept;
use dashcam_exchange::{Exchange, Level, sample};
use serde_json::json;

use crate::world::{At, change, client, control, exchange, pass};

#[test]
fn a_rate_is_of_each_route_and_goes_on_through_changes() {
    let rules = |name: &str| json!([{"name": name, "match": "", "level": "full", "sample": "3/s"}]);
    let control = control(rules("a"), Level::Off);
    let client = client();
    let kept = |target: &str, count: usize| {
        (0..count)
            .filter(|number| {
                let whole = exchange("a", &format!("{target}/{number}"), 200, 1);
                pass(&control, &client, whole).kept == Kept::Kept
            })
            .count()
    };
    // A second may end meanwhile.
    assert!((3..=6).contains(&kept("/orders", 20)));
    assert!((3..=6).contains(&kept("/users", 20)));
    change(&control, rules("a"), Level::Metrics);
    let counts = control.rule_counts().into_iter().find(|counts| counts.name == "a").unwrap();
    assert!((6..=12).contains(&counts.kept) && counts.matched == 40, "{counts:?}");
    assert_eq!(counts.sampled_out, 40 - counts.kept);
    assert!(kept("/users", 20) <= 6, "the same second's");
}

fn with_body(bytes: u64) -> Exchange {
    let mut whole = exchange("a", "/", 503, 1);
    (whole.response_body.size, whole.response_body.stored) = (bytes, bytes);
    whole
}

#[test]
fn a_rate_of_bytes_takes_what_would_be_stored() {
    let rules = |level: &str| json!([{"name": "a", "match": "-fail:*", "level": level, "sample": "1MB/s"}]);
    let heads_only = control(rules("metadata"), Level::Off);
    let kept = |control: &dashcam_control::Control, bytes| {
        let outcome = pass(control, &client(), with_body(bytes));
        assert_eq!(outcome.at, At::End);
        outcome.kept == Kept::Kept
    };
    assert!((0..10).all(|_| kept(&heads_only, 1_000_000)), "bodies are not stored");
    let whole = control(rules("full"), Level::Off);
    let taken = (0..20).filter(|_| kept(&whole, 500_000)).count();
    assert!((3..=5).contains(&taken), "{taken}: a burst is twice a second's bytes");
    let counts = whole.rule_counts().into_iter().find(|counts| counts.name == "a").unwrap();
    assert!(counts.bytes >= 1_500_000 && counts.kept == taken as u64, "{counts:?}");
}

#[test]
fn a_rate_of_bytes_at_the_beginning_takes_while_bytes_are_left() {
    let control =
        control(json!([{"name": "a", "match": "", "level": "full", "sample": "1KB/s"}]), Level::Off);
    let client = client();
    let mut taken = 0;
    for _ in 0..5 {
        let whole = with_body(10_000);
        let policy = control.policy();
        let decision = policy.for_exchange(&client.facts(&whole.destination), &whole.request);
        assert!(decision.pending.is_none());
        if decision.kept == Kept::Kept {
            taken += 1;
            decision.usage.unwrap().ended(&whole);
        } else {
            assert_eq!((decision.kept, decision.level), (Kept::SampledOut, Level::Metrics));
        }
    }
    assert_eq!(taken, 1, "the first one is larger than a burst: the others pay for it");
}

#[test]
fn whole_sessions_stay_together() {
    let rules = json!([{"name": "a", "match": "", "level": "full", "sample": "40% by cookie sid"}]);
    let (one, other) = (control(rules.clone(), Level::Off), control(rules, Level::Off));
    let mut taken = 0;
    for session in 0..100 {
        let cookie = format!("sid=s{session}");
        let kept = |control, target: &str| {
            let request = sample::request("GET", target, &[("Cookie", &cookie)]);
            pass(control, &client(), Exchange { request, ..exchange("a", "/", 200, 1) }).kept
        };
        let first = kept(&one, "/");
        assert!((0..5).all(|number| kept(&one, &format!("/{number}")) == first));
        assert_eq!(kept(&other, "/"), first, "on another machine");
        taken += usize::from(first == Kept::Kept);
    }
    assert!((20..60).contains(&taken), "{taken}");
}
