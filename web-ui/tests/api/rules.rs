//! Rules through the API.

use hyper::Method;
use serde_json::{Value, json};

use crate::instance::Instance;

fn names(rules: &Value) -> Vec<&str> {
    rules["rules"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn rules_are_added_at_their_places_and_removed() {
    let instance = Instance::start().await;
    let add = async |body: Value| instance.call(Method::POST, "/rules", &body.to_string()).await.json();
    let rule = |name: &str| json!({"name": name, "match": "host:a", "level": "metadata"});
    add(json!({"rule": rule("last")})).await;
    add(json!({"rule": rule("first"), "first": true, "why": "INC-1"})).await;
    let three = add(json!({"rule": rule("between"), "before": "last"})).await;
    assert_eq!(names(&three), ["first", "between", "last"]);
    assert_eq!(instance.get("/rules").await.json(), three);
    let counted: Vec<_> = three["counts"].as_array().unwrap().iter().map(|counts| &counts["name"]).collect();
    assert!(
        ["first", "between", "last", "default"].iter().all(|name| counted.contains(&&json!(name))),
        "{three}"
    );
    assert_eq!(three["default"], json!({"level": "full", "body_limit": 1 << 30}));
    let expect = json!({"name": "last", "match": "host:a", "level": "metadata", "sample": null, "body_limit": null,
        "guarantee": "best_effort", "keep_for": null, "follow": null});
    assert_eq!(three["rules"][2], expect);
    let two = instance.call(Method::DELETE, "/rules/between?why=done", "").await.json();
    assert_eq!(names(&two), ["first", "last"]);
    let history = instance.get("/settings/history").await.json();
    let told: Vec<_> = history["changes"].as_array().unwrap().iter().map(|change| &change["why"]).collect();
    assert_eq!(told, [&json!("done"), &Value::Null, &json!("INC-1"), &Value::Null]);
    assert_eq!(names(&history["changes"][0]["from"]), ["first", "between", "last"]);
    instance.stop().await;
}

#[tokio::test]
async fn a_list_is_replaced_only_as_it_was_read() {
    let instance = Instance::start().await;
    let epoch = instance.get("/rules").await.json()["epoch"].clone();
    let list = |epoch: &Value| {
        let rule = json!({"name": "a", "level": "full", "sample": "1% by client", "keep_for": "7d"});
        json!({"epoch": epoch, "rules": [rule]}).to_string()
    };
    let replaced = instance.call(Method::PUT, "/rules", &list(&epoch)).await.json();
    assert_eq!(replaced["rules"][0]["sample"], "1% by client");
    let again = instance.call(Method::PUT, "/rules", &list(&epoch)).await;
    assert_eq!(again.error(), (409, "conflict".to_owned()));
    assert_eq!(instance.call(Method::PUT, "/rules", &list(&Value::Null)).await.status, 200);
    instance.stop().await;
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_with_the_place() {
    let instance = Instance::start().await;
    instance.call(Method::POST, "/rules", r#"{"rule": {"name": "api", "level": "full"}}"#).await;
    let before = instance.get("/rules").await.json();
    for (method, path, body, status, expect) in [
        (
            Method::POST,
            "/rules",
            r#"{"rule": {"name": "a", "levle": "full"}}"#,
            422,
            "did you mean \u{201c}level\u{201d}?",
        ),
        (
            Method::POST,
            "/rules",
            r#"{"rule": {"name": "a", "level": "ful"}}"#,
            422,
            "did you mean \u{201c}full\u{201d}?",
        ),
        (Method::POST, "/rules", r#"{"rule": {"name": "a", "level": "full", "sample": "1"}}"#, 422, "is no"),
        (
            Method::POST,
            "/rules",
            r#"{"rule": {"name": "a", "level": "full"}, "before": "apo"}"#,
            404,
            "\u{201c}api\u{201d}?",
        ),
        (
            Method::POST,
            "/rules",
            r#"{"rule": {"name": "a", "level": "full"}, "before": "api", "first": true}"#,
            422,
            "both",
        ),
        (Method::DELETE, "/rules/other", "", 404, "`dashcam rule ls`"),
    ] {
        let answer = instance.call(method, path, body).await;
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(answer.status == status && message.contains(expect), "{body}: {} {message}", answer.status);
    }
    let body = r#"{"rule": {"name": "a", "level": "full", "match": "host:a staus:5xx"}}"#;
    let answer = instance.call(Method::POST, "/rules", body).await.json();
    let fault = &answer["error"];
    assert_eq!((&fault["code"], &fault["filter"]["column"]), (&json!("bad_filter"), &json!(8)));
    assert!(fault["message"].as_str().unwrap().starts_with("Rule a: in the filter, column 8"), "{fault}");
    assert_eq!(instance.get("/rules").await.json(), before);
    instance.stop().await;
}

#[tokio::test]
async fn a_test_tells_which_rule_decides_and_when() {
    let instance = Instance::start().await;
    let rules = json!([
        {"name": "health", "match": "path:/health", "level": "off"},
        {"name": "errors", "match": "host:api status:5xx", "level": "full"},
        {"name": "slow", "match": "dur:>1s", "level": "metadata"},
    ]);
    instance.call(Method::PUT, "/rules", &json!({"rules": rules}).to_string()).await;
    let test = async |tested: Value| {
        let answer = instance.call(Method::POST, "/rules/test", &tested.to_string()).await.json();
        let steps = answer["rules"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
        let last = steps.last().unwrap().clone();
        (last["rule"].as_str().unwrap().to_owned(), last["decides"].clone())
    };
    let url = "https://api.test/orders";
    for (tested, rule, decides) in [
        (json!({"method": "GET", "url": "https://api.test/health"}), "health", json!("request")),
        (json!({"method": "GET", "url": url, "status": 503}), "errors", json!("response")),
        (json!({"method": "GET", "url": url, "status": 200}), "default", Value::Null),
        (json!({"url": url, "status": 200, "duration_us": 2_000_000}), "slow", json!("end")),
        (json!({"url": url, "status": 200, "duration_us": 2000}), "default", json!("end")),
        (json!({"described": "host:api.test"}), "default", Value::Null),
        (json!({"described": "method:GET url:https://b.test/ status:200 dur:5ms"}), "default", json!("end")),
    ] {
        assert_eq!(test(tested.clone()).await, (rule.to_owned(), decides), "{tested}");
    }
    for (tested, expect) in [
        (json!({}), "describe one"),
        (json!({"exchange": 1, "method": "GET"}), "leave one of them out"),
        (json!({"url": "api.test"}), "is no URL"),
        (json!({"failure": "dns"}), "upstream/connect"),
        (json!({"described": "staus:200"}), "\u{201c}status\u{201d}"),
        (json!({"metod": "GET"}), "\u{201c}method\u{201d}"),
    ] {
        let answer = instance.call(Method::POST, "/rules/test", &tested.to_string()).await;
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(answer.status == 422 && message.contains(expect), "{tested}: {message}");
    }
    assert_eq!(instance.call(Method::POST, "/rules/test", r#"{"exchange": 99}"#).await.status, 404);
    instance.stop().await;
}
