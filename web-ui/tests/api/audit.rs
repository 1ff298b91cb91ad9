//! The audit log: what it notes, who may read it, and what it does when the disk takes nothing.

use std::time::{Duration, Instant as Clock};

use dashcam_web_ui::PageLimits;
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};

/// Entries once there are so many, the oldest first.
async fn entries(instance: &Instance, query: &str, number: usize) -> Vec<Value> {
    let deadline = Clock::now() + Duration::from_secs(10);
    loop {
        let log = instance.get(&format!("/audit?{query}")).await.json();
        let mut entries = log["entries"].as_array().unwrap().clone();
        entries.reverse();
        if entries.len() >= number || Clock::now() > deadline {
            return entries;
        }
        tokio::task::yield_now().await;
    }
}

/// Entries once all of them are as they should be.
async fn expect(instance: &Instance, query: &str, fields: &[&str], expected: Value) {
    let deadline = Clock::now() + Duration::from_secs(10);
    loop {
        let entries = entries(instance, query, 0).await;
        let pick = |entry: &Value| fields.iter().map(|field| entry[*field].clone()).collect::<Vec<_>>();
        let found = json!(entries.iter().map(pick).collect::<Vec<_>>());
        if found == expected {
            return;
        }
        assert!(Clock::now() < deadline, "{found}\nexpected\n{expected}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn reads_of_an_exchange_are_one_entry() {
    let instance = Instance::start().await;
    instance.record((1..=3).map(|id| exchange(id, "a", "/", &[], b"body"))).await;
    let (_, token) = instance.token("viewer").await;
    for path in ["/exchanges/1", "/exchanges/1/response/text", "/exchanges/1", "/exchanges/1/messages"] {
        assert_eq!(instance.call_with(&token, Method::GET, path, "").await.status, 200, "{path}");
    }
    assert_eq!(instance.get("/exchanges/1").await.status, 200);
    assert_eq!(instance.get("/exchanges/2/response/body").await.status, 200);
    assert_eq!(instance.call_unix(Method::GET, "/exchanges/3/curl", "").await.status, 200);
    for nothing in ["/exchanges/99", "/exchanges/1/request/body", "/exchanges", "/exchanges/x"] {
        instance.get(nothing).await;
    }
    let expected = json!([
        ["viewer (api)", "viewer", "127.0.0.1", [1], 1, {"parts": ["detail", "body", "messages"]}],
        ["api", "admin", "127.0.0.1", [1], 1, {"parts": ["detail"]}],
        ["api", "admin", "127.0.0.1", [2], 1, {"parts": ["body"]}],
    ]);
    let fields = ["who", "role", "address", "exchanges", "count", "detail"];
    expect(&instance, "action=read&who=api", &fields, expected).await;
    let all = entries(&instance, "action=read", 4).await;
    let cli = all.last().unwrap();
    assert!(all.len() == 4 && cli["who"].as_str().unwrap().contains("uid"), "{cli}");
    assert_eq!((&cli["address"], &cli["detail"]), (&Value::Null, &json!({"parts": ["curl"]})));
    instance.stop().await;
}

#[tokio::test]
async fn deleted_seals_and_cleaned_files_are_noted() {
    let instance = Instance::start().await;
    let id = "0123456789abcdef01234567";
    let these = json!({"ids": [id]}).to_string();
    assert_eq!(instance.call(Method::POST, "/seals/delete", &these).await.status, 200);
    assert_eq!(instance.call(Method::POST, "/redactions/scrub", "").await.status, 200);
    let detail = json!({"which": "ids", "ids": [id]});
    expect(&instance, "action=seal", &["who", "count", "detail"], json!([["api", 0, detail]])).await;
    expect(&instance, "action=scrub", &["who", "count"], json!([["api", null]])).await;
    instance.stop().await;
}

#[tokio::test]
async fn exports_have_their_format_filter_and_count() {
    let instance = Instance::start().await;
    instance.record((1..=5).map(|id| exchange(id, "a", "/", &[], b"body"))).await;
    for path in [
        "/export.har",
        "/export?format=ndjson&filter=id:2..4",
        "/exchanges/5/har",
        "/exchanges/5/export?format=ndjson",
    ] {
        assert_eq!(instance.get(path).await.status, 200, "{path}");
    }
    let detail = |format: &str| json!({"format": format, "unsealed": false});
    let expected = json!([
        ["~all", [], 5, detail("har")],
        ["id:2..4", [], 3, detail("ndjson")],
        [null, [5], 1, detail("har")],
        [null, [5], 1, detail("ndjson")],
    ]);
    expect(&instance, "action=export", &["filter", "exchanges", "count", "detail"], expected).await;
    instance.stop().await;
}

#[tokio::test]
async fn changes_of_the_recording_and_of_tokens_are_noted() {
    let instance = Instance::start().await;
    instance.record((1..=9).map(|id| exchange(id, "a", "/", &[], b""))).await;
    let call = async |method, path: &str, body: &str| instance.call(method, path, body).await.status.as_u16();
    assert_eq!(call(Method::DELETE, "/exchanges/1", "").await, 204);
    assert_eq!(call(Method::POST, "/exchanges/delete", r#"{"ids": [2, 3, 99]}"#).await, 200);
    assert_eq!(call(Method::DELETE, "/exchanges?filter=id:4..5", "").await, 200);
    assert_eq!(call(Method::DELETE, "/exchanges?filter=id:77", "").await, 200);
    let replay = instance.call(Method::POST, "/exchanges/6/replay", "").await.json();
    assert_eq!(call(Method::POST, "/exchanges/6/replay", r#"{"method": "PUT"}"#).await, 201);
    let expected = json!([[[1], null, 1], [[2, 3, 99], null, 2], [[], "id:4..5", 2]]);
    expect(&instance, "action=delete", &["exchanges", "filter", "count"], expected).await;
    let id = replay["id"].as_i64().unwrap();
    let replays = json!([[[6], {"new": id, "edited": false}], [[6], {"new": id + 1, "edited": true}]]);
    expect(&instance, "action=replay", &["exchanges", "detail"], replays).await;
    let (id, _) = instance.token("viewer").await;
    assert_eq!(call(Method::DELETE, &format!("/tokens/{id}"), "").await, 204);
    let detail = |change: &str| json!([{"change": change, "id": id, "name": "viewer", "role": "viewer"}]);
    expect(&instance, "action=token", &["detail"], json!([detail("new"), detail("revoked")])).await;
    instance.stop().await;
}

#[tokio::test]
async fn the_log_is_paged_and_filtered() {
    let instance = Instance::start().await;
    instance.record((1..=5).map(|id| exchange(id, "a", "/", &[], b""))).await;
    for id in 1..=5 {
        assert_eq!(instance.get(&format!("/exchanges/{id}")).await.status, 200);
    }
    assert_eq!(entries(&instance, "", 5).await.len(), 5);
    let first = instance.get("/audit?limit=2").await.json();
    let ids = |log: &Value| {
        log["entries"].as_array().unwrap().iter().map(|entry| entry["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(&first), &first["next_before"], &first["lost"]),
        (vec![json!(5), json!(4)], &json!(4), &json!(0))
    );
    let rest = instance.get("/audit?before=4").await.json();
    assert_eq!((ids(&rest).len(), &rest["next_before"]), (3, &Value::Null));
    for (query, number) in [
        ("who=API", 5),
        ("who=alice", 0),
        ("action=delete", 0),
        ("since=2026-01-01T00:00:00Z", 5),
        ("until=2026-01-01T00:00:00Z", 0),
    ] {
        let log = instance.get(&format!("/audit?{query}")).await.json();
        assert_eq!(ids(&log).len(), number, "{query}");
    }
    for wrong in ["action=nothing", "since=yesterday", "limit=0"] {
        assert_eq!(instance.get(&format!("/audit?{wrong}")).await.status, 400, "{wrong}");
    }
    instance.stop().await;
}

#[tokio::test]
async fn a_full_queue_loses_entries_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let mut instance = Instance::start_without_audit(home, PageLimits::default()).await;
    instance.record((1..=1100).map(|id| exchange(id, "a", "/", &[], b""))).await;
    for id in 1..=1100 {
        let read = instance.call_unix(Method::GET, &format!("/exchanges/{id}"), "").await;
        assert_eq!(read.status, 200, "nobody waits for the log");
    }
    assert_eq!(instance.get("/status").await.json()["page"]["audit_lost"], 76);
    let metrics = instance
        .send(
            Method::GET,
            "/metrics",
            &[("authorization", &format!("Bearer {}", crate::instance::TOKEN))],
            "",
        )
        .await;
    assert!(String::from_utf8_lossy(&metrics.body).contains("\ndashcam_audit_lost_total 76\n"));
    instance.write_audit();
    expect(&instance, "action=lost", &["who", "count", "detail"], json!([["dashcam", 76, {"room": 1024}]]))
        .await;
    let read = entries(&instance, "action=read&limit=1000", 1000).await;
    assert_eq!(read.len(), 1000);
    assert_eq!(instance.call_unix(Method::GET, "/exchanges/1100", "").await.status, 200);
    let last = entries(&instance, "action=read&limit=1", 1).await;
    assert_eq!(last.len(), 1);
    expect(&instance, "action=read&limit=1", &["exchanges"], json!([[[1100]]])).await;
    instance.stop().await;
}
