//! Bodies: as stored, and for reading.

use std::sync::Arc;

use dashcam_exchange::{BodyRecord, Direction, ExchangeId, Record, Redaction, StoredAs};
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, TOKEN, exchange};

#[tokio::test]
async fn a_body_is_an_attachment_and_comes_whole() {
    let instance = Instance::start().await;
    let mut large = exchange(1, "a", "/", &[("Content-Type", "text/html")], b"");
    let part = |seq, byte| Record::BodyPart {
        exchange: ExchangeId(1),
        direction: Direction::Response,
        seq,
        data: vec![byte; 300_000],
    };
    large.response_body = BodyRecord {
        size: 600_002,
        stored: 600_002,
        complete: true,
        parts: 2,
        rest: b"!?".to_vec(),
        ..BodyRecord::default()
    };
    let records = vec![
        Record::Opened(Box::new(large.clone())),
        part(0, b'a'),
        part(1, b'b'),
        Record::Finished(Arc::new(large)),
    ];
    instance.store.sink().append(records).await.unwrap();
    let answer = instance.get("/exchanges/1/response/body").await;
    let expect = [vec![b'a'; 300_000], vec![b'b'; 300_000], b"!?".to_vec()].concat();
    assert!(answer.body == expect, "{} bytes", answer.body.len());
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"exchange-1-response\"");
    assert_eq!(
        (answer.header("x-content-type-options"), answer.header("content-length")),
        ("nosniff", "600002")
    );
    assert_eq!(instance.get("/exchanges/1/request/body").await.error(), (404, "not_found".to_owned()));
    assert_eq!(instance.get("/exchanges/1/sideways/body").await.error(), (400, "bad_request".to_owned()));
    assert_eq!(instance.get("/exchanges/2/response/body").await.error(), (404, "not_found".to_owned()));
    instance.stop().await;
}

#[tokio::test]
async fn a_body_for_reading() {
    let instance = Instance::start().await;
    let encoded = zstd_of(&"line\n".repeat(100));
    let fields = [("Content-Type", "text/plain"), ("Content-Encoding", "zstd")];
    instance.record([exchange(1, "a", "/", &fields, &encoded), exchange(2, "a", "/", &[], b"\0\x01")]).await;
    let text = instance.get("/exchanges/1/response/text?limit=10").await.json();
    let expect = json!({"text": "line\nline\n", "encoding": "zstd", "charset": "utf-8", "size": 10,
        "truncated": true, "binary": false, "note": null});
    assert_eq!(text, expect);
    let text = instance.get("/exchanges/1/response/text").await.json();
    assert_eq!((&text["size"], &text["truncated"]), (&json!(500), &json!(false)));
    let binary = instance.get("/exchanges/2/response/text").await.json();
    assert_eq!(
        (&binary["text"], &binary["binary"], &binary["size"]),
        (&Value::Null, &json!(true), &json!(2))
    );
    let over = instance.get("/exchanges/1/response/text?limit=16777217").await;
    assert_eq!(over.error(), (400, "bad_request".to_owned()));
    instance.stop().await;
}

#[tokio::test]
async fn a_body_is_decoded_on_request() {
    let instance = Instance::start().await;
    let encoded = zstd_of(&"{}\n".repeat(100_000));
    let fields = [("Content-Type", "application/json; charset=utf-8"), ("Content-Encoding", "zstd")];
    instance
        .record([exchange(1, "a", "/", &fields, &encoded), exchange(2, "a", "/", &fields, b"none")])
        .await;
    for query in ["decoded", "decoded=true"] {
        let answer = instance.get(&format!("/exchanges/1/response/body?{query}")).await;
        assert!(answer.body == "{}\n".repeat(100_000).as_bytes(), "{} bytes", answer.body.len());
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        let named = "attachment; filename=\"exchange-1-response.json\"";
        assert_eq!(answer.header("content-disposition"), named);
    }
    let answer = instance.get("/exchanges/1/response/body?decoded=false").await;
    assert!(answer.body == encoded && answer.header("content-type") == "application/octet-stream");
    let refused = instance.get("/exchanges/2/response/body?decoded").await;
    assert_eq!(refused.error(), (409, "conflict".to_owned()));
    let bad = instance.get("/exchanges/1/response/body?decoded=maybe").await;
    assert_eq!(bad.error(), (400, "bad_request".to_owned()));
    instance.stop().await;
}

/// Its stored bytes have no coding any more, whatever its head says.
#[tokio::test]
async fn a_redacted_body_is_not_decoded_again() {
    let instance = Instance::start().await;
    let stored = r#"{"a":"~sealed.token.0123456789abcdef01234567~"}"#;
    for (id, coding) in (1..).zip(["gzip", "deflate", "br", "zstd", "gzip, br", "x-unknown"]) {
        let fields = [("Content-Type", "application/json"), ("Content-Encoding", coding)];
        let mut redacted = exchange(id, "a", "/", &fields, stored.as_bytes());
        redacted.redaction = Some(Redaction { set: "default@1a2b3c4d".into(), replaced: 1 });
        redacted.response_body.stored_as = StoredAs::Redacted;
        redacted.response_body.size = 33;
        instance.record([redacted]).await;
        let path = format!("/exchanges/{id}/response");
        let text = instance.get(&format!("{path}/text")).await.json();
        assert_eq!(
            (&text["text"], &text["encoding"], &text["note"]),
            (&json!(stored), &json!(coding), &Value::Null)
        );
        for query in ["", "?decoded", "?unseal=true", "?decoded&unseal=true"] {
            let answer = instance.get(&format!("{path}/body{query}")).await;
            assert_eq!(String::from_utf8_lossy(&answer.body), stored, "{coding} {query}");
        }
        let har = instance.get(&format!("/exchanges/{id}/har")).await.json();
        assert_eq!(har["log"]["entries"][0]["response"]["content"]["text"], stored, "{coding}");
        let line = instance.get(&format!("/exchanges/{id}/export?format=ndjson")).await.json();
        assert_eq!(line["response_body"]["text"], stored, "{coding}");
    }
    instance.stop().await;
}

fn zstd_of(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).unwrap()
}

#[tokio::test]
async fn a_curl_command_and_snippets() {
    let instance = Instance::start().await;
    instance.record([exchange(1, "a", "/x?y='", &[], b"")]).await;
    let answer = instance.get("/exchanges/1/curl").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.starts_with("curl 'http://a/x?y='\\''' \\\n"), "{text}");
    let answer = instance.get("/exchanges/1/snippet?format=fetch").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains("await fetch(\"http://a/x?y='\", {"), "{text}");
    let answer = instance.get("/exchanges/1/snippet?format=cobol").await;
    assert_eq!(answer.error(), (422, "invalid".to_owned()));
    let message = answer.json()["error"]["message"].to_string();
    assert!(message.contains("cobol") && message.contains("curl, powershell, fetch"), "{message}");
    instance.stop().await;
}

#[tokio::test]
async fn a_page_is_shown_in_a_frame_of_ours_only_and_does_nothing_there() {
    let instance = Instance::start().await;
    let html = [("Content-Type", "text/html; charset=\"utf-8\"; x=y")];
    let odd = [("Content-Type", "Text/HTML; charset=a/b")];
    let pdf = [("Content-Type", "application/pdf; x=text/html")];
    let script = [("Content-Type", "text/javascript")];
    instance
        .record([
            exchange(1, "a", "/", &html, b"<p>a</p>"),
            exchange(2, "a", "/", &pdf, b"%PDF-"),
            exchange(3, "a", "/", &script, b"alert(1)"),
            exchange(4, "a", "/", &odd, b"<p>b</p>"),
        ])
        .await;
    let page = instance.get("/exchanges/1/response/preview").await;
    assert_eq!((page.status.as_u16(), page.body.as_ref()), (200, &b"<p>a</p>"[..]));
    assert_eq!(page.header("content-type"), "text/html; charset=\"utf-8\"");
    assert_eq!(page.header("x-frame-options"), "SAMEORIGIN");
    assert_eq!(page.header("x-dns-prefetch-control"), "off");
    let policy = page.header("content-security-policy");
    assert!(policy.ends_with("frame-ancestors 'self'; sandbox"), "{policy}");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert_eq!(instance.get("/exchanges/4/response/preview").await.header("content-type"), "text/html");
    let document = instance.get("/exchanges/2/response/preview").await;
    assert_eq!(document.header("content-type"), "application/pdf");
    assert!(!document.header("content-security-policy").contains("sandbox"));
    let refused = instance.get("/exchanges/3/response/preview").await;
    assert_eq!(refused.header("x-frame-options"), "DENY");
    assert_eq!(refused.error(), (422, "invalid".to_owned()));
    let bearer = format!("Bearer {TOKEN}");
    for (purpose, status) in [("iframe", 200), ("embed", 200), ("document", 403), ("empty", 403)] {
        let fields = [("authorization", bearer.as_str()), ("sec-fetch-dest", purpose)];
        let path = "/api/v1/exchanges/1/response/preview";
        assert_eq!(instance.send(Method::GET, path, &fields, "").await.status, status, "{purpose}");
    }
    instance.stop().await;
}
