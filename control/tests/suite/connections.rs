//! Connections by what is known of them before they are read.

use std::sync::Arc;

use dashcam_control::{ClientFacts, ConnectionFacts, Control};
use dashcam_exchange::{Destination, Level, Program, Scheme, TlsFacts};
use serde_json::{Value, json};

use crate::world::{client, control};

/// Decryption, count and record of a connection.
fn decided(control: &Control, facts: &ConnectionFacts<'_>) -> (bool, bool, bool) {
    let decision = control.policy().for_connection(facts);
    (decision.decrypt, decision.count, decision.record)
}

fn rule(filter: &str, level: &str) -> Value {
    json!({"name": "a", "match": filter, "level": level})
}

#[test]
fn a_connection_is_a_tunnel_if_all_that_may_come_is_off() {
    let destination = Destination::parse(Scheme::Https, "bank.example").unwrap();
    let client = client();
    let facts = client.facts(&destination);
    let (tunnel, read, recorded) = ((false, false, false), (true, true, false), (true, true, true));
    for (filter, level, default, expect) in [
        ("host:bank.example", "off", Level::Full, tunnel),
        ("host:other.example", "off", Level::Full, recorded),
        ("host:bank.example path:/x", "off", Level::Full, read),
        ("host:bank.example", "full", Level::Off, recorded),
        ("host:other.example", "full", Level::Off, tunnel),
        ("host:bank.example", "metrics", Level::Full, read),
        ("host:other.example status:5xx", "full", Level::Off, tunnel),
        ("status:5xx", "full", Level::Off, read),
        ("status:5xx", "off", Level::Off, tunnel),
        ("status:5xx", "full", Level::Metadata, recorded),
        ("client:10.0.0.0/8", "off", Level::Full, tunnel),
        ("client:10.1.0.0/16", "off", Level::Full, recorded),
        ("listener:front", "off", Level::Full, tunnel),
        ("mode:forward port:443", "off", Level::Full, tunnel),
        ("-host:bank.example", "off", Level::Full, recorded),
    ] {
        let control = control(json!([rule(filter, level)]), default);
        assert_eq!(decided(&control, &facts), expect, "{filter} {level} {default:?}");
    }
    let sampled = json!([{"name": "a", "match": "", "level": "full", "sample": "50%"}]);
    assert_eq!(decided(&control(sampled, Level::Off), &facts), read, "some are not recorded");
}

#[test]
fn facts_that_may_still_come_decide_nothing() {
    let address = Destination::parse(Scheme::Https, "192.0.2.7").unwrap();
    let client = client();
    let facts = client.facts(&address);
    let off = |filter: &str| control(json!([rule(filter, "off")]), Level::Full);
    let decrypts = |filter: &str, facts: &ConnectionFacts<'_>| decided(&off(filter), facts).0;
    // An address of which the name is still to come.
    let unnamed = ConnectionFacts { is_unnamed: true, ..facts };
    assert!(decrypts("host:192.0.2.7", &unnamed) && !decrypts("host:192.0.2.7", &facts));
    // HTTP without TLS may be in a tunnel.
    let open = ConnectionFacts { is_scheme_open: true, ..facts };
    assert!(decrypts("scheme:https", &open) && !decrypts("scheme:https", &facts));
    // The name that TLS asks for.
    let asked = ConnectionFacts { asked_name: Some("bank.example"), ..facts };
    assert!(decrypts("sni:bank.example", &facts) && !decrypts("sni:bank.example", &asked));
    // The program, which is looked for.
    let curl = Program { name: "curl".to_owned(), pid: 7, path: None, command: None, cgroup: None };
    let found = ConnectionFacts { program: Some(&curl), ..facts };
    assert!(decrypts("program:curl", &facts) && !decrypts("program:curl", &found));
    assert!(off("program:curl").policy().for_connection(&facts).wants_program);
    assert!(off("pid:7").policy().wants_program() && !off("host:a").policy().wants_program());
    // TLS with the client.
    let mut described = ClientFacts::clone(&client.described);
    let tls = TlsFacts {
        version: "TLSv1.3".to_owned(),
        cipher: String::new(),
        sni: None,
        alpn: None,
        certificates: Vec::new(),
    };
    described.set_tls(&tls);
    let described = Arc::new(described);
    let settled = ConnectionFacts { described: Some(&described), ..facts };
    assert!(decrypts("tls:TLSv1.3", &facts) && !decrypts("tls:TLSv1.3", &settled));
}

#[test]
fn off_is_off_for_all() {
    let is_off = |rules: Value, level| control(rules, level).policy().is_off();
    assert!(is_off(json!([]), Level::Off) && !is_off(json!([]), Level::Metrics));
    assert!(is_off(json!([rule("host:a", "off")]), Level::Off));
    assert!(!is_off(json!([rule("host:a", "metrics")]), Level::Off));
    assert!(!is_off(json!([rule("host:a", "off")]), Level::Full));
}
