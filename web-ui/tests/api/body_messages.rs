//! Messages that stand in bodies, in windows and one by one.

use std::sync::Arc;

use dashcam_exchange::{Arrival, BodyRecord, Direction, ExchangeId, Record, State, Stretch};
use serde_json::{Value, json};

use crate::instance::{Instance, exchange};

const EVENTS: &[u8] = b"event: tick\ndata: {\"n\":1}\n\n: still here\n\nevent: end\ndata: bye\n\n";

fn kinds(page: &Value) -> Vec<&str> {
    let messages = page["messages"].as_array().unwrap();
    messages.iter().map(|message| message["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_body_of_messages_is_read_window_by_window() {
    let instance = Instance::start().await;
    let events = [("Content-Type", "text/event-stream; charset=utf-8")];
    instance.record([exchange(1, "a", "/", &events, EVENTS), exchange(2, "a", "/", &[], b"{}")]).await;
    let page = instance.get("/exchanges/1/response/messages?limit=2").await.json();
    assert_eq!(kinds(&page), ["tick", "comment"]);
    let expect = json!({"offset": 0, "at": null, "kind": "tick", "media_type": "", "size": 7, "complete": true,
        "preview": false, "text": "{\"n\":1}", "data": ""});
    assert_eq!(page["messages"][0], expect);
    assert_eq!((&page["more"], &page["note"]), (&json!(true), &Value::Null));
    let next = &page["next_offset"];
    let rest = instance.get(&format!("/exchanges/1/response/messages?offset={next}&preview=2")).await.json();
    assert_eq!(kinds(&rest), ["end"]);
    assert_eq!((&rest["messages"][0]["text"], &rest["messages"][0]["preview"]), (&json!("by"), &json!(true)));
    assert_eq!((&rest["more"], &rest["next_offset"]), (&json!(false), &json!(EVENTS.len())));

    let detail = instance.get("/exchanges/1").await.json();
    assert_eq!(detail["response_body"]["split"], "events");
    assert_eq!(detail["request_body"]["split"], Value::Null);
    let none = instance.get("/exchanges/2/response/messages").await;
    assert_eq!(none.error(), (409, "conflict".to_owned()));
    let wrong = instance.get("/exchanges/1/response/messages?preview=65537").await;
    assert_eq!(wrong.error(), (400, "bad_request".to_owned()));
    instance.stop().await;
}

#[tokio::test]
async fn one_of_them_is_viewed_and_downloaded_by_its_place() {
    let instance = Instance::start().await;
    let parts = b"--b\r\nContent-Type: application/json\r\n\r\n{\"a\":[1]}\r\n--b\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n";
    let fields = [("Content-Type", "multipart/mixed; boundary=b")];
    instance.record([exchange(1, "a", "/", &fields, parts)]).await;
    let page = instance.get("/exchanges/1/response/messages").await.json();
    assert_eq!(kinds(&page), ["application/json", "image/png"]);
    assert_eq!(page["messages"][1]["data"], "iVBORw==");
    let second = &page["messages"][1]["offset"];
    let payload = instance.get(&format!("/exchanges/1/response/messages/{second}/payload")).await;
    assert_eq!(&payload.body[..], b"\x89PNG");
    assert!(payload.header("content-disposition").contains("exchange-1-response-message-"));
    let views = instance.get("/exchanges/1/response/messages/0/views").await.json();
    assert_eq!(views["views"][0]["name"], "json");
    let view = instance.get("/exchanges/1/response/messages/0/view").await.json();
    assert_eq!(view["shown"]["text"], "{\n  \"a\": [\n    1\n  ]\n}");
    let between = instance.get("/exchanges/1/response/messages/3/payload").await;
    assert_eq!(between.error(), (404, "not_found".to_owned()));
    instance.stop().await;
}

#[tokio::test]
async fn while_it_goes_on_those_are_there_that_are_whole() {
    let instance = Instance::start().await;
    let fields = [("Content-Type", "application/x-ndjson")];
    let mut open = exchange(1, "a", "/", &fields, b"");
    open.state = State::Open;
    let size = 8;
    open.response_body = BodyRecord { size, stored: size, parts: 1, ..BodyRecord::default() };
    let part = |seq, data: &[u8]| Record::BodyPart {
        exchange: ExchangeId(1),
        direction: Direction::Response,
        seq,
        data: data.to_vec(),
    };
    let sink = instance.store.sink();
    sink.append(vec![Record::Opened(Box::new(open.clone())), part(0, b"{\"a\":1}\n[2")]).await.unwrap();
    let page = instance.get("/exchanges/1/response/messages").await.json();
    assert_eq!((kinds(&page), &page["next_offset"]), (vec!["object"], &json!(8)));
    open.state = State::Complete;
    open.response_body =
        BodyRecord { size: 12, stored: 12, parts: 2, complete: true, ..BodyRecord::default() };
    sink.append(vec![part(1, b"]\n"), Record::Finished(Arc::new(open))]).await.unwrap();
    let rest = instance.get("/exchanges/1/response/messages?offset=8").await.json();
    assert_eq!((kinds(&rest), &rest["messages"][0]["text"]), (vec!["array"], &json!("[2]")));
    instance.stop().await;
}

#[tokio::test]
async fn they_have_the_times_at_which_they_came() {
    let instance = Instance::start().await;
    let events = [("Content-Type", "text/event-stream")];
    let body = b"data: a\n\ndata: b\n\ndata: c\n\n";
    let came = |id, seq, from, arrivals: &[(u64, i64)]| Record::Arrivals {
        exchange: ExchangeId(id),
        direction: Direction::Response,
        seq,
        stretch: Arc::new(Stretch {
            from,
            merged: 1,
            arrivals: arrivals.iter().map(|(end, at_us)| Arrival { end: *end, at_us: *at_us }).collect(),
        }),
    };
    let first = exchange(1, "a", "/", &events, body);
    let records = vec![
        came(1, 0, 0, &[(9, 4100), (20, 4200)]),
        came(1, 1, 20, &[(27, 5000)]),
        Record::Finished(Arc::new(first)),
    ];
    instance.store.sink().append(records).await.unwrap();
    let page = instance.get("/exchanges/1/response/messages").await.json();
    let times: Vec<_> = page["messages"].as_array().unwrap().iter().map(|message| &message["at"]).collect();
    let starts = "2026-11-22T15:04:05.";
    assert_eq!(
        times,
        [&format!("{starts}127556Z"), &format!("{starts}127656Z"), &format!("{starts}128456Z")]
    );
    instance.stop().await;
}
