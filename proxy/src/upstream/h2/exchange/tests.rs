//! Against small servers on loopback: one by h2, and where h2 would not do it, frames by hand.

use std::time::Duration;

use crate::config::{Config, Timeouts};
use crate::proxy::Proxy;
use crate::upstream::group::{KEPT, PoolGroup};
use crate::upstream::h2::exchange::*;
use crate::upstream::key::{Protocol, Via};
use bytes::Bytes;
use dashcam_ca::Authority;
use dashcam_control::{Control, Settings};
use dashcam_exchange::{Destination, LastIds};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

async fn upstreams(name: &str) -> Arc<Upstreams> {
    let home = std::env::temp_dir().join(format!("dashcam-upstream-h2-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let (authority, _) = Authority::open_or_create(&home).unwrap();
    std::fs::remove_dir_all(&home).unwrap();
    let (recorder, _) = dashcam_recorder::recorder(dashcam_recorder::Limits::default(), LastIds::default());
    let timeouts = Timeouts { tls_handshake: Duration::from_millis(300), ..Timeouts::default() };
    let config = Config { timeouts, ..Config::default() };
    let control = Arc::new(Control::new(Settings::default()));
    let proxy = Proxy::bind(config, control, authority, recorder).await.unwrap();
    Arc::clone(&proxy.replayer().server.service.upstreams)
}

async fn listen(scheme: Scheme, protocol: Protocol) -> (TcpListener, Key) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let destination = Destination { scheme, host: "127.0.0.1".to_owned(), port };
    (
        listener,
        Key {
            destination,
            named: false,
            via: Via::Direct,
            sni: None,
            protocol,
            pinned: None,
            own: None,
            proxy_header: None,
        },
    )
}

fn call(key: &Key, body: Body) -> Call<'static> {
    let head = RequestHead {
        method: "POST".to_owned(),
        target: "/".to_owned(),
        authority: None,
        version: Version::Http2,
        headers: Headers::default(),
    };
    Call {
        place: PoolGroup::apart(key.clone()),
        head: Box::leak(Box::new(head)),
        body,
        interim: None,
        open: None,
        records: false,
        account: None,
        room: None,
    }
}

async fn send_within_time(upstreams: &Arc<Upstreams>, call: Call<'_>) -> Result<Answer, String> {
    let answer = tokio::time::timeout(Duration::from_secs(10), send(upstreams, call)).await.unwrap();
    answer.map_err(|no_answer| no_answer.failure.message)
}

/// A server that refuses the first request of each of the first `refusing` connections.
fn refuse_streams(listener: TcpListener, refusing: usize) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        for number in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            connections.spawn(serve(stream, number < refusing));
        }
    });
    tasks
}

/// Answers 200 with the body "whole", or refuses.
async fn serve(stream: TcpStream, refuses: bool) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        if refuses {
            respond.send_reset(Reason::REFUSED_STREAM);
            continue;
        }
        let mut body = respond.send_response(http::Response::new(()), false).unwrap();
        body.send_data(Bytes::from_static(b"whole"), true).unwrap();
    }
}

/// Reads a request, and closes the connection as nginx does after so many requests: without an error, and
/// without having come to this request.
async fn say_goodbye(mut stream: TcpStream) {
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    stream.write_all(&settings).await.unwrap();
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        tokio::io::copy(&mut (&mut stream).take(length.into()), &mut tokio::io::sink()).await.unwrap();
        let is_headers = head[3] == 1;
        if is_headers {
            break;
        }
    }
    let go_away = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    stream.write_all(&go_away).await.unwrap();
    // The client closes it.
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

#[tokio::test]
async fn all_that_wait_for_a_dead_destination_get_one_failure() {
    let upstreams = upstreams("dead").await;
    let (listener, key) = listen(Scheme::Https, Protocol::Http2OrHttp1).await;
    let send = || send_within_time(&upstreams, call(&key, Body::empty()));
    let answers: [_; 4] = tokio::join!(send(), send(), send(), send()).into();
    let why = answers.map(|answer| answer.err().unwrap());
    assert!(why.iter().all(|why| why.contains("did not finish the TLS handshake within 0.3 s")), "{why:?}");
    // Accepting nothing is what makes it dead: all that came is in the backlog.
    assert!(send().await.is_err());
    for _ in 0..2 {
        listener.accept().await.unwrap();
    }
    let third = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(third.is_err(), "one attempt for the four, one for the fifth that came afterwards");
}

#[tokio::test]
async fn a_refused_request_goes_over_a_new_connection_once() {
    let upstreams = upstreams("refused").await;
    let (listener, key) = listen(Scheme::Http, Protocol::Http2PriorKnowledge).await;
    let _server = refuse_streams(listener, 1);
    assert_eq!(send_within_time(&upstreams, call(&key, Body::empty())).await.unwrap().head.status, 200);

    let (listener, key) = listen(Scheme::Http, Protocol::Http2PriorKnowledge).await;
    let _server = refuse_streams(listener, 3);
    let why = send_within_time(&upstreams, call(&key, Body::empty())).await.err().unwrap();
    assert!(why.contains("refused"), "{why}");
    let why = send_within_time(&upstreams, call(&key, Body::from_bytes("once"))).await.err();
    assert!(why.is_some(), "a body can't be sent again");
}

#[tokio::test]
async fn a_farewell_that_left_the_request_out_is_no_failure() {
    let upstreams = upstreams("farewell").await;
    let (listener, key) = listen(Scheme::Http, Protocol::Http2PriorKnowledge).await;
    let mut server = JoinSet::new();
    server.spawn(async move {
        let (first, _) = listener.accept().await.unwrap();
        let (second, _) = tokio::join!(async { listener.accept().await.unwrap().0 }, say_goodbye(first));
        serve(second, false).await;
    });
    assert_eq!(send_within_time(&upstreams, call(&key, Body::empty())).await.unwrap().head.status, 200);
}

#[tokio::test]
async fn a_stream_under_way_outlives_its_slot() {
    let upstreams = upstreams("swept").await;
    let (listener, key) = listen(Scheme::Http, Protocol::Http2PriorKnowledge).await;
    let (finish, wait) = oneshot::channel::<()>();
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut connection = h2::server::handshake(listener.accept().await.unwrap().0).await.unwrap();
        let (_, mut respond) = connection.accept().await.unwrap().unwrap();
        let mut body = respond.send_response(http::Response::new(()), false).unwrap();
        tokio::select! {
            // It ends when no stream is left, and nobody can open one.
            _ = connection.accept() => panic!("the connection closed under its stream"),
            _ = wait => body.send_data(Bytes::from_static(b"whole"), true).unwrap(),
        }
        assert!(connection.accept().await.is_none());
    });
    let mut answer = send_within_time(&upstreams, call(&key, Body::empty())).await.unwrap();
    upstreams.pool.sweep_at(Instant::now() + KEPT);
    finish.send(()).unwrap();
    let mut whole = Vec::new();
    while let Some(frame) = answer.body.frame().await {
        if let crate::body::Frame::Data(data) = frame.unwrap() {
            whole.extend_from_slice(&data);
        }
    }
    assert_eq!(whole, b"whole");
    drop(answer);
    let ended = tokio::time::timeout(Duration::from_secs(10), server.join_next()).await;
    ended.expect("an unused connection closes").unwrap().unwrap();
}
