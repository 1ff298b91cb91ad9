//! The recording as files.

use dashcam_exchange::{BodyRecord, Failure, Redaction, Side, Stage, State, StoredAs};
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

#[tokio::test]
async fn what_is_redacted_says_so_and_is_not_decoded() {
    let instance = Instance::start().await;
    let stored = r#"{"token":"~masked.token.lt32~"}"#;
    let fields = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
    let mut first = exchange(1, "a", "/", &fields, stored.as_bytes());
    first.redaction = Some(Redaction { set: "default@1a2b3c4d".into(), replaced: 1 });
    first.response_body.stored_as = StoredAs::Redacted;
    first.response_body.size = 20;
    first.request_body =
        BodyRecord { size: 7, complete: true, stored_as: StoredAs::Withheld, ..BodyRecord::default() };
    instance.record([first]).await;
    let har = instance.get("/export.har").await.json();
    let entry = &har["log"]["entries"][0];
    assert_eq!(entry["_redaction"], json!({"set": "default@1a2b3c4d", "replaced": 1}));
    let content = json!({
        "size": stored.len(), "mimeType": "application/json", "_stored_as": "redacted", "text": stored,
    });
    assert_eq!(entry["response"]["content"], content);
    assert_eq!(entry["request"]["postData"]["_stored_as"], "withheld");
    let shown = instance.get("/exchanges/1").await.json();
    assert_eq!(shown["redaction"], json!({"set": "default@1a2b3c4d", "replaced": 1}));
    assert_eq!(shown["request_body"]["stored_as"], "withheld");
    assert_eq!(shown["response_body"]["stored_as"], "redacted");
    let line = instance.get("/export?format=ndjson").await.json();
    assert_eq!(line["response_body"]["text"], stored);
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

#[tokio::test]
async fn each_line_of_ndjson_is_an_exchange_with_its_bodies() {
    let instance = Instance::start().await;
    let mut first = exchange(1, "a", "/1", &[("Content-Type", "text/plain")], "tëxt\n".as_bytes());
    first.request_body =
        BodyRecord { size: 2, stored: 2, complete: true, rest: b"{}".to_vec(), ..BodyRecord::default() };
    instance.record([first, exchange(2, "a", "/2", &[], b"\0")]).await;
    let answer = instance.get("/export?format=ndjson&filter=http://a").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"dashcam.ndjson\"");
    let text = std::str::from_utf8(&answer.body).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    for (line, id) in lines.iter().zip(1..) {
        let shown = instance.get(&format!("/exchanges/{id}")).await.json();
        check_exchange(line.clone(), &shown);
    }
    let bodies = |line: &Value, name: &str| (line[name]["text"].clone(), line[name]["base64"].clone());
    assert_eq!(bodies(&lines[0], "request_body"), (json!("{}"), Value::Null));
    assert_eq!(bodies(&lines[0], "response_body"), (json!("tëxt\n"), Value::Null));
    assert_eq!(bodies(&lines[1], "request_body"), (Value::Null, Value::Null));
    assert_eq!(bodies(&lines[1], "response_body"), (Value::Null, json!("AA==")));
    let one = instance.get("/exchanges/2/export?format=ndjson").await;
    assert_eq!(one.header("content-disposition"), "attachment; filename=\"exchange-2.ndjson\"");
    assert_eq!(one.json(), lines[1]);
    instance.stop().await;
}

/// A line is what the API shows, and more.
fn check_exchange(mut line: Value, shown: &Value) {
    assert_eq!(line.as_object_mut().unwrap().remove("messages"), Some(json!([])));
    assert_eq!(line.as_object_mut().unwrap().remove("secrets"), Some(json!("as_recorded")));
    for body in ["request_body", "response_body"] {
        let body = line[body].as_object_mut().unwrap();
        for name in ["text", "base64", "note"] {
            assert!(body.remove(name).is_some(), "{name} in {body:?}");
        }
    }
    assert_eq!(line, *shown);
}

#[tokio::test]
async fn formats_are_named() {
    let instance = Instance::start().await;
    instance.record([exchange(1, "a", "/", &[], b"")]).await;
    let har = instance.get("/export.har").await;
    for path in ["/export", "/export?format=har"] {
        let named = instance.get(path).await;
        assert_eq!(named.body, har.body, "{path}");
        assert_eq!(named.header("content-disposition"), "attachment; filename=\"dashcam.har\"");
    }
    let expect = "unknown format \u{201c}xml\u{201d}; expected har or ndjson.";
    for path in ["/export?format=xml", "/exchanges/1/export?format=xml"] {
        let (status, body) = {
            let answer = instance.get(path).await;
            (answer.status, answer.json())
        };
        assert_eq!((status, &body["error"]["message"]), (400.try_into().unwrap(), &json!(expect)), "{path}");
    }
    instance.stop().await;
}
