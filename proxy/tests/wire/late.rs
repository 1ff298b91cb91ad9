//! Peers that are late, and are told so.

use std::time::Duration;

use dashcam_proxy::Timeouts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::{DEADLINE, bind, read_until, send, start_with};

/// Limits that are set hold; the answer and the break say which.
#[tokio::test]
async fn stages_that_take_too_long() {
    let (listener, to) = bind().await;
    let limit = Some(Duration::from_millis(300));
    let timeouts = Timeouts { response_head: limit, body: limit, ..Timeouts::default() };
    let proxy = start_with(&format!("reverse:http://{to}"), timeouts).await;

    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, "GET /silent HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let (_silent, _) = listener.accept().await.unwrap();
    // A stranger is not told of our upstream: the record is.
    let answer = read_until(&mut client, "could not be answered. Exchange ").await;
    assert!(answer.starts_with("HTTP/1.1 504 ") && !answer.contains("timeout"), "{answer}");

    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, "POST /stalled HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf").await;
    assert!(read_until(&mut client, "timeouts.body").await.starts_with("HTTP/1.1 400 "));

    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, "GET /stalls HTTP/1.1\r\nHost: a\r\n\r\n").await;
    loop {
        let (mut server, _) = listener.accept().await.unwrap();
        let mut head = [0; 4];
        if server.read_exact(&mut head).await.is_err() || &head != b"GET " {
            continue;
        }
        send(&mut server, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await;
        let mut all = Vec::new();
        // Cut, be it by a reset or by an end too early.
        let _ = timeout(DEADLINE, client.read_to_end(&mut all)).await.expect("it is given up");
        assert!(all.ends_with(b"half"), "{}", String::from_utf8_lossy(&all));
        break;
    }
}

/// Empty lines before a request are ignored, but its time runs on.
#[tokio::test]
async fn a_client_that_sends_only_empty_lines_is_late() {
    let timeouts = Timeouts { request_head: Duration::from_millis(300), ..Timeouts::default() };
    let (_listener, upstream) = bind().await;
    let running = start_with(&format!("reverse:http://{upstream}"), timeouts).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    send(&mut stream, "\r\n").await;
    let (mut from, mut to) = stream.split();
    let flood = async { while to.write_all(b"\r\n").await.is_ok() {} };
    let mut seen = Vec::new();
    let answer = async {
        while !String::from_utf8_lossy(&seen).contains("408") {
            assert_ne!(from.read_buf(&mut seen).await.unwrap(), 0);
        }
    };
    let answered = async {
        tokio::select! {
            () = answer => {}
            () = async { flood.await; std::future::pending().await } => {}
        }
    };
    timeout(DEADLINE, answered).await.expect("it is told that it is late");
}
