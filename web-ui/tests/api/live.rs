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
