//! Pins and the bounds of the recording.

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::Record;
use dashcam_store::Retention;
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};

#[tokio::test]
async fn pinned_and_unpinned() {
    let instance = Instance::start().await;
    instance.record((1..=3).map(|id| exchange(id, "a", "/", &[], b"body"))).await;
    for _ in 0..2 {
        assert_eq!(instance.call(Method::PUT, "/exchanges/2/pin", "").await.status, 204);
    }
    let list = instance.get("/exchanges").await.json();
    let pinned: Vec<&Value> =
        list["exchanges"].as_array().unwrap().iter().map(|row| &row["pinned"]).collect();
    assert_eq!(pinned, [&json!(false), &json!(true), &json!(false)]);
    assert_eq!(instance.get("/exchanges/2").await.json()["pinned"], true);
    assert_eq!(instance.get("/exchanges/1").await.json()["pinned"], false);
    for method in [Method::PUT, Method::DELETE] {
        assert_eq!(
            instance.call(method, "/exchanges/9/pin", "").await.error(),
            (404, "not_found".to_owned())
        );
    }
    assert_eq!(
        instance.call(Method::DELETE, "/exchanges", "").await.json(),
        json!({"deleted": 2, "next_after": null})
    );
    for _ in 0..2 {
        assert_eq!(instance.call(Method::DELETE, "/exchanges/2/pin", "").await.status, 204);
    }
    assert_eq!(instance.get("/exchanges/2").await.json()["pinned"], false);
    instance.call(Method::PUT, "/exchanges/2/pin", "").await;
    let all = instance.call(Method::DELETE, "/exchanges?pinned=true", "").await;
    assert_eq!(all.json(), json!({"deleted": 1, "next_after": null}));
    assert_eq!(instance.get("/status").await.json()["retention"]["pinned"], 0);
    instance.stop().await;
}

#[tokio::test]
async fn some_are_deleted() {
    let instance = Instance::start().await;
    instance.record((1..=5).map(|id| exchange(id, "a", "/", &[], b"body"))).await;
    instance.call(Method::PUT, "/exchanges/2/pin", "").await;
    let delete =
        async |body: Value| instance.call(Method::POST, "/exchanges/delete", &body.to_string()).await;
    assert_eq!(delete(json!({"ids": [1, 2, 9]})).await.json(), json!({"deleted": 1, "next_after": null}));
    assert_eq!(
        delete(json!({"ids": [2, 4], "pinned": true})).await.json(),
        json!({"deleted": 2, "next_after": null})
    );
    assert_eq!(delete(json!({"ids": vec![1; 1001]})).await.error(), (422, "invalid".to_owned()));
    let list = instance.get("/exchanges").await.json();
    let left: Vec<&Value> = list["exchanges"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(left, [&json!(5), &json!(3)]);
    assert_eq!(instance.get("/exchanges/5/response/body").await.body, "body");
    instance.stop().await;
}

#[tokio::test]
async fn the_status_tells_the_bounds() {
    let instance = Instance::start().await;
    let none = instance.get("/status").await.json();
    assert_eq!(none["retention"]["max_size"], Value::Null);
    assert_eq!(none["retention"]["oldest_at"], Value::Null);
    let records = (1..=20).map(|id| Record::Finished(Arc::new(exchange(id, "a", "/", &[], b"body"))));
    instance.store.sink().append(records.collect()).await.unwrap();
    instance.call(Method::PUT, "/exchanges/3/pin", "").await;
    let bounds = Retention {
        size: Some(1 << 30),
        age: Some(Duration::from_secs(3600 * 24 * 10_000)),
        exchanges: Some(5),
    };
    instance.store.admin().set_retention(bounds).await.unwrap();
    instance.store.admin().retain().await.unwrap();
    let status = instance.get("/status").await.json();
    let kept = &status["retention"];
    let expect = [
        ("max_size", 1_i64 << 30),
        ("max_age_us", 864_000_000_000_000),
        ("max_exchanges", 5),
        ("deleted", 14),
        ("pinned", 1),
    ];
    for (name, expect) in expect {
        assert_eq!(kept[name], json!(expect), "{name}");
    }
    assert_eq!(kept["oldest_at"], "2026-11-22T15:04:05.123456Z");
    assert!(kept["used"].as_u64().unwrap() > 0 && kept["crowded"] == false);
    assert_eq!(status["database"]["exchanges"], 6);
    instance.stop().await;
}
