//! Exchanges that a filter chooses: counted, pinned and deleted, and nothing that comes later.

use std::sync::Arc;

use dashcam_exchange::{Exchange, Record, State};
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Answer, Instance, exchange};
use crate::live::begin;

async fn call(instance: &Instance, method: Method, path: &str, filter: &str, more: &str) -> Answer {
    let filter: String = filter.bytes().map(|byte| format!("%{byte:02x}")).collect();
    instance.call(method, &format!("{path}?filter={filter}{more}"), "").await
}

async fn left(instance: &Instance) -> Vec<i64> {
    let page = instance.get("/exchanges").await.json();
    page["exchanges"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// An instance with the exchanges 1 to 6: odd ones of host a with a body; 5 is under way.
async fn recorded() -> Instance {
    let instance = Instance::start().await;
    let host = |id: i64| if id % 2 == 1 { "a" } else { "b" };
    let all = (1..=6).map(|id| exchange(id, host(id), "/x", &[], b"body"));
    let stands = |exchange: Exchange| match exchange.id.0 {
        5 => Record::Opened(Box::new(Exchange { state: State::Open, ..exchange })),
        _ => Record::Finished(Arc::new(exchange)),
    };
    instance.store.sink().append(all.map(stands).collect()).await.unwrap();
    instance
}

#[tokio::test]
async fn they_are_counted_as_the_filter_was_understood() {
    let instance = recorded().await;
    instance.call(Method::PUT, "/presets/mine", &json!({"filter": "host:a"}).to_string()).await;
    instance.call(Method::PUT, "/exchanges/3/pin", "").await;
    let count = async |filter: &str, more: &str| {
        call(&instance, Method::GET, "/exchanges/selection", filter, more).await.json()
    };
    let counted = count("preset:mine", "").await;
    let moment = counted["ended_by"].as_i64().unwrap();
    assert!(moment > 0 && moment <= dashcam_recorder::now().0, "{moment}");
    let expect = json!({"filter": "host:a", "up_to": 1000, "ended_by": moment, "exchanges": 2, "bytes": 8, "pinned": 1,
        "open": 1, "next_after": null});
    assert_eq!(counted, expect);
    assert_eq!(count("~all", "&up_to=4").await["exchanges"], 4);
    assert_eq!(count("~all", "&up_to=4&after=3").await["exchanges"], 1);
    let fixed = count("before:0m", "").await["filter"].as_str().unwrap().to_owned();
    assert!(fixed.starts_with("at:..2"), "{fixed}");
    assert_eq!(count(&fixed, "").await["filter"], fixed);
    instance.stop().await;
}

#[tokio::test]
async fn they_are_pinned_and_unpinned() {
    let instance = recorded().await;
    let pin = async |method: Method, filter: &str| {
        call(&instance, method, "/exchanges/selection/pin", filter, "").await.json()
    };
    assert_eq!(pin(Method::PUT, "host:b").await, json!({"changed": 3, "next_after": null}));
    assert_eq!(pin(Method::PUT, "id:1,2").await["changed"], 1);
    let pinned = call(&instance, Method::GET, "/exchanges/selection", "is:pinned", "").await.json();
    assert_eq!((&pinned["exchanges"], &pinned["pinned"]), (&json!(4), &json!(4)));
    assert_eq!(pin(Method::DELETE, "is:pinned").await["changed"], 4);
    assert_eq!(instance.get("/status").await.json()["retention"]["pinned"], 0);
    instance.stop().await;
}

#[tokio::test]
async fn those_that_are_pinned_or_under_way_and_those_that_came_later_stay() {
    let instance = recorded().await;
    instance.call(Method::PUT, "/exchanges/3/pin", "").await;
    let delete =
        async |filter: &str, more: &str| call(&instance, Method::DELETE, "/exchanges", filter, more).await;
    assert_eq!(delete("host:a", "&up_to=0").await.json()["deleted"], 0);
    assert_eq!(delete("host:a", "").await.json(), json!({"deleted": 1, "next_after": null}));
    assert_eq!(left(&instance).await, [6, 5, 4, 3, 2]);
    assert_eq!(delete("~all", "&up_to=4&pinned=true").await.json()["deleted"], 3);
    assert_eq!(left(&instance).await, [6, 5]);
    assert_eq!(delete("body:body", "").await.json()["deleted"], 1);
    instance.stop().await;
}

/// An exchange that ends between the count and the change was counted as under way, and stays so for the change: also one
/// that the count did not meet, as it was not stored at all.
#[tokio::test]
async fn those_that_end_after_the_count_stay() {
    let instance = recorded().await;
    let counted = call(&instance, Method::GET, "/exchanges/selection", "host:a,own", "").await.json();
    assert_eq!((&counted["exchanges"], &counted["open"]), (&json!(2), &json!(1)));
    let moment = counted["ended_by"].as_i64().unwrap();
    let mut ended = exchange(5, "a", "/x", &[], b"body");
    let before = ended.started_at.0;
    ended.timings.end_us = Some(moment + 1 - before);
    instance.store.sink().append(vec![Record::Finished(Arc::new(ended))]).await.unwrap();
    let bounds = format!("&up_to=1000&ended_by={moment}");
    let pin = async |method: Method, more: &str| {
        call(&instance, method, "/exchanges/selection/pin", "host:a", more).await.json()["changed"].clone()
    };
    assert_eq!(pin(Method::PUT, &bounds).await, 2);
    assert_eq!(pin(Method::DELETE, &bounds).await, 2);
    let again = call(&instance, Method::GET, "/exchanges/selection", "host:a", &bounds).await.json();
    assert_eq!((&again["exchanges"], &again["open"]), (&json!(2), &json!(1)));
    let deleted = call(&instance, Method::DELETE, "/exchanges", "host:a", &bounds).await.json();
    assert_eq!(deleted["deleted"], 2);
    assert_eq!(left(&instance).await, [6, 5, 4, 2]);
    let later = format!("&up_to=1000&ended_by={}", moment + 1);
    assert_eq!(call(&instance, Method::DELETE, "/exchanges", "host:a", &later).await.json()["deleted"], 1);
    instance.stop().await;
}

/// One that only the recorder's memory has at the count is not counted, and is not deleted once it is stored.
#[tokio::test]
async fn those_that_are_not_stored_stay() {
    let instance = recorded().await;
    let open = begin(&instance, "own");
    let id = open.id();
    let count = call(&instance, Method::GET, "/exchanges/selection", "host:own", "").await.json();
    assert_eq!((&count["exchanges"], &count["up_to"]), (&json!(0), &json!(id.0)));
    drop(open);
    instance.recorder.settle().await;
    assert!(instance.store.reader().exchange(id).await.unwrap().is_some());
    let bounds = format!("&up_to={}&ended_by={}", count["up_to"], count["ended_by"]);
    let deleted = call(&instance, Method::DELETE, "/exchanges", "host:own", &bounds).await.json();
    assert_eq!(deleted["deleted"], 0);
    assert_eq!(call(&instance, Method::DELETE, "/exchanges", "host:own", "").await.json()["deleted"], 1);
    instance.stop().await;
}

#[tokio::test]
async fn many_go_in_many_steps() {
    let instance = Instance::start().await;
    instance
        .record((1..=900).map(|id| exchange(id, if id % 3 == 0 { "a" } else { "b" }, "/", &[], b"")))
        .await;
    let deleted = call(&instance, Method::DELETE, "/exchanges", "host:b", "").await.json();
    assert_eq!(deleted, json!({"deleted": 600, "next_after": null}));
    assert_eq!(instance.get("/status").await.json()["database"]["exchanges"], 300);
    instance.stop().await;
}

#[tokio::test]
async fn nothing_is_deleted_by_mistake() {
    let instance = recorded().await;
    for (path, expect) in [
        ("?filter=", (422, "invalid")),
        ("?filter=%20", (422, "invalid")),
        ("?filter=staus:5", (400, "bad_filter")),
        ("?filtre=host:a", (400, "bad_request")),
        ("?up_to=3", (400, "bad_request")),
        ("?ended_by=3", (400, "bad_request")),
        ("?filter=host:a&up_to=x", (400, "bad_request")),
        ("?filter=host:a&ended_by=3", (400, "bad_request")),
    ] {
        let answer = instance.call(Method::DELETE, &format!("/exchanges{path}"), "").await;
        assert_eq!(answer.error(), (expect.0, expect.1.to_owned()), "{path}");
    }
    for path in ["/exchanges/selection", "/exchanges/selection/pin"] {
        let method = if path.ends_with("pin") { Method::PUT } else { Method::GET };
        assert_eq!(instance.call(method.clone(), path, "").await.error().0, 400);
        assert_eq!(call(&instance, method, path, "", "").await.error().0, 422);
    }
    assert_eq!(left(&instance).await.len(), 6);
    assert_ne!(instance.get("/exchanges/1").await.json(), Value::Null);
    instance.stop().await;
}
