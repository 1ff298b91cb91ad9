//! Edits of a recorded request.

use super::*;
use crate::sample::exchange;

fn edits(json: &str) -> ReplayEdits {
    serde_json::from_str(json).unwrap()
}

fn check(json: &str, destination: &str, target: &str, host: &str) {
    let (found, head) = apply(&exchange(), &edits(json)).unwrap();
    let found = (found.to_string(), head.target.as_str(), head.headers.text("host").unwrap());
    assert_eq!(found, (destination.to_owned(), target, host), "{json}");
}

#[test]
fn the_url_leads_and_host_follows() {
    let own = "https://api.example.com";
    check("{}", own, "/a?b", "api.example.com");
    check(r#"{"url": "https://api.example.com/x#y"}"#, own, "/x", "api.example.com");
    check(r#"{"url": "HTTP://[::1]:81?q"}"#, "http://[::1]:81", "/?q", "[::1]:81");
    check(r#"{"url": "http://b", "headers": [["Host", "c"]]}"#, "http://b", "/", "c");
    check(r#"{"url": "http://b", "headers": [["host", "api.example.com"]]}"#, "http://b", "/", "b");
}

#[test]
fn fields_are_set_and_the_others_stay() {
    let mut exchange = exchange();
    exchange.request.headers.push("Authorization", "old");
    exchange.request.headers.push("authorization", "older");
    let edits = edits(r#"{"set_headers": [["AUTHORIZATION", "Bearer a"], ["X-New", "1"]]}"#);
    let (_, head) = apply(&exchange, &edits).unwrap();
    let fields: Vec<_> = head.headers.iter().map(|(_, value)| String::from_utf8_lossy(value)).collect();
    assert_eq!(fields, ["api.example.com", "1", "2", "Bearer a", "1"]);
}

#[test]
fn what_cannot_be_sent_is_refused() {
    for bad in [
        r#"{"url": "api.example.com/"}"#,
        r#"{"url": "ftp://a/"}"#,
        r#"{"url": "http://u@a/"}"#,
        r#"{"url": "http://a/b c"}"#,
        r#"{"url": "http://a/b\r\nX: y"}"#,
        r#"{"method": "GE T"}"#,
        r#"{"method": ""}"#,
        r#"{"method": "CONNECT"}"#,
        r#"{"headers": [["A: b\r\nC", "d"]]}"#,
        r#"{"headers": [["A", "b\r\nC: d"]]}"#,
        r#"{"headers": [["A", "€"]]}"#,
    ] {
        assert!(apply(&exchange(), &edits(bad)).is_err(), "{bad}");
    }
}

#[test]
fn a_redacted_body_goes_without_the_coding_that_it_had() {
    let mut exchange = exchange();
    exchange.request.headers.push("Content-Encoding", "gzip");
    let coding = |exchange: &Exchange, json: &str| {
        let (_, head) = apply(exchange, &edits(json)).unwrap();
        head.headers.text("content-encoding").map(str::to_owned)
    };
    assert_eq!(coding(&exchange, "{}").as_deref(), Some("gzip"));
    exchange.request_body.stored_as = StoredAs::Redacted;
    assert_eq!(coding(&exchange, "{}"), None);
    let own = r#"{"headers": [["content-encoding", "br"]]}"#;
    assert_eq!(coding(&exchange, own).as_deref(), Some("br"));
}
