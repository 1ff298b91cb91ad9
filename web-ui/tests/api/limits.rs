//! The bounds of the page's listener.

use std::time::Duration;

use dashcam_exchange::{Destination, Scheme};
use dashcam_web_ui::PageLimits;
use hyper::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::instance::{Instance, TOKEN, exchange};

const DEADLINE: Duration = Duration::from_secs(10);

async fn to_end(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset is an end, too.
    let _ = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut text)).await.expect("it ends in time");
    String::from_utf8_lossy(&text).into_owned()
}

/// Asks `path` again until it is answered with `status`.
async fn until(instance: &Instance, method: Method, path: &str, status: u16) {
    let deadline = tokio::time::Instant::now() + DEADLINE;
    while instance.call(method.clone(), path, "").await.status != status {
        assert!(tokio::time::Instant::now() < deadline, "{path} comes to {status} in time");
    }
}

#[tokio::test]
async fn live_streams_are_so_many_at_once() {
    let instance = Instance::start_with(PageLimits { watchers: 2, ..PageLimits::default() }).await;
    let (one, two) = (instance.open("/live").await, instance.open("/live").await);
    assert_eq!(instance.get("/live").await.error(), (429, "too_many".to_owned()));
    // Whoever has the control socket has places of their own.
    let status = instance.call_unix(Method::GET, "/status", "").await.json();
    assert_eq!(status["page"]["refused"]["watchers"], 1);
    drop(one);
    let deadline = tokio::time::Instant::now() + DEADLINE;
    while instance.open("/live").await.status() != 200 {
        assert!(tokio::time::Instant::now() < deadline, "a place comes back in time");
    }
    drop(two);
    instance.stop().await;
}

#[tokio::test]
async fn an_export_that_nobody_reads_is_given_up_and_its_place_comes_back() {
    let limits = PageLimits { exports: 1, stall: Duration::from_millis(300), ..PageLimits::default() };
    let instance = Instance::start_with(limits).await;
    let body = vec![b'x'; 8 << 20];
    instance.record((1..=4).map(|id| exchange(id, "a", "/", &[("Content-Type", "text/plain")], &body))).await;
    let mut stalled = TcpStream::connect(instance.address).await.unwrap();
    let head = format!(
        "GET /api/v1/export.har HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n",
        instance.address
    );
    stalled.write_all(head.as_bytes()).await.unwrap();
    stalled.readable().await.unwrap();
    assert_eq!(instance.get("/export.har").await.error(), (429, "too_many".to_owned()));
    until(&instance, Method::GET, "/export.har?filter=nothing", 200).await;
    instance.stop().await;
}

#[tokio::test]
async fn replays_are_so_many_at_once_until_they_have_ended() {
    let instance = Instance::start_with(PageLimits { replays: 1, ..PageLimits::default() }).await;
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = origin.local_addr().unwrap().port();
    let mut recorded = exchange(1, "127.0.0.1", "/", &[], b"");
    recorded.destination = Destination { scheme: Scheme::Http, host: "127.0.0.1".to_owned(), port };
    instance.record([recorded]).await;
    assert_eq!(instance.call(Method::POST, "/exchanges/1/replay", "").await.status, 201);
    let (mut upstream, _) = origin.accept().await.unwrap();
    let refused = instance.call(Method::POST, "/exchanges/1/replay", "").await;
    assert_eq!(refused.error(), (429, "too_many".to_owned()));
    upstream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    until(&instance, Method::POST, "/exchanges/1/replay", 201).await;
    // The last one ends as well.
    drop((upstream, origin));
    instance.stop().await;
}

#[tokio::test]
async fn strangers_make_way_and_who_signed_in_stays() {
    let limits = PageLimits { connections: 4, address_connections: 3, ..PageLimits::default() };
    let instance = Instance::start_with(limits).await;
    let live = instance.open("/live").await;
    let mut strangers = Vec::new();
    for _ in 0..6 {
        strangers.push(TcpStream::connect(instance.address).await.unwrap());
    }
    for stranger in &mut strangers[..4] {
        assert_eq!(to_end(stranger).await, "", "the oldest are closed");
    }
    assert_eq!(instance.get("/status").await.status, 200, "the operator gets in");
    assert_eq!(live.status(), 200);
    let (one, two) = (instance.open("/live").await, instance.open("/live").await);
    let mut refused = TcpStream::connect(instance.address).await.unwrap();
    let answer = to_end(&mut refused).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\"unavailable\""), "{answer}");
    let status = instance.call_unix(Method::GET, "/status", "").await.json();
    assert_eq!(status["page"]["refused"]["connections"], 1);
    drop((live, one, two));
    until(&instance, Method::GET, "/status", 200).await;
    instance.stop().await;
}

#[tokio::test]
async fn half_a_head_and_half_a_body_are_not_waited_for() {
    let limits = PageLimits {
        head: Duration::from_millis(300),
        stall: Duration::from_millis(300),
        ..PageLimits::default()
    };
    let instance = Instance::start_with(limits).await;
    let mut half_head = TcpStream::connect(instance.address).await.unwrap();
    half_head.write_all(b"GET / HTTP/1.1\r\nHost: lo").await.unwrap();
    to_end(&mut half_head).await;
    let mut half_body = TcpStream::connect(instance.address).await.unwrap();
    let head = format!(
        "PATCH /api/v1/settings HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
        instance.address
    );
    half_body.write_all(head.as_bytes()).await.unwrap();
    let answer = to_end(&mut half_body).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    instance.stop().await;
}

#[tokio::test]
async fn only_replays_may_bring_much() {
    let instance = Instance::start().await;
    let large = format!("{{\"why\": \"{}\"}}", "x".repeat(100_000));
    assert_eq!(
        instance.call(Method::PATCH, "/settings", &large).await.error(),
        (413, "too_large".to_owned())
    );
    let edits = format!("{{\"body\": \"{}\"}}", "x".repeat(100_000));
    let replay = instance.call(Method::POST, "/exchanges/9/replay", &edits).await;
    assert_eq!(replay.error(), (404, "not_found".to_owned()), "it was read");
    instance.stop().await;
}
