//! Filters: over what is stored and what is not yet, with bodies, and their errors.

use std::io::Write as _;
use std::sync::Arc;

use dashcam_exchange::{
    Connection, ConnectionId, Detected, Direction, Exchange, ExchangeId, Headers, Message, MessageKind,
    Record, ResponseHead, Timestamp, Verdict, Version, sample,
};
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};
use crate::live::{Events, begin};

async fn ids(instance: &Instance, filter: &str) -> Vec<i64> {
    let filter: String = filter.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let page = instance.get(&format!("/exchanges?filter={filter}")).await.json();
    let rows = page["exchanges"].as_array().unwrap_or_else(|| panic!("{filter}: {page}"));
    assert_eq!(page["next_before"], Value::Null);
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn what_is_stored_is_found_by_heads_connections_and_contents() {
    let instance = Instance::start().await;
    let body = gzipped(r#"{"user": {"id": 42}, "why": "Out of stock"}"#);
    let fields = [("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("X-Id", "abc")];
    let latin = b"gr\xfc\xdfe";
    let charset = [("Content-Type", "text/plain; charset=iso-8859-1")];
    let first =
        Exchange { connection: Some(ConnectionId(7)), ..exchange(1, "api", "/a?page=2", &fields, &body) };
    instance.record([first, exchange(2, "b", "/", &charset, latin), exchange(3, "c", "/", &[], b"")]).await;
    let connection = Connection {
        client: "10.0.0.7:5000".to_owned(),
        listener: Some("office".to_owned()),
        detected: Some(Detected::Http1),
        verdict: Some(Verdict::Plain),
        ..sample::connection(7)
    };
    let message = Message {
        exchange: ExchangeId(4),
        seq: 0,
        at: Timestamp(1),
        direction: Direction::Request,
        kind: MessageKind::Text,
        size: 4,
        coding: None,
        redacted: false,
        data: b"ping".to_vec(),
    };
    let fourth = exchange(4, "d", "/ws", &[], b"");
    let records = vec![
        Record::Connection(Box::new(connection)),
        Record::Opened(Box::new(fourth.clone())),
        Record::Message(Box::new(message)),
        Record::Finished(Arc::new(fourth)),
    ];
    instance.store.sink().append(records).await.unwrap();
    for (filter, expect) in [
        ("host:api", vec![1]),
        ("-host:api", vec![4, 3, 2]),
        ("header.x-id:abc", vec![1]),
        ("query.page:2", vec![1]),
        ("client:10.0.0.0/24", vec![1]),
        ("listener:=office", vec![1]),
        ("-client:10.0.0.0/24", vec![4, 3, 2]),
        ("body:\"out of STOCK\"", vec![1]),
        ("res.json.user.id:42", vec![1]),
        ("res.json.user.id:4", vec![]),
        ("-body:stock", vec![4, 3, 2]),
        ("body:\"GR\u{dc}\u{df}E\"", vec![2]),
        ("ws:ping | host:b", vec![4, 2]),
        ("~b ping", vec![4]),
        ("body:stock host:b", vec![]),
        ("id:2..3", vec![3, 2]),
    ] {
        assert_eq!(ids(&instance, filter).await, expect, "{filter}");
    }
    let file = instance.get("/export?format=ndjson&filter=body:stock").await;
    assert_eq!(String::from_utf8(file.body.to_vec()).unwrap().lines().count(), 1);
    instance.stop().await;
}

#[tokio::test]
async fn what_is_not_stored_yet_is_found_by_its_heads_and_bodies() {
    let instance = Instance::start().await;
    let works = instance.disk.write().await;
    let open = begin(&instance, "own");
    let headers: Headers = [("x-id", "abc")].into_iter().collect();
    open.response(ResponseHead { version: Version::Http11, status: 200, reason: String::new(), headers });
    open.tap(Direction::Response).data(b"so far");
    let id = open.id().0;
    for (filter, expect) in [
        ("host:own", true),
        ("state:open", true),
        ("header.x-id:abc", true),
        ("header.x-id:other", false),
        ("body:\"so far\"", true),
        ("body:further", false),
        ("is:pinned", false),
    ] {
        assert_eq!(ids(&instance, filter).await == [id], expect, "{filter}");
    }
    drop((open, works));
    instance.stop().await;
}

#[tokio::test]
async fn an_error_says_where_and_what_else() {
    let instance = Instance::start().await;
    for path in ["/exchanges", "/export", "/export.har", "/live"] {
        let answer = instance.get(&format!("{path}?filter=host:a%20staus:500")).await;
        assert_eq!(answer.error(), (400, "bad_filter".to_owned()), "{path}");
        let error = &answer.json()["error"];
        let fault = &error["filter"];
        assert_eq!((&fault["column"], &fault["suggestion"]), (&json!(8), &json!("status")), "{fault}");
        assert_eq!(fault["text"], "host:a staus:500");
        assert!(fault["expected"].as_str().unwrap().contains("a field such as"), "{fault}");
        assert!(error["message"].as_str().unwrap().starts_with("in the filter, column 8: "), "{error}");
    }
    let other = instance.get("/exchanges?limit=0").await.json();
    assert_eq!(other["error"]["filter"], Value::Null);
    instance.stop().await;
}

#[tokio::test]
async fn a_filter_is_said_in_words() {
    let instance = Instance::start().await;
    let preset = json!({"filter": "status:5xx"}).to_string();
    instance.call(Method::PUT, "/presets/errors", &preset).await;
    let found = instance.get("/filters/explain?text=preset:errors%20-host:*.%C3%BC").await.json();
    assert_eq!(found["explanation"], "status is 5xx, and host does not end with \u{201c}.\u{fc}\u{201d}");
    let last = &found["terms"][1];
    assert_eq!((&last["from"], &last["to"]), (&json!(14), &json!(23)), "characters, not bytes: {found}");
    assert_eq!((&last["excludes"], &last["opposite"]), (&json!(true), &json!("host:*.\u{fc}")));
    assert_eq!(found["terms"][0]["opposite"], "-preset:errors");
    let all = instance.get("/filters/explain?text=").await.json();
    assert_eq!(all, json!({"explanation": "every exchange", "terms": []}));
    let refused = instance.get("/filters/explain?text=staus:500").await;
    assert_eq!(refused.error(), (400, "bad_filter".to_owned()));
    instance.stop().await;
}

#[tokio::test]
async fn a_watcher_is_told_of_what_matches_no_more() {
    let instance = Instance::start().await;
    let mut events = Events::open(&instance, "?filter=is:unanswered%20host:wanted").await;
    drop(begin(&instance, "other"));
    let open = begin(&instance, "wanted");
    let (name, data) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &data["id"]), ("started", &json!(open.id().0)));
    let headers = Headers::default();
    open.response(ResponseHead { version: Version::Http11, status: 200, reason: String::new(), headers });
    let (name, data) = events.next().await.unwrap();
    assert_eq!((name.as_str(), data), ("left", json!({"id": open.id().0})));
    drop(open);
    // By its heads: the row that an event has does not decide.
    let mut events = Events::open(&instance, "?filter=res.header.x-id:abc").await;
    drop(begin(&instance, "wanted"));
    let open = begin(&instance, "wanted");
    let headers: Headers = [("X-Id", "abc")].into_iter().collect();
    open.response(ResponseHead { version: Version::Http11, status: 200, reason: String::new(), headers });
    let id = open.id().0;
    drop(open);
    // It is looked at when its event is told: it may have been answered before it is told to have started.
    loop {
        let (name, data) = events.next().await.unwrap();
        assert_eq!(data["id"], json!(id), "{name}");
        if name == "finished" {
            break;
        }
    }
    instance.stop().await;
}

#[tokio::test]
async fn a_search_through_bodies_goes_on_and_says_how_far_it_came() {
    let instance = Instance::start().await;
    let body = |id: i64| if id % 10 == 0 { gzipped("a Needle") } else { b"hay".to_vec() };
    let coding = [("Content-Encoding", "gzip")];
    let fields = |id: i64| if id % 10 == 0 { &coding[..] } else { &[] };
    instance.record((1..=300).map(|id| exchange(id, "a", "/", fields(id), &body(id)))).await;
    let (mut before, mut found, mut looked_at, mut bytes) = (String::new(), Vec::new(), 0, 0);
    loop {
        let page =
            instance.get(&format!("/exchanges?filter=body:needle&limit=7&within=10{before}")).await.json();
        let rows = page["exchanges"].as_array().unwrap();
        found.extend(rows.iter().map(|row| row["id"].as_i64().unwrap()));
        let search = &page["search"];
        assert_eq!(search["unreadable"], 0, "{page}");
        bytes += search["bytes"].as_u64().unwrap();
        looked_at += search["looked_at"].as_u64().unwrap();
        let Some(next) = page["next_before"].as_i64() else {
            assert_eq!(search["left"], 0);
            break;
        };
        before = format!("&before={next}");
    }
    assert_eq!(found, (1..=30).rev().map(|tens| tens * 10).collect::<Vec<i64>>());
    assert_eq!(looked_at, 300);
    assert!(bytes >= 30 * 8 + 270 * 3, "{bytes}");
    assert_eq!(instance.get("/exchanges?filter=host:a").await.json()["search"], Value::Null);
    let refused = instance.get("/exchanges?filter=body:x&within=9").await;
    assert_eq!(refused.status, 400);
}
