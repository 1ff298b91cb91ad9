//! Large texts: lists have the beginning, an address of its own has the whole, and an answer that breaks off looks
//! broken.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use dashcam_exchange::{
    BodyRecord, Direction, Exchange, ExchangeId, Message, MessageKind, Record, Timestamp,
};
use http_body_util::BodyExt as _;
use serde_json::json;

use crate::instance::{Instance, exchange};

fn message(seq: u32, kind: MessageKind, data: Vec<u8>) -> Record {
    let (exchange, at, direction) = (ExchangeId(1), Timestamp(0), Direction::Request);
    let size = data.len() as u64;
    Record::Message(Box::new(Message {
        exchange,
        seq,
        at,
        direction,
        kind,
        size,
        coding: None,
        redacted: false,
        data,
    }))
}

async fn with_messages(messages: Vec<Record>) -> Instance {
    let instance = Instance::start().await;
    let opened = Record::Opened(Box::new(exchange(1, "a", "/", &[], b"")));
    let finished = Record::Finished(Arc::new(exchange(1, "a", "/", &[], b"")));
    let records = [opened].into_iter().chain(messages).chain([finished]).collect();
    instance.store.sink().append(records).await.unwrap();
    instance
}

/// An exchange whose response is stored in `count` parts of 256 KiB of `byte`.
async fn with_parts(fields: &[(&str, &str)], count: u32, byte: u8) -> Instance {
    let instance = Instance::start().await;
    let size = u64::from(count) << 18;
    let mut large = exchange(1, "a", "/", fields, b"");
    large.response_body =
        BodyRecord { size, stored: size, complete: true, parts: count, ..BodyRecord::default() };
    let part = |seq| Record::BodyPart {
        exchange: ExchangeId(1),
        direction: Direction::Response,
        seq,
        data: vec![byte; 1 << 18],
    };
    instance.store.sink().append(vec![Record::Opened(Box::new(large.clone()))]).await.unwrap();
    for seq in 0..count {
        instance.store.sink().append(vec![part(seq)]).await.unwrap();
    }
    instance.store.sink().append(vec![Record::Finished(Arc::new(large))]).await.unwrap();
    instance
}

#[tokio::test]
async fn a_list_has_previews_of_messages() {
    let large = "ü".repeat(40_000);
    let messages = vec![
        message(0, MessageKind::Text, b"hi".to_vec()),
        message(1, MessageKind::Text, large.clone().into_bytes()),
        message(2, MessageKind::Binary, vec![0xff; 70_000]),
    ];
    let instance = with_messages(messages).await;
    let all = instance.get("/exchanges/1/messages").await.json()["messages"].clone();
    let marks = |at: usize| (&all[at]["preview"], &all[at]["size"], &all[at]["stored"]);
    assert_eq!(marks(0), (&json!(false), &json!(2), &json!(2)));
    assert_eq!(marks(1), (&json!(true), &json!(80_000), &json!(80_000)));
    assert_eq!(all[1]["text"], large[..65_536]);
    assert_eq!((&all[2]["text"], all[2]["data"].as_str().unwrap().len()), (&json!(null), 87_384));
    let short = instance.get("/exchanges/1/messages?preview=3&after=0&limit=1").await.json();
    assert_eq!((&short["messages"][0]["text"], &short["next_after"]), (&json!("ü"), &json!(1)));
    let over = instance.get("/exchanges/1/messages?preview=65537").await;
    assert_eq!(over.error(), (400, "bad_request".to_owned()));

    let whole = instance.get("/exchanges/1/messages/1/payload").await;
    assert_eq!(whole.body, large.as_bytes());
    assert_eq!(whole.header("content-length"), "80000");
    assert_eq!(whole.header("content-disposition"), "attachment; filename=\"exchange-1-message-1\"");
    let none = instance.get("/exchanges/1/messages/3/payload").await;
    assert_eq!(none.error(), (404, "not_found".to_owned()));
    instance.stop().await;
}

#[tokio::test]
async fn har_has_messages_whole_as_text_or_base64() {
    use base64::Engine as _;
    let text = "ü\"\n\u{1}".repeat(500_000);
    let binary: Vec<u8> = (0..2_000_000_u32).map(|at| (at % 251) as u8).collect();
    let messages = vec![
        message(0, MessageKind::Text, text.clone().into_bytes()),
        message(1, MessageKind::Binary, binary.clone()),
        message(2, MessageKind::Text, b"\xff\xfe".to_vec()),
        message(3, MessageKind::Grpc, vec![1; 100]),
    ];
    let instance = with_messages(messages).await;
    let entry = instance.get("/exchanges/1/har").await.json()["log"]["entries"][0].clone();
    let found = entry["_webSocketMessages"].as_array().unwrap();
    assert_eq!((found.len(), &found[0]["opcode"], &found[0]["type"]), (3, &json!(1), &json!("send")));
    assert!(found[0]["data"] == text.as_str());
    let decoded = base64::engine::general_purpose::STANDARD.decode(found[1]["data"].as_str().unwrap());
    assert!(decoded.unwrap() == binary);
    assert_eq!(found[2]["data"], "//4=");
    assert_eq!(instance.get("/exchanges/2/har").await.error().0, 404);
    instance.stop().await;
}

#[tokio::test]
async fn har_has_large_bodies_decoded_and_cut_with_the_reason() {
    let instance = Instance::start().await;
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let text = (0..300_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, "{number}ü ");
        text
    });
    let coded = [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")];
    let thrice = [("Content-Encoding", "gzip, gzip, gzip")];
    let records = [
        exchange(1, "a", "/", &coded, &gzip(text.as_bytes())),
        exchange(2, "a", "/", &coded, &gzip(&vec![b'a'; 40 << 20])),
        exchange(3, "a", "/", &thrice, &gzip(&gzip(&gzip(b"a")))),
        exchange(4, "a", "/", &[], &[&b"\0"[..], &[7; 2_000_000]].concat()),
    ];
    instance.record(records).await;
    let har = instance.get("/export.har").await.json();
    let content = |at: usize| &har["log"]["entries"][at]["response"]["content"];
    assert!(content(0)["text"] == text.as_str() && content(0)["size"] == text.len());
    assert_eq!(content(1)["text"].as_str().unwrap().len(), 32 << 20);
    assert_eq!(content(1)["comment"], "Only the first 32 MiB are here; dashcam has what else is stored.");
    let comment = content(2)["comment"].as_str().unwrap();
    assert!(comment.starts_with("It has 3 content codings"), "{comment}");
    assert_eq!(
        (&content(3)["encoding"], content(3)["text"].as_str().unwrap().len()),
        (&json!("base64"), 2_666_668)
    );
    instance.stop().await;
}

/// Reads on from `response` until it ends; whether that was a proper end.
async fn ends_well(response: hyper::Response<hyper::body::Incoming>, between: impl AsyncFnOnce()) -> bool {
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    between().await;
    loop {
        match body.frame().await {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(_)) => {}
        }
    }
}

#[tokio::test]
async fn what_breaks_off_looks_broken() {
    let instance = with_parts(&[("Content-Type", "text/plain")], 64, b'a').await;
    let body = instance.open("/exchanges/1/response/body").await;
    assert!(ends_well(body, async || {}).await, "what does not break off ends well");
    let har = instance.open("/export.har").await;
    assert!(ends_well(har, async || {}).await, "what does not break off ends well");
    let har = instance.open("/export.har").await;
    let body = instance.open("/exchanges/1/response/body").await;
    let delete = async || assert!(instance.store.admin().delete(ExchangeId(1)).await.unwrap());
    assert!(!ends_well(body, delete).await, "a body that was deleted while it was read");
    drop(har);
    let instance = with_parts(&[("Content-Type", "text/plain")], 64, b'a').await;
    let har = instance.open("/exchanges/1/har").await;
    let close = async || instance.store.clone().close().await;
    assert!(!ends_well(har, close).await, "a document whose recording was closed");
}

#[tokio::test]
async fn a_list_has_the_beginnings_of_giant_urls() {
    let instance = Instance::start().await;
    let giant = |id| -> Exchange { exchange(id, "a", &format!("/{}", "x".repeat(64 << 10)), &[], b"") };
    instance.record((1..=200).map(giant)).await;
    let list = instance.get("/exchanges?limit=200").await;
    assert!(list.body.len() < 200 * 5000, "{} bytes", list.body.len());
    let row = &list.json()["exchanges"][0];
    assert_eq!((&row["cut"], row["target"].as_str().unwrap().len()), (&json!(true), 2051));
    let one = instance.get("/exchanges/1").await.json();
    assert_eq!((&one["cut"], one["target"].as_str().unwrap().len()), (&json!(false), (64 << 10) + 1));
    instance.stop().await;
}
