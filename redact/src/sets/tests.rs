//! Sets as they are written, and what is said about those that are wrong.

use serde_json::{Value, json};

use super::*;
use crate::how::{How, On};
use crate::keys::Keys;
use crate::memory::Memory;
use crate::names::{Decision, Place};
use crate::redactor::Redactor;

fn definitions(json: Value) -> Definitions {
    serde_json::from_value(json).unwrap()
}

fn sets(json: Value) -> Sets {
    Sets::compile(&definitions(json)).unwrap()
}

/// The decision about a name as `kind how`, "keep" or "look".
fn decision(sets: &Sets, set: Option<&str>, host: &str, (on, place, name): (On, Place, &str)) -> String {
    let (keys, mut memory) = (Keys::new([1; 32]), Memory::default());
    let mut redactor = Redactor::new(sets.set(set).unwrap(), &keys, &mut memory, host);
    let decision = match place {
        Place::Json => {
            let names = &mut redactor.names;
            let (mut position, mut decision) = (names.root(on), Decision::Look);
            for name in name.split('/') {
                (position, decision) = match name.parse() {
                    Ok(index) => names.element(position, index),
                    Err(_) => {
                        let (next, decision, _) = names.member(on, position, name.as_bytes());
                        (next, decision)
                    }
                };
            }
            decision
        }
        _ => redactor.names.decide(on, place, name.as_bytes()),
    };
    match decision {
        Decision::Replace(treatment) => format!("{} {:?}", treatment.kind, treatment.how).to_lowercase(),
        Decision::Keep => "keep".to_owned(),
        Decision::Look => "look".to_owned(),
    }
}

#[test]
fn rules_come_before_what_is_compiled_in() {
    let sets = sets(json!({
        "set": "payments",
        "added": [{"json": "$..note", "kind": "note"}],
        "sets": {
            "payments": {
                "from": "base",
                "rules": [
                    {"json": "$..iban", "how": "mask", "kind": "iban", "host": "*.pay.example"},
                    {"header": "x-internal-*", "how": "remove", "on": "request"},
                    {"json": "$.items[*].name"},
                    {"query": "password", "how": "mask"},
                ],
                "keep": [{"header": "x-csrf-token"}, {"json": "$.public.token"}, {"json": "$..note"}],
            },
            "base": {"from": "default", "rules": [{"cookie": "theme", "how": "mask"}], "keep": [{"cookie": "lang"}, {"query": "token"}]},
            "alone": {"rules": [{"form": "Name"}]},
        },
    }));
    let check = |set, host, at, expect: &str| assert_eq!(decision(&sets, set, host, at), expect, "{at:?}");
    let (request, response) = (On::Request, On::Response);
    check(None, "a.pay.example", (request, Place::Json, "x/iban"), "iban mask");
    check(None, "pay.example", (request, Place::Json, "iban"), "look");
    check(None, "", (request, Place::Header, "X-Internal-Id"), "secret remove");
    check(None, "", (response, Place::Header, "X-Internal-Id"), "look");
    check(None, "", (request, Place::Header, "X-CSRF-Token"), "keep");
    check(None, "", (request, Place::Json, "items/3/name"), "secret seal");
    check(None, "", (request, Place::Json, "name"), "look");
    check(None, "", (request, Place::Json, "public/token"), "keep");
    check(None, "", (request, Place::Json, "token"), "token seal");
    check(None, "", (request, Place::Json, "note"), "note seal");
    check(None, "", (request, Place::Query, "Password"), "password mask");
    check(None, "", (request, Place::Query, "token"), "keep");
    check(None, "", (request, Place::Cookie, "theme"), "cookie mask");
    check(None, "", (request, Place::Cookie, "lang"), "keep");
    check(None, "", (request, Place::Cookie, "other"), "cookie seal");
    check(Some("alone"), "", (request, Place::Form, "name"), "secret seal");
    check(Some("alone"), "", (request, Place::Header, "authorization"), "look");
    check(Some("alone"), "", (request, Place::Cookie, "a"), "look");
    check(Some("default"), "", (request, Place::Json, "note"), "note seal");
    check(Some("default"), "", (request, Place::Header, "authorization"), "credential seal");
    assert!(sets.set(Some("nothing")).is_none());
    assert_eq!(sets.names().collect::<Vec<_>>(), ["alone", "base", "default", "payments"]);
}

#[test]
fn seals_can_be_off() {
    for json in [json!({"no_seal": true}), json!({"seal_for": "0s"})] {
        let sets = sets(json);
        assert_eq!(decision(&sets, None, "", (On::Request, Place::Json, "password")), "password pseudonym");
        assert_eq!(decision(&sets, None, "", (On::Request, Place::Json, "cvv")), "card-code mask");
    }
    assert!(sets(json!({"set": "off"})).set(None).is_none());
}

#[test]
fn labels_tell_versions_apart() {
    let label = |json: Value| sets(json).set(Some("a")).unwrap().label().to_string();
    let a = label(json!({"sets": {"a": {"from": "default", "rules": [{"header": "x"}]}}}));
    assert!(a.starts_with("a@") && a.len() == 10, "{a}");
    assert_eq!(
        a,
        label(json!({"sets": {"a": {"from": "default", "rules": [{"header": "x"}]}, "b": {}}, "set": "b"}))
    );
    for other in [
        json!({"sets": {"a": {"from": "default", "rules": [{"header": "y"}]}}}),
        json!({"sets": {"a": {"from": "default", "rules": [{"header": "x", "how": "mask"}]}}}),
        json!({"sets": {"a": {"from": "default", "keep": [{"header": "x"}]}}}),
        json!({"sets": {"a": {"rules": [{"header": "x"}]}}}),
        json!({"sets": {"a": {"from": "default", "rules": [{"header": "x"}]}}, "no_seal": true}),
        json!({"sets": {"a": {"from": "default", "rules": [{"header": "x"}]}}, "added": [{"header": "z"}]}),
    ] {
        assert_ne!(a, label(other.clone()), "{other}");
    }
}

#[test]
fn faults_say_where_and_what_to_write() {
    let check = |json: Value, place: &str, fault: &str| {
        let error = Sets::compile(&definitions(json)).unwrap_err();
        assert_eq!(error.place, place, "{error}");
        assert!(error.fault.contains(fault), "{error}");
    };
    let rule = |rule: Value| json!({"sets": {"a": {"rules": [{"header": "x"}, rule]}}});
    let second = "redaction.sets.a, rule 2";
    check(json!({"set": "b"}), "redaction.set", "no set `b`; write one of default, or “off”");
    check(
        json!({"sets": {"a": {"from": "b"}}}),
        "redaction.sets.a.from",
        "no set `b`; write one of a, default",
    );
    check(json!({"sets": {"a": {"from": "b"}, "b": {"from": "a"}}}), "redaction.sets.a", "adds to itself");
    check(json!({"sets": {"default": {}}}), "redaction.sets.default", "another name");
    check(json!({"sets": {"off": {}}}), "redaction.sets.off", "another name");
    check(json!({"sets": {"A b": {}}}), "redaction.sets.A b", "lower-case");
    check(rule(json!({})), second, "one of header, cookie");
    check(rule(json!({"how": "mask"})), second, "one of header, cookie");
    check(rule(json!({"header": "a", "json": "$.b"})), second, "both header and json");
    check(rule(json!({"header": ""})), second, "empty");
    check(rule(json!({"header": "x-key: 1"})), second, "without colon");
    check(rule(json!({"form": "$.a.b"})), second, "write `json = \"$.a.b\"`");
    check(rule(json!({"json": "password"})), second, "write `$..password`");
    check(rule(json!({"header": "a", "kind": "My Kind"})), second, "no kind");
    check(rule(json!({"header": "a", "host": "https://a"})), second, "no host");
    check(json!({"added": [{"json": "$"}]}), "redaction.added, rule 1", "the whole document");
    check(json!({"sets": {"a": {"keep": [{}]}}}), "redaction.sets.a, exception 1", "one of header");
    let paths: Vec<Value> = (0..65).map(|at| json!({"json": format!("$.a{at}.b")})).collect();
    check(json!({"added": paths}), "redaction.added, rule 65", "128 steps at most");
    let hosts: Vec<Value> = (0..65).map(|at| json!({"header": "x", "host": format!("a{at}")})).collect();
    check(json!({"added": hosts}), "redaction.added, rule 65", "64 different hosts");
}

#[test]
fn definitions_are_read_and_written() {
    let read = |text: &str| serde_json::from_str::<Definitions>(text);
    let definitions = read(r#"{"seal_for": "36h", "too_large": "keep", "sets": {"a": {"rules": [{"json": "$..x", "on": "message"}]}}}"#).unwrap();
    assert_eq!(definitions.seal_for.as_secs(), 36 * 3600);
    assert_eq!(definitions.sets["a"].rules[0].on, Some(On::Message));
    assert_eq!(read(&serde_json::to_string(&definitions).unwrap()).unwrap(), definitions);
    assert_eq!(read("{}").unwrap(), Definitions::default());
    for (text, fault) in [
        (r#"{"seal_for": "long"}"#, "`long` is no time"),
        (r#"{"seal_for": "9999999999d"}"#, "is no time"),
        (r#"{"sett": "x"}"#, "unknown field `sett`"),
        (r#"{"added": [{"heder": "x"}]}"#, "unknown field `heder`"),
        (r#"{"added": [{"header": "x", "how": "hide"}]}"#, "`remove`, `mask`"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(fault), "{error}");
    }
    assert_eq!(serde_json::to_value(How::Seal).unwrap(), "seal");
}
