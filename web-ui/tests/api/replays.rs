//! Requests sent again.

use std::time::Duration;

use dashcam_exchange::{BodyRecord, Destination, ExchangeId, RequestHead, Scheme, Version};
use hyper::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::instance::{Instance, exchange};

#[tokio::test]
async fn what_cannot_be_sent_again_is_refused() {
    let instance = Instance::start().await;
    let mut cut = exchange(1, "127.0.0.1", "/", &[], b"");
    cut.request_body = BodyRecord { size: 5, truncated: true, ..BodyRecord::default() };
    instance.record([cut]).await;
    for (path, body, error) in [
        ("/exchanges/2/replay", "", (404, "not_found")),
        ("/exchanges/1/replay", "", (409, "conflict")),
        ("/exchanges/1/replay", r#"{"url": "nonsense"}"#, (422, "invalid")),
        ("/exchanges/1/replay", r#"{"body": "a", "body_base64": "YQ=="}"#, (422, "invalid")),
        ("/exchanges/1/replay", r#"{"body_base64": "?"}"#, (422, "invalid")),
        ("/exchanges/1/replay", r#"{"colour": "red"}"#, (422, "invalid")),
        ("/exchanges/1/replay", "{", (400, "bad_request")),
    ] {
        let answer = instance.call(Method::POST, path, body).await;
        assert_eq!(answer.error(), (error.0, error.1.to_owned()), "{path} {body}");
    }
    instance.stop().await;
}

/// Answers one request with `ok` and says what it was.
async fn answer_one(origin: &TcpListener) -> String {
    let (mut stream, _) = origin.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"edited") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "{}", String::from_utf8_lossy(&request));
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
    String::from_utf8(request).unwrap()
}

/// The exchange once it has ended and is stored.
async fn stored(instance: &Instance, id: &Value) -> Value {
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let answer = instance.get(&format!("/exchanges/{id}")).await;
        if answer.status == 200 && answer.json()["state"] != "open" {
            return answer.json();
        }
        assert!(tokio::time::Instant::now() < until, "{id} is stored in time");
    }
}

#[tokio::test]
async fn an_edited_request_is_sent_and_recorded() {
    let instance = Instance::start().await;
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = origin.local_addr().unwrap().port();
    let mut recorded = exchange(1, "127.0.0.1", "/old", &[], b"");
    recorded.destination = Destination { scheme: Scheme::Http, host: "127.0.0.1".to_owned(), port };
    recorded.request.method = "PUT".to_owned();
    recorded.request.headers.push("Content-Length", "100");
    recorded.request.headers.push("X-Kept", "1");
    instance.record([recorded]).await;
    let edits = json!({"url": format!("http://127.0.0.1:{port}/new?q"), "body": "edited"}).to_string();
    let (answer, request) =
        tokio::join!(instance.call(Method::POST, "/exchanges/1/replay", &edits), answer_one(&origin));
    assert_eq!(answer.status, 201);
    assert!(request.starts_with("PUT /new?q HTTP/1.1\r\n") && request.contains("X-Kept: 1\r\n"), "{request}");
    assert!(request.contains("Content-Length: 6\r\n") && !request.contains("100"), "{request}");
    let replay = stored(&instance, &answer.json()["id"]).await;
    assert_eq!((&replay["state"], &replay["replay_of"]), (&json!("complete"), &json!(1)));
    assert_eq!((&replay["status"], &replay["request_body"]["size"]), (&json!(200), &json!(6)));
    instance.stop().await;
}

/// A request that came over HTTP/2 goes to an upstream without TLS as it was passed on there, or as the edit asks.
#[tokio::test]
async fn what_came_over_http2_goes_over_http1_where_there_is_no_tls() {
    let instance = Instance::start().await;
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = origin.local_addr().unwrap().port();
    let http = Destination { scheme: Scheme::Http, host: "127.0.0.1".to_owned(), port };
    let mut passed_on = exchange(1, "127.0.0.1", "/old", &[], b"");
    passed_on.destination = http;
    (passed_on.request.version, passed_on.request.authority) =
        (Version::Http2, Some("front.test".to_owned()));
    let mut encrypted = passed_on.clone();
    (encrypted.id, encrypted.destination.scheme) = (ExchangeId(2), Scheme::Https);
    passed_on.request_sent = Some(RequestHead { version: Version::Http11, ..passed_on.request.clone() });
    instance.record([passed_on, encrypted]).await;
    for id in [1, 2] {
        let edits = json!({"method": "PUT", "url": format!("http://127.0.0.1:{port}/new"), "body": "edited"});
        let (path, edits) = (format!("/exchanges/{id}/replay"), edits.to_string());
        let (answer, request) = tokio::join!(instance.call(Method::POST, &path, &edits), answer_one(&origin));
        assert_eq!(answer.status, 201);
        assert!(request.starts_with("PUT /new HTTP/1.1\r\n"), "{request}");
        assert_eq!(stored(&instance, &answer.json()["id"]).await["state"], "complete");
    }
    instance.stop().await;
}

#[tokio::test]
async fn a_new_request_is_sent_and_recorded() {
    let instance = Instance::start().await;
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = origin.local_addr().unwrap().port();
    let new = json!({
        "method": "PUT",
        "url": format!("http://127.0.0.1:{port}/new?q#part"),
        "headers": [["X-A", "1"], ["X-A", "2"], ["Content-Length", "100"]],
        "body": "edited",
    });
    let new = new.to_string();
    let (answer, request) =
        tokio::join!(instance.call(Method::POST, "/exchanges", &new), answer_one(&origin));
    assert_eq!(answer.status, 201);
    let expect = format!("PUT /new?q HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-A: 1\r\nX-A: 2\r\n");
    assert!(request.starts_with(&expect), "{request}");
    assert!(request.contains("Content-Length: 6\r\n") && !request.contains("100"), "{request}");
    let recorded = stored(&instance, &answer.json()["id"]).await;
    assert_eq!((&recorded["state"], &recorded["replay_of"]), (&json!("complete"), &Value::Null));
    assert_eq!((&recorded["status"], &recorded["request_body"]["size"]), (&json!(200), &json!(6)));
    instance.stop().await;
}

#[tokio::test]
async fn what_is_no_request_is_not_sent() {
    let instance = Instance::start().await;
    for (body, error) in [
        ("{", (400, "bad_request")),
        (r#"{"method": "GET"}"#, (422, "invalid")),
        (r#"{"url": "ftp://a/"}"#, (422, "invalid")),
        (r#"{"url": "http://a/ b"}"#, (422, "invalid")),
        (r#"{"url": "http://a/", "method": "CONNECT"}"#, (422, "invalid")),
        (r#"{"url": "http://a/", "headers": [["A B", "c"]]}"#, (422, "invalid")),
        (r#"{"url": "http://a/", "body": "a", "body_base64": "YQ=="}"#, (422, "invalid")),
        (r#"{"url": "http://a/", "unseal": true}"#, (422, "invalid")),
    ] {
        let answer = instance.call(Method::POST, "/exchanges", body).await;
        assert_eq!(answer.error(), (error.0, error.1.to_owned()), "{body}");
    }
    instance.stop().await;
}
