//! Lists, single things, and errors.

use std::sync::Arc;

use dashcam_exchange::{
    Connection, Direction, ExchangeId, Failure, Gap, GapReason, Message, MessageKind, Record, Side, Stage,
    Timestamp, sample,
};
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};

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
