//! Lists, single things, and errors.

use std::sync::Arc;

use dashcam_exchange::{
    Connection, Direction, ExchangeId, Failure, Gap, GapReason, Message, MessageKind, Record, Side, Stage,
    Timestamp, sample,
};
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};
use crate::live::begin;

fn ids(page: &Value, list: &str, key: &str) -> Vec<i64> {
    page[list].as_array().unwrap().iter().map(|row| row[key].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn exchanges_page_by_page_and_filtered() {
    let instance = Instance::start().await;
    instance
        .record((1..=5).map(|id| exchange(id, if id % 2 == 0 { "even" } else { "odd" }, "/a?b", &[], b"")))
        .await;
    let page = instance.get("/exchanges?limit=2").await.json();
    assert_eq!((ids(&page, "exchanges", "id"), &page["next_before"]), (vec![5, 4], &json!(4)));
    let page = instance.get("/exchanges?limit=2&before=4").await.json();
    assert_eq!((ids(&page, "exchanges", "id"), &page["next_before"]), (vec![3, 2], &json!(2)));
    let page = instance.get("/exchanges?limit=2&before=2").await.json();
    assert_eq!((ids(&page, "exchanges", "id"), &page["next_before"]), (vec![1], &Value::Null));
    let page = instance.get("/exchanges?filter=GET%20odd&limit=3").await.json();
    assert_eq!((ids(&page, "exchanges", "id"), &page["next_before"]), (vec![5, 3, 1], &Value::Null));
    let row = &page["exchanges"][0];
    assert_eq!(
        (&row["url"], &row["started_at"]),
        (&json!("http://odd/a?b"), &json!("2026-11-22T15:04:05.123456Z"))
    );
    for bad in ["limit=0", "limit=1001", "limit=x", "before=x"] {
        assert_eq!(
            instance.get(&format!("/exchanges?{bad}")).await.error(),
            (400, "bad_request".to_owned()),
            "{bad}"
        );
    }
    instance.stop().await;
}

#[tokio::test]
async fn one_exchange_and_its_end() {
    let instance = Instance::start().await;
    instance.record([exchange(1, "a", "/", &[("X-A", "\u{fc}"), ("x-a", "2")], b"hello")]).await;
    let one = instance.get("/exchanges/1").await.json();
    assert_eq!(
        one["response"]["headers"],
        json!([["X-A", "Ã¼"], ["x-a", "2"]]),
        "UTF-8 bytes, mapped latin-1"
    );
    assert_eq!(one["response_body"]["stored"], 5);
    assert_eq!((&one["failure"], &one["message_count"]), (&Value::Null, &json!(0)));
    assert_eq!(instance.call(Method::DELETE, "/exchanges/1", "").await.status, 204);
    assert_eq!(instance.get("/exchanges/1").await.error(), (404, "not_found".to_owned()));
    assert_eq!(instance.call(Method::DELETE, "/exchanges/1", "").await.error().0, 404);
    instance.record([exchange(2, "a", "/", &[], b""), exchange(3, "a", "/", &[], b"")]).await;
    assert_eq!(
        instance.call(Method::DELETE, "/exchanges", "").await.json(),
        json!({"deleted": 2, "next_after": null})
    );
    assert_eq!(instance.get("/exchanges/x").await.error(), (400, "bad_request".to_owned()));
    assert_eq!(instance.get("/nothing").await.error(), (404, "not_found".to_owned()));
    assert_eq!(
        instance.call(Method::PUT, "/exchanges", "").await.error(),
        (405, "method_not_allowed".to_owned())
    );
    instance.stop().await;
}

fn message(seq: u32, kind: MessageKind, data: &[u8]) -> Record {
    Record::Message(Box::new(Message {
        exchange: ExchangeId(1),
        seq,
        at: Timestamp(0),
        direction: Direction::Request,
        kind,
        size: data.len() as u64,
        coding: None,
        redacted: false,
        data: data.to_vec(),
    }))
}

#[tokio::test]
async fn messages_of_an_exchange() {
    let instance = Instance::start().await;
    let records = vec![
        Record::Opened(Box::new(exchange(1, "a", "/", &[], b""))),
        message(0, MessageKind::Text, b"hi"),
        message(1, MessageKind::Binary, b"\xff"),
        message(2, MessageKind::Close, b"\x03\xe8bye"),
        Record::Finished(Arc::new(exchange(1, "a", "/", &[], b""))),
    ];
    instance.store.sink().append(records).await.unwrap();
    let page = instance.get("/exchanges/1/messages?limit=2").await.json();
    assert_eq!((ids(&page, "messages", "seq"), &page["next_after"]), (vec![0, 1], &json!(1)));
    assert_eq!((&page["messages"][1]["text"], &page["messages"][1]["data"]), (&Value::Null, &json!("/w==")));
    let page = instance.get("/exchanges/1/messages?after=1").await.json();
    assert_eq!((&page["messages"][0]["text"], &page["next_after"]), (&json!("bye"), &Value::Null));
    assert_eq!(instance.get("/exchanges/1").await.json()["message_count"], 3);
    instance.stop().await;
}

#[tokio::test]
async fn connections_gaps_and_status() {
    let instance = Instance::start().await;
    let connection = |id, failure: Option<Failure>| {
        Record::Connection(Box::new(Connection {
            opened_at: Timestamp(0),
            failure,
            ..sample::connection(id)
        }))
    };
    let failure = Failure::new(Side::Client, Stage::TlsHandshake, "unknown_ca");
    let gap = Gap { from: Timestamp(1), until: Timestamp(2), reason: GapReason::DiskFull, exchanges: 3 };
    let records = vec![connection(1, Some(failure)), connection(2, None), Record::Gap(gap)];
    instance.store.sink().append(records).await.unwrap();
    let failed = instance.get("/connections?failed=true").await.json();
    assert_eq!(ids(&failed, "connections", "id"), [1]);
    assert_eq!(failed["connections"][0]["failure"]["stage"], "tls_handshake");
    assert_eq!(ids(&instance.get("/connections").await.json(), "connections", "id"), [2, 1]);
    assert_eq!(instance.get("/connections/2").await.json()["client"], "127.0.0.1:50000");
    assert_eq!(instance.get("/connections/3").await.error().0, 404);
    assert_eq!(instance.get("/gaps").await.json()["gaps"][0]["reason"], "disk_full");
    let hour = json!({"hour": "1970-01-01T00:00:00.000000Z", "from": "1970-01-01T00:00:00.000001Z", "until": "1970-01-01T00:00:00.000002Z",
        "dropped": {"queue_full": 0, "disk_full": 3, "disk_error": 0, "recorder_fault": 0, "client_share": 0}});
    assert_eq!(instance.get("/gaps/by-hour").await.json(), json!({"hours": [hour]}));
    let status = instance.get("/status").await.json();
    assert_eq!((&status["version"], &status["recorder"]["state"]), (&json!("0.0.0-test"), &json!("running")));
    let listener = json!({"name": "edge", "mode": "forward", "address": "127.0.0.1:8080",
        "proxy_protocol": false, "reuse_port": false});
    assert_eq!(status["listeners"], json!([listener]));
    assert!(
        status["database"]["size"].as_u64().unwrap() > 0 && status["ledger"]["dropped"]["queue_full"] == 0
    );
    assert!(instance.get("/ca.pem").await.body.starts_with(b"-----BEGIN CERTIFICATE-----"));
    assert_eq!(instance.get("/openapi.json").await.json()["openapi"], "3.1.0");
    instance.stop().await;
}

#[tokio::test]
async fn exchanges_upwards_and_from_a_time() {
    let instance = Instance::start().await;
    let at = |id: i64| Timestamp(1_800_000_000_000_000 + id * 1_000_000);
    instance
        .record((1..=9).filter(|id| *id != 4).map(|id| {
            let mut one = exchange(id, if id % 2 == 0 { "even" } else { "odd" }, "/", &[], b"");
            one.started_at = at(id);
            one
        }))
        .await;
    let page = instance.get("/exchanges?after=2&limit=3").await.json();
    assert_eq!((ids(&page, "exchanges", "id"), &page["next_after"]), (vec![6, 5, 3], &json!(6)));
    assert_eq!((&page["next_before"], &page["ends"]), (&Value::Null, &json!({"first": 1, "last": 9})));
    let page = instance.get("/exchanges?after=6&limit=3").await.json();
    assert_eq!((ids(&page, "exchanges", "id"), &page["next_after"]), (vec![9, 8, 7], &Value::Null));
    let page = instance.get("/exchanges?after=1&limit=2&filter=odd").await.json();
    assert_eq!((ids(&page, "exchanges", "id"), &page["next_after"]), (vec![5, 3], &json!(5)));
    for (moment, expect) in [(at(5), vec![5, 3]), (Timestamp(at(4).0 + 7), vec![3, 2]), (at(99), vec![9, 8])]
    {
        let moment = dashcam_views::dto::Time::from(moment);
        let text = serde_json::to_value(moment).unwrap();
        let page = instance.get(&format!("/exchanges?limit=2&at={}", text.as_str().unwrap())).await.json();
        assert_eq!(ids(&page, "exchanges", "id"), expect);
    }
    let wrong = instance.get("/exchanges?at=yesterday").await;
    assert_eq!(wrong.error(), (422, "invalid".to_owned()));
    assert!(wrong.json()["error"]["message"].as_str().unwrap().starts_with("at=yesterday is no time"));
    for bad in ["after=x", "before=3&after=1", "at=2026-11-22T15:04:05Z&before=1"] {
        assert_eq!(instance.get(&format!("/exchanges?{bad}")).await.error().0, 400, "{bad}");
    }
    instance.stop().await;
}

#[tokio::test]
async fn exchanges_that_are_not_stored_yet_are_above_those_that_are() {
    let instance = Instance::start().await;
    instance.record((1..=3).map(|id| exchange(id, "own", "/", &[], b""))).await;
    let works = instance.disk.write().await;
    let open: Vec<_> = (0..3).map(|_| begin(&instance, "own")).collect();
    let numbers: Vec<_> = open.iter().map(|open| open.id().0).collect();
    let page = instance.get("/exchanges?after=2&limit=2").await.json();
    assert_eq!(
        (ids(&page, "exchanges", "id"), &page["next_after"]),
        (vec![numbers[0], 3], &json!(numbers[0]))
    );
    let page = instance.get(&format!("/exchanges?after={}", numbers[0])).await.json();
    assert_eq!(ids(&page, "exchanges", "id"), [numbers[2], numbers[1]]);
    assert_eq!(page["ends"]["last"], numbers[2]);
    let page = instance.get("/exchanges?sort=id&order=asc&limit=5").await.json();
    assert_eq!(ids(&page, "exchanges", "id"), [1, 2, 3, numbers[0], numbers[1]]);
    drop((open, works));
    instance.stop().await;
}

#[tokio::test]
async fn exchanges_in_another_order_page_by_page() {
    let instance = Instance::start().await;
    instance
        .record((1..=6).map(|id| {
            let host = ["b", "a", "c"][usize::try_from(id % 3).unwrap()];
            let mut one = exchange(id, host, &format!("/{}", 9 - id), &[], b"");
            one.timings.end_us = (id != 2).then_some(id % 4 * 1000);
            one
        }))
        .await;
    let sorted = async |query: &str| {
        let (mut all, mut from) = (Vec::new(), String::new());
        loop {
            let page = instance.get(&format!("/exchanges?limit=2&{query}{from}")).await.json();
            assert_eq!((&page["sorted"]["complete"], &page["next_before"]), (&json!(true), &Value::Null));
            all.extend(ids(&page, "exchanges", "id"));
            let Some(next) = page["sorted"]["next"].as_str() else { return all };
            from = format!("&from={next}");
        }
    };
    assert_eq!(sorted("sort=duration").await, [3, 6, 5, 1, 4, 2], "what has none comes last");
    assert_eq!(sorted("sort=duration&order=asc").await, [4, 5, 1, 6, 3, 2]);
    assert_eq!(sorted("sort=host&order=asc").await, [4, 1, 6, 3, 5, 2]);
    assert_eq!(sorted("sort=path&order=asc").await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(sorted("sort=id&order=asc&filter=host:a").await, [1, 4]);
    // Of one that is under way, the store alone knows the tags.
    let tag = async |id: i64, tags: &[&str]| {
        let note = json!({"tags": tags}).to_string();
        assert_eq!(instance.call(Method::PATCH, &format!("/exchanges/{id}/note"), &note).await.status, 200);
    };
    let open = begin(&instance, "own");
    let stored = exchange(open.id().0, "own", "/", &[], b"");
    instance.store.sink().append(vec![Record::Opened(Box::new(stored))]).await.unwrap();
    tag(open.id().0, &["b"]).await;
    tag(2, &["c", "a"]).await;
    tag(4, &["a"]).await;
    let own = open.id().0;
    assert_eq!(sorted("sort=tags&order=asc").await, [4, own, 2, 6, 5, 3, 1]);
    assert_eq!(sorted("sort=tags").await, [2, own, 4, 6, 5, 3, 1]);
    drop(open);
    for (bad, status) in [
        ("sort=x", 400),
        ("order=asc", 400),
        ("sort=id&before=3", 400),
        ("sort=id&from=x", 400),
        ("sort=id&filter=body:x", 422),
    ] {
        assert_eq!(instance.get(&format!("/exchanges?{bad}")).await.error().0, status, "{bad}");
    }
    instance.stop().await;
}
