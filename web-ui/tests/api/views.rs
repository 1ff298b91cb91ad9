//! Bodies and messages as what they are.

use dashcam_exchange::{Direction, ExchangeId, Message, MessageKind, Record, Timestamp};
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};

fn names(views: &Value) -> Vec<&str> {
    let views = views["views"].as_array().unwrap();
    views.iter().map(|view| view["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_views_that_fit_a_body_come_best_first() {
    let instance = Instance::start().await;
    instance
        .record([
            exchange(1, "a", "/", &[("Content-Type", "application/json")], br#"{"a":[1]}"#),
            exchange(2, "a", "/", &[("Content-Type", "image/png")], b"\x89PNG\r\n\x1a\n\0\0"),
        ])
        .await;
    let views = instance.get("/exchanges/1/response/views").await.json();
    assert_eq!(names(&views), ["json", "text", "hex"]);
    assert_eq!(views["views"][0], json!({"name": "json", "title": "JSON", "kind": "text"}));
    assert_eq!(names(&instance.get("/exchanges/2/response/views").await.json()), ["hex"]);
    assert_eq!(names(&instance.get("/exchanges/1/request/views").await.json()), Vec::<&str>::new());
    let best = instance.get("/exchanges/1/response/view").await.json();
    let expect = json!({"name": "json", "title": "JSON", "charset": "utf-8", "encoding": null, "size": 9,
        "truncated": false, "note": null,
        "shown": {"kind": "text", "language": "json", "text": "{\n  \"a\": [\n    1\n  ]\n}"}});
    assert_eq!(best, expect);
    let cannot = instance.get("/exchanges/2/response/view?name=json").await.json();
    assert_eq!((&cannot["shown"], &cannot["note"]), (&Value::Null, &json!("It can't be shown as JSON.")));
    instance.stop().await;
}

#[tokio::test]
async fn bytes_come_page_by_page() {
    let instance = Instance::start().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    instance.record([exchange(1, "a", "/", &[("Content-Type", "font/woff2")], &bytes)]).await;
    let page = |query: &'static str| instance.get(query);
    let first = page("/exchanges/1/response/view?name=hex&limit=3").await.json();
    assert_eq!(first["shown"]["data"], "AAEC");
    assert_eq!((&first["shown"]["offset"], &first["shown"]["more"]), (&json!(0), &json!(true)));
    let second = page("/exchanges/1/response/view?name=hex&limit=3&offset=40001").await.json();
    assert_eq!((&second["shown"]["data"], &second["shown"]["offset"]), (&json!("QUJD"), &json!(40001)));
    let last = page("/exchanges/1/response/view?name=hex&offset=99999").await.json();
    let expect = json!({"kind": "hex", "offset": 99999, "data": "nw==", "size": 100_000, "more": false});
    assert_eq!((&last["shown"], &last["truncated"]), (&expect, &json!(false)));
    let behind = page("/exchanges/1/response/view?name=hex&offset=100001").await.json();
    assert_eq!((&behind["shown"]["data"], &behind["shown"]["more"]), (&json!(""), &json!(false)));
    instance.stop().await;
}

#[tokio::test]
async fn bytes_of_a_coded_body_are_decoded_or_those_that_came() {
    let instance = Instance::start().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let coded = zstd::encode_all(&*bytes, 3).unwrap();
    let fields = [("Content-Type", "font/woff2"), ("Content-Encoding", "zstd")];
    instance.record([exchange(1, "a", "/", &fields, &coded)]).await;
    let shown = async |query: &str| {
        let viewed = instance.get(&format!("/exchanges/1/response/view?name=hex{query}")).await.json();
        assert_eq!((&viewed["encoding"], &viewed["note"]), (&json!("zstd"), &json!(null)), "{query}");
        viewed["shown"].clone()
    };
    let last = json!({"kind": "hex", "offset": 2_999_999, "data": "vw==", "size": 3_000_000, "more": false});
    assert_eq!(shown("&offset=2999999").await, last);
    // Behind the end is the whole size.
    let end = shown("&offset=9007199254740991&limit=0").await;
    assert_eq!((&end["size"], &end["more"]), (&json!(3_000_000), &json!(false)));
    let stored = shown("&stored=true&limit=4").await;
    assert_eq!((&stored["data"], &stored["more"]), (&json!("KLUv/Q=="), &json!(true)), "zstd's first bytes");
    let end = shown("&stored=true&offset=9007199254740991&limit=0").await;
    assert_eq!((&end["size"], &end["more"]), (&json!(coded.len()), &json!(false)));
    instance.stop().await;
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let instance = Instance::start().await;
    instance.record([exchange(1, "a", "/", &[], b"{}")]).await;
    let check = async |path: &str, status: u16, code: &str| {
        let answer = instance.get(path).await;
        assert_eq!(answer.error(), (status, code.to_owned()), "{path}");
    };
    check("/exchanges/1/response/view?name=nope", 422, "invalid").await;
    check("/exchanges/1/response/view?limit=4194305", 400, "bad_request").await;
    check("/exchanges/1/response/view?name=hex&limit=262145", 400, "bad_request").await;
    check("/exchanges/1/response/view?name=text&stored=true", 400, "bad_request").await;
    check("/exchanges/1/response/view?name=json&offset=1", 400, "bad_request").await;
    check("/exchanges/9/response/views", 404, "not_found").await;
    check("/exchanges/1/messages/0/view", 404, "not_found").await;
    let named = instance.get("/exchanges/1/response/view?name=nope").await.json();
    assert!(named["error"]["message"].as_str().unwrap().contains("json"), "{named}");
    instance.stop().await;
}

#[tokio::test]
async fn a_message_is_shown_like_a_body() {
    let instance = Instance::start().await;
    let socket = exchange(1, "a", "/", &[("Upgrade", "websocket")], b"");
    let data = br#"{"a":1}"#.to_vec();
    let message = Message {
        exchange: ExchangeId(1),
        seq: 0,
        at: Timestamp(1),
        direction: Direction::Response,
        kind: MessageKind::Binary,
        size: data.len() as u64,
        coding: None,
        redacted: false,
        data,
    };
    instance.record([socket]).await;
    instance.store.sink().append(vec![Record::Message(Box::new(message))]).await.unwrap();
    let views = instance.get("/exchanges/1/messages/0/views").await.json();
    assert_eq!(names(&views), ["json", "text", "hex"]);
    let shown = instance.get("/exchanges/1/messages/0/view").await.json();
    assert_eq!((&shown["shown"]["text"], &shown["truncated"]), (&json!("{\n  \"a\": 1\n}"), &json!(false)));
    instance.stop().await;
}

#[tokio::test]
async fn each_kind_has_its_shape() {
    let instance = Instance::start().await;
    let sse = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n";
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n";
    let typed = |media_type: &'static str| [("Content-Type", media_type)];
    instance
        .record([
            exchange(1, "a", "/v1/chat/completions", &typed("text/event-stream"), sse.as_bytes()),
            exchange(2, "a", "/", &typed("application/x-protobuf"), &[0x08, 0x96, 0x01]),
            exchange(3, "a", "/", &typed("multipart/form-data; boundary=b"), multipart.as_bytes()),
            exchange(4, "a", "/", &typed("text/csv"), b"a,b\n1,2\n"),
        ])
        .await;
    let shown =
        async |id: i64| instance.get(&format!("/exchanges/{id}/response/view")).await.json()["shown"].clone();
    let turn = json!({"role": "assistant", "name": null, "parts": [{"kind": "text", "text": "Hi"}]});
    let conversation = json!({"kind": "conversation", "api": "openai-chat", "model": null, "streamed": true,
        "turns": [turn], "tools": [], "settings": [], "stop_reason": null, "tokens": null, "error": null});
    assert_eq!(shown(1).await, conversation);
    let node = json!({"name": "1", "type": "varint", "value": "150", "nodes": []});
    assert_eq!(shown(2).await, json!({"kind": "tree", "nodes": [node]}));
    let table = json!({"kind": "table", "columns": ["name", "filename", "type", "charset", "size"],
        "rows": [["a", "", "", "", "1"]], "more": false});
    let text = json!({"kind": "text", "language": "plain", "text": "x"});
    let sections = json!([{"title": "Parts", "shown": table}, {"title": "a", "shown": text}]);
    assert_eq!(shown(3).await, json!({"kind": "sections", "sections": sections}));
    let table = json!({"kind": "table", "columns": ["a", "b"], "rows": [["1", "2"]], "more": false});
    assert_eq!(shown(4).await, table);
    instance.stop().await;
}
