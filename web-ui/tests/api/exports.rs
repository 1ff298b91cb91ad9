//! The recording as HAR.

use dashcam_exchange::{BodyRecord, Failure, Side, Stage, State};
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};

#[tokio::test]
async fn har_has_every_field_that_the_format_demands() {
    let instance = Instance::start().await;
    let fields = [
        ("Content-Type", "text/plain"),
        ("Set-Cookie", "a=b; Path=/x; Secure; Expires=Sun, 06 Nov 1994 08:49:37 GMT"),
    ];
    let mut first = exchange(1, "a", "/p?q=a+b&r=%C3%BC&s", &fields, "tëxt".as_bytes());
    first.request.headers.push("Cookie", "x=1; y=2=3");
    first.request_body =
        BodyRecord { size: 2, stored: 2, complete: true, rest: b"{}".to_vec(), ..BodyRecord::default() };
    let mut failed = exchange(2, "a", "/", &[], b"");
    failed.state = State::Failed;
    failed.response = None;
    failed.failure = Some(Failure::new(Side::Upstream, Stage::Connect, "refused"));
    instance.record([first, failed, exchange(3, "b", "/", &[], b"\0")]).await;
    let answer = instance.get("/export.har?filter=http://a").await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"dashcam.har\"");
    let log = &answer.json()["log"];
    assert_eq!((&log["version"], &log["creator"]["name"]), (&json!("1.2"), &json!("dashcam")));
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    entries.iter().for_each(check_demanded);
    let (request, response) = (&entries[0]["request"], &entries[0]["response"]);
    let pair = |name: &str, value: &str| json!({"name": name, "value": value});
    assert_eq!(request["queryString"], json!([pair("q", "a b"), pair("r", "ü"), pair("s", "")]));
    assert_eq!(request["cookies"], json!([pair("x", "1"), pair("y", "2=3")]));
    assert_eq!(request["postData"]["text"], "{}");
    assert_eq!(response["content"], json!({"size": 5, "mimeType": "text/plain", "text": "tëxt"}));
    let cookie = &response["cookies"][0];
    assert_eq!(
        (&cookie["path"], &cookie["secure"], &cookie["expires"]),
        (&json!("/x"), &json!(true), &json!("1994-11-06T08:49:37Z"))
    );
    assert_eq!(
        (&entries[1]["response"]["status"], &entries[1]["_failure"]["stage"]),
        (&json!(0), &json!("connect"))
    );
    let binary = instance.get("/export.har?filter=http://b").await.json();
    let content = &binary["log"]["entries"][0]["response"]["content"];
    assert_eq!((&content["text"], &content["encoding"]), (&json!("AA=="), &json!("base64")));
    let none = instance.get("/export.har?filter=nothing").await.json();
    assert_eq!(none["log"]["entries"], json!([]));
    instance.stop().await;
}

fn check_demanded(entry: &Value) {
    let demanded = [
        ("", "startedDateTime time request response cache timings"),
        ("/request", "method url httpVersion cookies headers queryString headersSize bodySize"),
        (
            "/response",
            "status statusText httpVersion cookies headers content redirectURL headersSize bodySize",
        ),
        ("/response/content", "size mimeType"),
        ("/timings", "send wait receive"),
    ];
    for (object, names) in demanded {
        let object = entry.pointer(object).unwrap();
        for name in names.split(' ') {
            assert!(object.get(name).is_some_and(|value| !value.is_null()), "{name} in {object}");
        }
    }
}

#[tokio::test]
async fn more_than_a_page_of_exchanges_is_exported_in_order() {
    let instance = Instance::start().await;
    instance.record((1..=450).map(|id| exchange(id, "a", "/", &[], b""))).await;
    let har = instance.get("/export.har").await.json();
    let ids: Vec<i64> = har["log"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["_id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids, (1..=450).collect::<Vec<_>>());
    instance.stop().await;
}
