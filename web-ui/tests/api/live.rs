//! Server-sent events.

use std::time::Duration;

use dashcam_control::CaptureDecision;
use dashcam_exchange::{Destination, Headers, Level, RequestHead, Scheme, Version};
use dashcam_recorder::{Begin, OpenExchange};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Method, Response};
use serde_json::{Value, json};

use crate::instance::Instance;

pub(crate) fn begin(instance: &Instance, host: &str) -> OpenExchange {
    let request = RequestHead {
        method: "GET".to_owned(),
        target: "/".to_owned(),
        authority: None,
        version: Version::Http11,
        headers: Headers::default(),
    };
    let destination = Destination { scheme: Scheme::Http, host: host.to_owned(), port: 80 };
    let begin = Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, 1 << 20),
        destination,
        request,
    };
    instance.recorder.begin(begin).unwrap()
}

/// Reads events: name and data.
pub(crate) struct Events {
    body: Incoming,
    text: String,
}

impl Events {
    pub(crate) async fn open(instance: &Instance, query: &str) -> Self {
        Self::of(instance.open(&format!("/live{query}")).await)
    }

    /// Those that the holder of a token gets.
    pub(crate) async fn open_with(instance: &Instance, token: &str) -> Self {
        Self::of(instance.open_with("/live", ("authorization", &format!("Bearer {token}"))).await)
    }

    fn of(response: Response<Incoming>) -> Self {
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event; `None` at the stream's end.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field =
                    |name| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
                let found = (field("event:").to_owned(), serde_json::from_str(field("data:")).unwrap());
                self.text = rest.to_owned();
                return Some(found);
            }
            let frame = tokio::time::timeout(Duration::from_secs(5), self.body.frame());
            let frame = frame.await.expect("an event comes in time")?.unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn what_happens_is_told_as_it_happens() {
    let instance = Instance::start().await;
    let mut events = Events::open(&instance, "?filter=wanted").await;
    drop(begin(&instance, "other"));
    let open = begin(&instance, "wanted");
    let id = open.id().0;
    let (name, data) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &data["id"], &data["state"]), ("started", &json!(id), &json!("open")));
    drop(open);
    let (name, data) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &data["id"], &data["state"]), ("finished", &json!(id), &json!("aborted")));
    instance.call(Method::PATCH, "/settings", r#"{"level": "metadata"}"#).await;
    let (name, data) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &data["level"]), ("settings", &json!("metadata")));
    instance.stop().await;
    assert_eq!(events.next().await, None);
}

#[tokio::test(flavor = "current_thread")]
async fn a_slow_watcher_is_told_that_it_missed_something() {
    let instance = Instance::start().await;
    let mut events = Events::open(&instance, "").await;
    // Nothing else runs on this thread meanwhile, so the stream falls behind for certain.
    for _ in 0..5000 {
        drop(begin(&instance, "many"));
    }
    let (name, data) = events.next().await.unwrap();
    assert_eq!((name.as_str(), data), ("missed", json!({"ended": true})));
    assert_eq!(events.next().await, None, "it is dropped");
    instance.stop().await;
}

#[tokio::test]
async fn with_a_pace_the_newest_are_told_each_once_and_others_are_counted() {
    let instance = Instance::start().await;
    let mut events = Events::open(&instance, "?pace=1000&most=3&filter=many").await;
    // Of the first one it is told at once: it knows that, and is told of its end whatever passes.
    let known = begin(&instance, "many");
    let (name, first) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &first["id"]), ("started", &json!(known.id().0)));
    let open = (0..10).map(|_| begin(&instance, "many")).collect::<Vec<_>>();
    let ids = open.iter().map(|open| open.id().0).collect::<Vec<_>>();
    drop(begin(&instance, "other"));
    drop((known, open));
    let mut told = Vec::new();
    loop {
        let (name, data) = events.next().await.unwrap();
        if name == "skipped" {
            assert_eq!(data, json!({"exchanges": 7, "newest": ids[6]}));
            break;
        }
        told.push((name, data["id"].as_i64().unwrap()));
    }
    let expect =
        [first["id"].as_i64().unwrap(), ids[7], ids[8], ids[9]].map(|id| ("finished".to_owned(), id));
    assert_eq!(told, expect);
    instance.stop().await;
}

#[tokio::test]
async fn one_that_was_skipped_is_counted_once() {
    let instance = Instance::start().await;
    let mut events = Events::open(&instance, "?pace=1000&most=1").await;
    let first = begin(&instance, "many");
    assert_eq!(events.next().await.unwrap().1["id"], json!(first.id().0));
    // They are gathered, since something has just been sent.
    let open = (0..3).map(|_| begin(&instance, "many")).collect::<Vec<_>>();
    let last = open.last().unwrap().id().0;
    let (mut counted, mut ended) = (0, 0);
    let mut open = Some((first, open));
    while ended < last {
        let (name, data) = events.next().await.unwrap();
        match name.as_str() {
            "skipped" => {
                counted += data["exchanges"].as_i64().unwrap();
                // All of them end, and two are skipped again.
                open = None;
            }
            "finished" => ended = data["id"].as_i64().unwrap(),
            _ => assert_eq!(data["id"], json!(last)),
        }
    }
    assert!(open.is_none());
    instance.call(Method::PATCH, "/settings", r#"{"level": "metadata"}"#).await;
    loop {
        let (name, data) = events.next().await.unwrap();
        counted += data["exchanges"].as_i64().unwrap_or_default();
        if name == "settings" {
            break;
        }
    }
    assert_eq!(counted, 2);
    instance.stop().await;
}

#[tokio::test(flavor = "current_thread")]
async fn with_a_pace_the_stream_goes_on_after_something_was_missed() {
    let instance = Instance::start().await;
    let mut events = Events::open(&instance, "?pace=10&most=2").await;
    for _ in 0..5000 {
        drop(begin(&instance, "many"));
    }
    let (name, data) = events.next().await.unwrap();
    assert_eq!((name.as_str(), data), ("missed", json!({"ended": false})));
    let last = begin(&instance, "last");
    loop {
        let (_, data) = events.next().await.unwrap();
        if data["id"] == json!(last.id().0) {
            break;
        }
    }
    drop(last);
    instance.stop().await;
}

#[tokio::test]
async fn a_pace_that_can_not_be_is_refused() {
    let instance = Instance::start().await;
    for (query, expect) in [
        ("pace=5", "pace is 5; it can be from 10 to 10000 milliseconds."),
        ("pace=100&most=0", "most is 0; it can be from 1 to 1000."),
        ("most=3", "most needs pace, such as pace=250."),
        (
            "pace=100&position=true",
            "pace and position exclude each other: a position counts every event. Leave one out.",
        ),
    ] {
        let answer = instance.get(&format!("/live?{query}")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["message"]), (400, &json!(expect)));
    }
    instance.stop().await;
}

#[tokio::test]
async fn what_ends_behind_a_position_is_beyond_it_or_waits_there() {
    let instance = Instance::start().await;
    let stays = begin(&instance, "stays");
    let mut events = Events::open(&instance, "?position=true").await;
    let (name, first) = events.next().await.unwrap();
    let started_at = instance.get("/status").await.json()["started_at"].clone();
    let id = stays.id().0;
    let expect = json!({"started_at": started_at, "first": id, "last": id, "waiting": [id], "more": false});
    assert_eq!((name.as_str(), &first), ("position", &expect));
    for _ in 0..600 {
        drop(begin(&instance, "many"));
        tokio::task::yield_now().await;
    }
    let (mut finished, mut again) = (0, 0);
    let mut position = first;
    while finished < 600 || again == 0 {
        let (name, data) = events.next().await.unwrap();
        match name.as_str() {
            "position" => (position, again) = (data, again + 1),
            "finished" => {
                finished += 1;
                let waiting = position["waiting"].as_array().unwrap();
                let is_beyond = data["id"].as_i64() > position["last"].as_i64();
                assert!(is_beyond || waiting.contains(&data["id"]), "{data} behind {position}");
            }
            _ => {}
        }
    }
    assert_eq!(
        (again, &position["waiting"][0], &position["first"]),
        (1, &json!(id), &json!(id)),
        "{position}"
    );
    drop(stays);
    instance.stop().await;
}
