//! Sealed secrets: who may have them shown, and where they may be sent.

use dashcam_exchange::{Destination, Exchange, Record, Redaction, Scheme, Seal, Timestamp, sample};
use hyper::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::instance::{Instance, exchange};

const SECRET: &str = "Zq7fW2nKx9Lr4TmVb8Yc";

/// Stores a seal, and an exchange with its placeholder that goes to `port`.
async fn recorded(instance: &Instance, port: u16) -> Exchange {
    let keys = &instance.keys;
    let id = keys.pseudonym(SECRET.as_bytes());
    let sealed = keys.seal(SECRET.as_bytes(), &id);
    let seal = Seal { id, sealed, expires_at: Timestamp(i64::MAX / 2) };
    instance.store.sink().append(vec![Record::Seal(Box::new(seal))]).await.unwrap();
    let mut recorded = exchange(1, "127.0.0.1", "/old", &[], b"");
    recorded.redaction = Some(Redaction { set: "default@00000000".into(), replaced: 1 });
    recorded.destination = Destination { scheme: Scheme::Http, host: "127.0.0.1".to_owned(), port };
    recorded.request.headers.push("Authorization", format!("Bearer ~sealed.credential.{id}~"));
    recorded.request_body = sample::body(b"");
    instance.record([recorded.clone()]).await;
    recorded
}

#[tokio::test]
async fn only_an_admin_sees_them() {
    let instance = Instance::start().await;
    recorded(&instance, 80).await;
    let operator = instance.token("operator").await.1;
    let bearer = format!("Bearer {operator}");
    for path in [
        "/exchanges/1",
        "/exchanges/1/curl",
        "/exchanges/1/snippet?format=go",
        "/exchanges/1/har",
        "/exchanges/1/export",
        "/export",
    ] {
        let plain = instance.get(path).await;
        let text = String::from_utf8_lossy(&plain.body);
        assert!(text.contains("~sealed.credential.") && !text.contains(SECRET), "{path}: {text}");
        if path.ends_with("/har") {
            continue;
        }
        let path = format!("{path}{}unseal=true", if path.contains('?') { '&' } else { '?' });
        let text = instance.get(&path).await.body;
        assert!(String::from_utf8_lossy(&text).contains(SECRET), "{path}: {text:?}");
        let fields = [("authorization", bearer.as_str())];
        let answer = instance.send(Method::GET, &format!("/api/v1{path}"), &fields, "").await;
        assert_eq!(answer.error(), (403, "role_needed".to_owned()), "{path}");
    }
    instance.stop().await;
}

#[tokio::test]
async fn an_operator_sends_them_only_where_they_were_recorded() {
    let instance = Instance::start().await;
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = origin.local_addr().unwrap().port();
    let recorded = recorded(&instance, port).await;
    let placeholder = recorded.request.headers.text("authorization").unwrap();
    let bearer = format!("Bearer {}", instance.token("operator").await.1);
    let fields = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let replay = async |edits: serde_json::Value| {
        instance.send(Method::POST, "/api/v1/exchanges/1/replay", &fields, &edits.to_string()).await
    };
    for edits in [
        json!({"url": format!("http://localhost:{port}/old")}),
        json!({"url": format!("http://127.0.0.1:{port}/{placeholder}").replace("Bearer ", "")}),
        json!({"set_headers": [["X-Note", placeholder]]}),
        json!({"body": placeholder}),
    ] {
        let answer = replay(edits.clone()).await;
        assert_eq!(answer.error(), (403, "role_needed".to_owned()), "{edits}");
    }
    let (answer, request) = tokio::join!(replay(json!({"set_headers": [["X-Note", "1"]]})), one(&origin));
    assert_eq!(answer.status, 201);
    assert!(request.contains(&format!("Authorization: Bearer {SECRET}\r\n")), "{request}");
    let (answer, request) = tokio::join!(
        replay(json!({"unseal": false, "url": format!("http://localhost:{port}/old")})),
        one(&origin)
    );
    assert_eq!(answer.status, 201);
    assert!(request.contains(placeholder), "{request}");
    instance.stop().await;
}

/// A secret that another set sealed, where the one in force does not find it again.
#[tokio::test]
async fn no_record_of_a_replay_has_them_in_clear() {
    let (instance, note) = (Instance::start().await, "blue-harbour-42");
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut recorded = recorded(&instance, origin.local_addr().unwrap().port()).await;
    let id = instance.keys.pseudonym(note.as_bytes());
    let sealed = instance.keys.seal(note.as_bytes(), &id);
    let seal = Seal { id, sealed, expires_at: Timestamp(i64::MAX / 2) };
    instance.store.sink().append(vec![Record::Seal(Box::new(seal))]).await.unwrap();
    recorded.id = dashcam_exchange::ExchangeId(2);
    recorded.request.headers.push("X-Note", format!("~sealed.chosen.{id}~"));
    instance.record([recorded]).await;
    let operator = instance.token("operator").await.1;
    let path = "/exchanges/2/replay";
    for answer in [
        instance.call_with(&operator, Method::POST, path, "{}").await,
        instance.call_with(&operator, Method::POST, path, r#"{"unseal": true}"#).await,
        instance.call(Method::POST, path, "{}").await,
    ] {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.error(), (409, "conflict".to_owned()), "{text}");
        assert!(text.contains("header x-note") && !text.contains(note), "{text}");
    }
    let replay = instance.call(Method::POST, path, r#"{"unseal": true}"#);
    let (answer, request) = tokio::join!(replay, one(&origin));
    assert_eq!(answer.status, 201);
    assert!(request.contains(&format!("X-Note: {note}\r\n")), "{request}");
    instance.stop().await;
}

/// A text in the shape of a placeholder that a client sent while redaction was off.
#[tokio::test]
async fn what_was_recorded_without_redaction_names_no_secret() {
    let instance = Instance::start().await;
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut recorded = recorded(&instance, origin.local_addr().unwrap().port()).await;
    recorded.id = dashcam_exchange::ExchangeId(2);
    recorded.redaction = None;
    let placeholder = recorded.request.headers.text("authorization").unwrap().to_owned();
    recorded.response_body = sample::body(placeholder.as_bytes());
    instance.record([recorded]).await;
    for path in ["", "/curl", "/response/body", "/response/text", "/export", "/har"] {
        let body = instance.get(&format!("/exchanges/2{path}?unseal=true")).await.body;
        let text = String::from_utf8_lossy(&body);
        assert!(!text.contains(SECRET), "{path}: {text}");
    }
    let replay = instance.call(Method::POST, "/exchanges/2/replay", "{}");
    let (answer, request) = tokio::join!(replay, one(&origin));
    assert_eq!(answer.status, 201);
    assert!(request.contains(&placeholder), "{request}");
    instance.stop().await;
}

/// Answers one request without a body, and says what it was.
async fn one(origin: &TcpListener) -> String {
    let (mut stream, _) = origin.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    String::from_utf8(request).unwrap()
}
