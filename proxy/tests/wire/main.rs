//! The proxy on real sockets: what clients and upstreams see in cases that are easy to get wrong.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and ends with its runtime"
)]

mod ends;
mod late;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dashcam_ca::Authority;
use dashcam_control::{Control, Patch, Settings};
use dashcam_exchange::{LastIds, Level};
use dashcam_proxy::{Config, ListenerConfig, Proxy, Timeouts};
use dashcam_recorder::{Limits, recorder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(30);

/// A running proxy that records to nowhere.
struct Running {
    address: SocketAddr,
    control: Arc<Control>,
    /// Asks it to end, without grace.
    stop: Arc<Notify>,
}

async fn start(mode: &str) -> Running {
    let timeouts = Timeouts {
        detect: Duration::from_millis(200),
        half_closed: Duration::from_secs(3),
        ..Timeouts::default()
    };
    start_with(mode, timeouts).await
}

async fn start_with(mode: &str, timeouts: Timeouts) -> Running {
    let home = tempfile::tempdir().unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    tokio::spawn(writer.run(
        |_| std::future::ready(Ok::<_, String>(())),
        |_| dashcam_recorder::Refusal::lost(dashcam_exchange::GapReason::DiskError),
    ));
    let control = Arc::new(Control::new(Settings::default()));
    let listener = ListenerConfig { mode: mode.parse().unwrap(), ..ListenerConfig::default() };
    let config = Config { listeners: vec![listener], timeouts, ..Config::default() };
    let proxy = Proxy::bind(config, Arc::clone(&control), authority, recorder).await.unwrap();
    let address = proxy.listeners()[0].address;
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    tokio::spawn(proxy.run(async move { stopped.notified().await }, Duration::ZERO));
    Running { address, control, stop }
}

async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Reads until `end` has come.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut seen = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&seen).contains(end) {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "{:?}", String::from_utf8_lossy(&seen));
        }
    };
    timeout(DEADLINE, read).await.unwrap_or_else(|_| panic!("{end:?} never came"));
    String::from_utf8(seen).unwrap()
}

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// An upstream that answers each request (told by its empty line) with `answer(connection number, head)`.
async fn upstream(answer: impl Fn(usize, &str) -> String + Send + Sync + Clone + 'static) -> SocketAddr {
    let (listener, address) = bind().await;
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while let Ok(read) = stream.read_buf(&mut seen).await {
                    if read == 0 {
                        return;
                    }
                    if seen.ends_with(b"\r\n\r\n") {
                        let head = String::from_utf8(std::mem::take(&mut seen)).unwrap();
                        stream.write_all(answer(number, &head).as_bytes()).await.unwrap();
                    }
                }
            });
        }
    });
    address
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn bytes_before_the_detection_timed_out_are_relayed() {
    let (listener, address) = bind().await;
    let proxy = start("forward").await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, &format!("CONNECT {address} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    read_until(&mut client, "\r\n\r\n").await;
    send(&mut client, "abcd").await;
    let (mut server, _) = timeout(DEADLINE, listener.accept()).await.unwrap().unwrap();
    assert_eq!(read_until(&mut server, "d").await, "abcd");
}

#[tokio::test]
async fn a_switch_that_nobody_asked_for_is_refused() {
    let evil = upstream(|_, _| "HTTP/1.1 101 Switching Protocols\r\n\r\n".to_owned()).await;
    let good = upstream(|_, _| OK.to_owned()).await;
    let proxy = start("forward").await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, &format!("GET http://{evil}/ HTTP/1.1\r\nHost: {evil}\r\n\r\n")).await;
    assert!(read_until(&mut client, "}}\n").await.starts_with("HTTP/1.1 502"));
    send(&mut client, &format!("GET http://{good}/ HTTP/1.1\r\nHost: {good}\r\n\r\n")).await;
    assert!(read_until(&mut client, "ok").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn connect_does_not_reach_a_reverse_upstream() {
    let to = upstream(|_, _| OK.to_owned()).await;
    let proxy = start(&format!("reverse:http://{to}")).await;
    for target in ["/", "a:443"] {
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        send(&mut client, &format!("CONNECT {target} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        assert!(read_until(&mut client, "}}\n").await.starts_with("HTTP/1.1 400"), "{target}");
    }
}

#[tokio::test]
async fn a_repeated_length_is_passed_on_once() {
    let to =
        upstream(|_, _| "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok".to_owned())
            .await;
    let proxy = start(&format!("reverse:http://{to}")).await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let response = read_until(&mut client, "ok").await;
    assert_eq!(response.matches("Content-Length: 2").count(), 1, "{response}");
}

#[tokio::test]
async fn a_cut_response_to_an_upload_is_a_reset() {
    let cut = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    let (listener, to) = bind().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_until(&mut stream, "body").await;
        stream.write_all(cut.as_bytes()).await.unwrap();
    });
    let proxy = start(&format!("reverse:http://{to}")).await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, "POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody").await;
    let mut all = Vec::new();
    let ended = timeout(DEADLINE, client.read_to_end(&mut all)).await.unwrap();
    assert_eq!(
        ended.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionReset,
        "{}",
        String::from_utf8_lossy(&all)
    );
}

#[tokio::test]
async fn an_authenticated_connection_is_nobody_elses() {
    let to = upstream(|number, _| OK.replace("ok", &number.to_string()).replace(": 2", ": 1")).await;
    let proxy = start(&format!("reverse:http://{to}")).await;
    let mut first = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut first, "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: NTLM abc\r\n\r\n").await;
    assert!(read_until(&mut first, "\r\n\r\n0").await.ends_with('0'));
    let mut second = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut second, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(read_until(&mut second, "\r\n\r\n1").await.ends_with('1'));
    send(&mut first, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(
        read_until(&mut first, "\r\n\r\n0").await.ends_with('0'),
        "it keeps the connection that knows it"
    );
}

#[tokio::test]
async fn a_client_that_is_gone_is_gone_for_the_upstream_too() {
    let (listener, to) = bind().await;
    let proxy = start(&format!("reverse:http://{to}")).await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody").await;
    let (mut server, _) = timeout(DEADLINE, listener.accept()).await.unwrap().unwrap();
    read_until(&mut server, "body").await;
    drop(client);
    let mut rest = Vec::new();
    let closed = timeout(DEADLINE, server.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the upstream still waits for a client that has left");
}

#[tokio::test]
async fn a_half_closed_client_gets_its_response() {
    let to = upstream(|_, _| OK.to_owned()).await;
    let proxy = start(&format!("reverse:http://{to}")).await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    client.shutdown().await.unwrap();
    assert!(read_until(&mut client, "ok").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn our_own_addresses_are_refused_under_any_name() {
    let proxy = start("forward").await;
    let port = proxy.address.port();
    for host in ["127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]", "localhost", "127.0.0.2"] {
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        send(&mut client, &format!("GET http://{host}:{port}/ HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        assert!(read_until(&mut client, "}}\n").await.starts_with("HTTP/1.1 508"), "{host}");
    }
}

#[tokio::test]
async fn going_off_does_not_end_plain_connections() {
    let to = upstream(|_, _| OK.to_owned()).await;
    let proxy = start("forward").await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    for level in [Level::Full, Level::Off, Level::Metrics, Level::Metadata] {
        proxy.control.change(&Patch { level: Some(level), ..Patch::default() }).unwrap();
        send(&mut client, &format!("GET http://{to}/ HTTP/1.1\r\nHost: {to}\r\n\r\n")).await;
        assert!(read_until(&mut client, "ok").await.starts_with("HTTP/1.1 200"), "{level}");
    }
}

/// A client that reads nothing before it has sent everything, and an origin that answers meanwhile.
#[tokio::test]
async fn a_response_that_is_not_read_yet_does_not_hold_up_its_request() {
    const SIZE: usize = 24 << 20;
    let (listener, to) = bind().await;
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (mut read, mut write) = stream.into_split();
        let answer = async move {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n");
            write.write_all(head.as_bytes()).await.unwrap();
            write.write_all(&vec![b'y'; SIZE]).await.unwrap();
            write
        };
        let take = async move {
            let mut taken = vec![0; 64 << 10];
            while read.read(&mut taken).await.unwrap_or(0) > 0 {}
        };
        tokio::join!(answer, take);
    });
    let proxy = start(&format!("reverse:http://{to}")).await;
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    let talk = async {
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {SIZE}\r\n\r\n");
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(&vec![b'x'; SIZE]).await.unwrap();
        let mut all = vec![0; SIZE];
        client.read_exact(&mut all).await.unwrap();
        assert!(all.starts_with(b"HTTP/1.1 200") && all.ends_with(b"yy"));
    };
    timeout(DEADLINE, talk).await.expect("each waits for the other");
}
