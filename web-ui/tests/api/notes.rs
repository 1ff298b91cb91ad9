//! Notes of exchanges, over the API.

use hyper::Method;
use serde_json::json;

use crate::instance::{Instance, exchange};

#[tokio::test]
async fn they_are_changed_shown_and_found() {
    let instance = Instance::start().await;
    instance.record((1..=3).map(|id| exchange(id, "a", "/", &[], b"body"))).await;
    let note = async |id: i64, change: serde_json::Value| {
        instance.call(Method::PATCH, &format!("/exchanges/{id}/note"), &change.to_string()).await
    };
    let first = note(2, json!({"comment": "look", "tags": ["a", "b"]})).await.json();
    assert_eq!(first, json!({"comment": "look", "tags": ["a", "b"]}));
    let second = note(2, json!({"untag": ["a"], "tags": ["c"], "comment": null})).await.json();
    assert_eq!(second, json!({"comment": "look", "tags": ["b", "c"]}));
    assert_eq!(instance.get("/exchanges/2").await.json()["note"], second);
    assert_eq!(instance.get("/exchanges/1").await.json()["note"], json!({"comment": "", "tags": []}));
    for (filter, expect) in [("tag:b", 1), ("tag:a", 0), ("comment:*", 1), ("-tag:*", 2)] {
        let page = instance.get(&format!("/exchanges?filter={filter}")).await.json();
        assert_eq!(page["exchanges"].as_array().unwrap().len(), expect, "{filter}");
    }
    let har = instance.get("/exchanges/2/har").await.json();
    let entry = &har["log"]["entries"][0];
    assert_eq!((&entry["comment"], &entry["_tags"]), (&json!("look"), &json!(["b", "c"])));
    for tens in 0..20 {
        let tags: Vec<_> = (0..10).map(|number| format!("t{tens}{number}")).collect();
        assert_eq!(note(3, json!({"tags": tags})).await.status, 200);
    }
    for (id, change, expect) in [
        (9, json!({"comment": "x"}), (404, "not_found")),
        (2, json!({"tags": ["a\nb"]}), (422, "invalid")),
        (2, json!({"coment": "x"}), (422, "invalid")),
        (3, json!({"tags": ["one more"]}), (422, "invalid")),
    ] {
        assert_eq!(note(id, change.clone()).await.error(), (expect.0, expect.1.to_owned()), "{change}");
    }
    instance.stop().await;
}
