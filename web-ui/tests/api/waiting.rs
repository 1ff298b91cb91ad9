//! Exchanges that are not stored yet are in the answers all the same.

use dashcam_exchange::{Direction, Headers, MessageKind, ResponseHead, Version};
use dashcam_recorder::OpenExchange;
use hyper::Method;
use serde_json::{Value, json};

use crate::instance::Instance;
use crate::live::begin;

/// Passes an exchange whose response has `body`, in pieces; returns its number.
fn pass(instance: &Instance, body: &[u8]) -> i64 {
    let open = begin(instance, "own");
    respond(&open, body);
    open.id().0
}

fn respond(open: &OpenExchange, body: &[u8]) {
    open.tap(Direction::Request).end(None);
    let headers: Headers = [("content-type", "text/plain")].into_iter().collect();
    open.response(ResponseHead { version: Version::Http11, status: 200, reason: "OK".to_owned(), headers });
    let mut tap = open.tap(Direction::Response);
    body.chunks(16 << 10).for_each(|piece| tap.data(piece));
    tap.end(None);
}

/// Everything that the API says of exchange `id` and does not have to wait for.
async fn all(instance: &Instance, id: i64) -> Vec<Value> {
    let list = instance.get("/exchanges?filter=own%20200").await;
    let body = instance.get(&format!("/exchanges/{id}/response/body")).await;
    assert_eq!((body.status.as_u16(), body.header("content-length")), (200, "4"));
    let mut all = vec![list.json(), json!(String::from_utf8(body.body.to_vec()).unwrap())];
    for what in ["", "/response/text"] {
        let answer = instance.get(&format!("/exchanges/{id}{what}")).await;
        assert_eq!(answer.status, 200, "{what}: {:?}", answer.body);
        all.push(answer.json());
    }
    let curl = instance.get(&format!("/exchanges/{id}/curl")).await;
    all.push(json!(String::from_utf8(curl.body.to_vec()).unwrap()));
    all
}

#[tokio::test]
async fn they_look_the_same_before_and_after() {
    let instance = Instance::start().await;
    let works = instance.disk.write().await;
    let id = pass(&instance, b"body");
    let before = all(&instance, id).await;
    assert_eq!((&before[0]["exchanges"][0]["id"], &before[0]["next_before"]), (&json!(id), &Value::Null));
    assert_eq!((&before[1], &before[2]["state"]), (&json!("body"), &json!("complete")));
    let waits = instance.get(&format!("/exchanges/{id}/messages")).await;
    assert_eq!(waits.error(), (503, "unavailable".to_owned()), "the disk has not answered");
    assert_eq!(all(&instance, id).await, before);
    drop(works);
    assert!(instance.recorder.settle().await);
    assert!(instance.recorder.find(dashcam_exchange::ExchangeId(id)).is_none(), "it is stored");
    assert_eq!(all(&instance, id).await, before);
    assert_eq!(instance.get(&format!("/exchanges/{id}/messages")).await.json()["messages"], json!([]));
    instance.stop().await;
}

#[tokio::test]
async fn each_is_found_at_once() {
    let instance = Instance::start().await;
    let large = vec![b'x'; 700 << 10];
    for round in 0..50 {
        let id = pass(&instance, b"body");
        let list = instance.get("/exchanges?limit=1").await.json();
        assert_eq!(list["exchanges"][0]["id"], id, "{round}");
        assert_eq!(instance.get(&format!("/exchanges/{id}/har")).await.status, 200, "{round}");
    }
    let id = pass(&instance, &large);
    let body = instance.get(&format!("/exchanges/{id}/response/body")).await;
    assert!(body.body == large, "its pieces come from the store: {} bytes", body.body.len());
    let id = pass(&instance, b"body");
    let export = instance.get("/export.har").await.json();
    let entries = export["log"]["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[51]["_id"]), (52, &json!(id)));
    instance.stop().await;
}

#[tokio::test]
async fn those_that_are_deleted_are_gone() {
    let instance = Instance::start().await;
    let list = async || instance.get("/exchanges").await.json()["exchanges"].as_array().unwrap().len();
    let id = pass(&instance, b"");
    assert_eq!(instance.call(Method::DELETE, &format!("/exchanges/{id}"), "").await.status, 204);
    assert_eq!((instance.get(&format!("/exchanges/{id}")).await.status.as_u16(), list().await), (404, 0));

    let ids = [pass(&instance, b""), pass(&instance, b"")];
    let deleted = instance.call(Method::POST, "/exchanges/delete", &json!({"ids": ids}).to_string()).await;
    assert_eq!((deleted.json(), list().await), (json!({"deleted": 2, "next_after": null}), 0));

    // The store knows of the first one under way.
    let under_way = [begin(&instance, "own"), begin(&instance, "own")];
    let messages = under_way[0].messages();
    messages.message(Direction::Request, MessageKind::Text, 0, messages.buffer());
    pass(&instance, b"");
    assert_eq!(list().await, 3);
    assert_eq!(
        instance.call(Method::DELETE, "/exchanges", "").await.json(),
        json!({"deleted": 2, "next_after": null})
    );
    let left = instance.get("/exchanges").await.json();
    assert_eq!(left["exchanges"].as_array().unwrap().len(), 1);
    assert_eq!(left["exchanges"][0]["id"], under_way[1].id().0);
    drop((messages, under_way));
    instance.stop().await;
}

#[tokio::test]
async fn one_that_has_just_begun_can_be_deleted() {
    let instance = Instance::start().await;
    let open = begin(&instance, "own");
    let path = format!("/exchanges/{}", open.id().0);
    assert_eq!(instance.get(&path).await.status, 200);
    assert_eq!(instance.call(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(instance.get(&path).await.status, 404);
    drop(open);
    instance.stop().await;
}

#[tokio::test]
async fn no_half_of_a_body_is_sent_again() {
    let instance = Instance::start().await;
    let works = instance.disk.write().await;
    let open = begin(&instance, "own");
    let mut tap = open.tap(Direction::Request);
    // More than one piece: the first ones have left memory, and are not stored yet.
    (0..20).for_each(|_| tap.data(&[b'x'; 16 << 10]));
    tap.end(None);
    let path = format!("/exchanges/{}/replay", open.id().0);
    let answer = instance.call(Method::POST, &path, "").await;
    assert_eq!(answer.error(), (503, "unavailable".to_owned()));
    drop((tap, open, works));
    instance.stop().await;
}

/// An open exchange whose response has a head with `fields`.
fn streaming(instance: &Instance, fields: &[(&str, &str)]) -> OpenExchange {
    let open = begin(instance, "own");
    open.tap(Direction::Request).end(None);
    let headers: Headers = fields.iter().copied().collect();
    open.response(ResponseHead { version: Version::Http11, status: 200, reason: "OK".to_owned(), headers });
    open
}

/// Asserts that all that is counted as stored of the response of `open` can be read now, and is `expect`.
async fn assert_readable(instance: &Instance, open: &OpenExchange, expect: &[u8]) {
    let path = format!("/exchanges/{}", open.id());
    let body = &instance.get(&path).await.json()["response_body"];
    assert_eq!((&body["stored"], &body["size"]), (&json!(expect.len()), &json!(expect.len())));
    let got = instance.get(&format!("{path}/response/body")).await;
    assert!(got.body == expect, "{} of {} bytes", got.body.len(), expect.len());
}

#[tokio::test]
async fn what_came_of_an_open_body_can_be_read_to_the_last_byte() {
    let instance = Instance::start().await;
    let open = streaming(&instance, &[("content-type", "text/event-stream")]);
    let mut tap = open.tap(Direction::Response);
    let mut all = Vec::new();
    // Within the first piece, behind pieces that may be on their way to the store, and while the disk does not answer.
    for size in [10, 1, 300 << 10, 7, 600 << 10, 1] {
        let came = vec![b'a' + u8::try_from(all.len() % 26).unwrap(); size];
        came.chunks(16 << 10).for_each(|piece| tap.data(piece));
        all.extend(came);
        assert_readable(&instance, &open, &all).await;
    }
    let works = instance.disk.write().await;
    tap.data(b"more");
    all.extend(b"more");
    assert_readable(&instance, &open, &all).await;
    drop(works);
    let text = instance.get(&format!("/exchanges/{}/response/text", open.id())).await.json();
    assert_eq!((text["size"].as_u64(), &text["note"]), (Some(all.len() as u64), &Value::Null));
    drop((tap, open));
    instance.stop().await;
}

#[tokio::test]
async fn an_open_body_is_decoded_as_far_as_it_came() {
    let instance = Instance::start().await;
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let open = streaming(&instance, &[("content-type", "text/event-stream"), ("content-encoding", "gzip")]);
    let mut tap = open.tap(Direction::Response);
    let (mut sent, mut expect) = (0, String::new());
    for number in 0..3 {
        let event = format!("data: {number}\n\n");
        std::io::Write::write_all(&mut coder, event.as_bytes()).unwrap();
        std::io::Write::flush(&mut coder).unwrap();
        tap.data(&coder.get_ref()[sent..]);
        sent = coder.get_ref().len();
        expect += &event;
        let text = instance.get(&format!("/exchanges/{}/response/text", open.id())).await.json();
        assert_eq!((&text["text"], &text["note"]), (&json!(expect), &Value::Null));
    }
    drop((tap, open));
    instance.stop().await;
}

#[tokio::test]
async fn messages_of_an_open_exchange_are_there_at_once() {
    let instance = Instance::start().await;
    let open = streaming(&instance, &[]);
    let messages = open.messages();
    for number in 0..3 {
        let mut kept = messages.buffer();
        kept.push(b"hi", 10);
        messages.message(Direction::Response, MessageKind::Text, 2, kept);
        let page = instance.get(&format!("/exchanges/{}/messages", open.id())).await.json();
        assert_eq!(page["messages"].as_array().map(Vec::len), Some(number + 1), "{page}");
    }
    drop((messages, open));
    instance.stop().await;
}
