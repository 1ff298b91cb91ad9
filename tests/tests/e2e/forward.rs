//! Forward mode beyond what ordinary clients do: interim responses, servers that speak first, other protocols.

use std::sync::Arc;

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::digest;
use dashcam_tests::eventually::within;
use dashcam_tests::h2::frame::headers;
use dashcam_tests::h2::peer::Peer;
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::wire::{read_head, read_response};
use dashcam_tests::{raw, test_ca};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::same::{assert_same_answers, through};

#[tokio::test]
async fn early_hints_are_recorded_and_do_no_harm() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let got = ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/early"))]).await?;
    assert_eq!((got[0].status, got[0].body.as_slice()), (200, b"late".as_slice()));
    let exchange = dashcam.api().ended("/early").await?;
    assert_eq!(exchange["interim"][0]["status"], 103);
    assert_eq!(exchange["status"], 200);
    Ok(())
}

#[tokio::test]
async fn a_client_that_waits_for_100_gets_it_from_the_upstream() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url("/digest?continue"), origin.address());
    raw::send(
        &mut io,
        &format!("POST {url} HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
    )
    .await?;
    let interim = within("100 Continue", read_head(&mut io)).await?.expect("a head");
    assert_eq!(interim.status()?, 100);
    raw::send(&mut io, "hello").await?;
    let answer = within("the answer", read_response(&mut io, "POST")).await?;
    assert_eq!(String::from_utf8(answer.body)?, digest::of(b"hello"));
    Ok(())
}

#[tokio::test]
async fn a_refused_expectation_reaches_the_client_without_a_100() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url("/status/417?refused"), origin.address());
    raw::send(
        &mut io,
        &format!("POST {url} HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
    )
    .await?;
    let first = within("the answer", read_head(&mut io)).await?.expect("a head");
    assert_eq!(first.status()?, 417);
    Ok(())
}

#[tokio::test]
async fn a_server_that_speaks_first_is_relayed() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        stream.write_all(b"220 ready\r\n").await?;
        let mut heard = [0; 4];
        stream.read_exact(&mut heard).await?;
        stream.write_all(&heard).await?;
        Ok(())
    })
    .await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut io = raw::tunnel(dashcam.proxy(), &origin.address().to_string()).await?;
    let mut greeting = [0; 11];
    within("the greeting", async { Ok(io.read_exact(&mut greeting).await?) }).await?;
    assert_eq!(&greeting, b"220 ready\r\n");
    raw::send(&mut io, "EHLO").await?;
    let mut rest = Vec::new();
    within("the echo", async { Ok(io.read_to_end(&mut rest).await?) }).await?;
    assert_eq!(rest, b"EHLO");
    drop(io);
    let connection = dashcam
        .api()
        .connection("silent", |row| row["detected"] == "silent" && !row["closed_at"].is_null())
        .await?;
    assert_eq!(connection["verdict"], "tunnel");
    assert_eq!((connection["bytes_in"].as_u64(), connection["bytes_out"].as_u64()), (Some(4), Some(15)));
    Ok(())
}

/// A tunnel that is silent for longer than the detection's limit.
async fn silent_tunnel(origin: &Origin) -> Result<(Dashcam, Stream)> {
    let dashcam = Dashcam::start_with("timeouts.detect = '100ms'\n", &[]).await?;
    let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{}", origin.port())).await?;
    dashcam.api().connection("silent", |row| row["detected"] == "silent").await?;
    Ok((dashcam, io))
}

/// Browsers open connections long before they use them.
#[tokio::test]
async fn a_client_that_speaks_late_is_decrypted() -> Result<()> {
    let origin = Origin::https().await?;
    let (dashcam, io) = silent_tunnel(&origin).await?;
    let mut io = raw::tls(io, &dashcam.ca(), "localhost").await?;
    assert_eq!(raw::get(&mut io, "/json?late", "localhost").await?.head.status()?, 200);
    assert_eq!(dashcam.api().ended("/json?late").await?["status"], 200);
    drop(io);
    let connection = dashcam.api().connection("closed", |row| !row["closed_at"].is_null()).await?;
    assert_eq!(
        (connection["detected"].as_str(), connection["verdict"].as_str()),
        (Some("tls"), Some("decrypt"))
    );
    Ok(())
}

/// An HTTP/2 server speaks first: nothing is in the way of that.
#[tokio::test]
async fn a_client_that_speaks_http2_late_is_relayed() -> Result<()> {
    let origin = Origin::h2c().await?;
    let (dashcam, io) = silent_tunnel(&origin).await?;
    get_over_h2(io, "http", "/json?late").await?;
    let connection = dashcam.api().connection("closed", |row| !row["closed_at"].is_null()).await?;
    assert_eq!(connection["verdict"], "tunnel");
    Ok(())
}

/// HTTP/2 that its client knows beforehand, without ALPN.
#[tokio::test]
async fn http2_inside_tls_without_alpn_is_read() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    for (number, origin) in [Origin::https().await?, Origin::https1().await?].iter().enumerate() {
        let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{}", origin.port())).await?;
        let mut config = Arc::unwrap_or_clone(raw::client_config(&dashcam.ca())?);
        config.alpn_protocols.clear();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream =
            within("TLS", async { Ok(connector.connect("localhost".try_into()?, io).await?) }).await?;
        let path = format!("/json?alpn{number}");
        get_over_h2(BufReader::new(Box::new(stream)), "https", &path).await?;
        assert_eq!(dashcam.api().ended(&path).await?["status"], 200);
    }
    Ok(())
}

/// Gets `path` over HTTP/2 on `io`.
async fn get_over_h2(io: Stream, scheme: &str, path: &str) -> Result<()> {
    let mut peer = Peer::client(io, &[]).await?;
    let fields = [(":method", "GET"), (":scheme", scheme), (":authority", "localhost"), (":path", path)];
    peer.write(&headers(1, &fields, true)).await?;
    assert_eq!(peer.response(1).await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn another_protocol_is_relayed_unread() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        let mut heard = [0; 8];
        stream.read_exact(&mut heard).await?;
        heard.reverse();
        Ok(stream.write_all(&heard).await?)
    })
    .await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut io = raw::tunnel(dashcam.proxy(), &origin.address().to_string()).await?;
    io.write_all(&[0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]).await?;
    let mut answer = Vec::new();
    within("the answer", async { Ok(io.read_to_end(&mut answer).await?) }).await?;
    assert_eq!(answer, [0xff, 0xfe, 0xfd, 0xfc, 3, 2, 1, 0]);
    let connection = dashcam.api().connection("other", |row| row["detected"] == "other").await?;
    assert_eq!(connection["verdict"], "tunnel");
    Ok(())
}

/// A keep-alive connection that the upstream closes at the moment of reuse: the client must not notice.
#[tokio::test]
async fn a_stale_upstream_connection_is_retried() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let host = origin.address().to_string();
    let mut io = raw::open(dashcam.proxy()).await?;
    assert_eq!(raw::get(&mut io, &origin.url("/json?first"), &host).await?.head.status()?, 200);
    let second = raw::get(&mut io, &origin.url("/json?stale"), &host).await?;
    assert_eq!(second.head.status()?, 200, "{:?}", second.head);
    let seen: Vec<_> = origin.site().seen_for("/json?stale").into_iter().map(|seen| seen.method).collect();
    assert_eq!(seen, ["STALE", "GET"], "the upstream connection was not reused");
    assert_eq!(dashcam.api().ended("/json?stale").await?["state"], "complete");
    Ok(())
}

/// Many small origins' answers over one client connection: each request finds its own upstream.
#[tokio::test]
async fn one_client_connection_reaches_many_upstreams() -> Result<()> {
    let (first, second) = (Origin::http().await?, Origin::http().await?);
    let dashcam = Dashcam::start(&[]).await?;
    let mut io: BufReader<_> = raw::open(dashcam.proxy()).await?;
    for (origin, path) in [(&first, "/json?1"), (&second, "/json?2"), (&first, "/json?3")] {
        let answer = raw::get(&mut io, &origin.url(path), &origin.address().to_string()).await?;
        assert_eq!(answer.head.status()?, 200);
        assert_eq!(origin.site().seen_for(path).len(), 1);
    }
    Ok(())
}

/// A client that could speak HTTP/2 speaks what the upstream chooses, as without dashcam.
#[tokio::test]
async fn an_http2_client_meets_an_http1_upstream() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let post = |target: &str| Ask {
        method: "POST",
        body: Some("a".repeat(100_000)),
        ..Ask::get(origin.url(target))
    };
    let asks = [
        post("/digest?bridge"),
        Ask::get(origin.url("/headers?bridge")),
        Ask::get(origin.url("/chunked?bridge")),
    ];
    let direct = ask("httpx-h2", &crate::same::direct()?, &asks).await?;
    let got = ask("httpx-h2", &through(&dashcam), &asks).await?;
    assert_same_answers(&direct, &got);
    let exchange = dashcam.api().ended("/headers?bridge").await?;
    assert_eq!(exchange["request"]["version"], "HTTP/1.1");
    assert_eq!(
        exchange["upstream"]["reused"], true,
        "the first request came over the connection that was opened for it"
    );
    Ok(())
}

/// A host to be ignored is tunnelled unread: the client sees the upstream's own certificate.
#[tokio::test]
async fn ignored_hosts_are_tunnelled() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&["--ignore-hosts", "^localhost"]).await?;
    let authority = format!("localhost:{}", origin.port());
    let io = raw::tunnel(dashcam.proxy(), &authority).await?;
    let mut io = raw::tls(io, &test_ca::shared()?.file(), "localhost").await?;
    assert_eq!(raw::get(&mut io, "/json?ignored", &authority).await?.head.status()?, 200);
    drop(io);
    let connection = dashcam.api().connection("closed", |row| !row["closed_at"].is_null()).await?;
    assert_eq!(
        (&connection["verdict"], &connection["destination"]),
        (&"tunnel".into(), &authority.as_str().into())
    );
    assert!(connection["bytes_out"].as_u64() > Some(500), "{connection}");
    assert!(dashcam.api().ending_in("/json?ignored").await?.is_empty());
    Ok(())
}

/// Another program may read the database while dashcam writes it.
#[tokio::test]
async fn the_database_can_be_read_meanwhile() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    for number in 1..=3 {
        let target = format!("/json?read={number}");
        ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url(&target))]).await?;
        dashcam.api().ended(&target).await?;
        let mut command = dashcam_tests::clients::python_script("database.py")?;
        command.arg(dashcam.home().join("dashcam.db"));
        let found = dashcam_tests::clients::run(command, &serde_json::Value::Null).await?;
        assert_eq!((&found["integrity"][0], &found["exchanges"]), (&"ok".into(), &number.into()));
    }
    Ok(())
}

/// A CONNECT to an address leaves the name to the request.
#[tokio::test]
async fn a_name_that_only_the_request_has_is_recorded() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let port = origin.port();
    for (host, shown) in [
        (format!("name.test:{port}"), "name.test"),
        ("Name.test:99".to_owned(), "name.test"),
        (format!("127.0.0.1:{port}"), "127.0.0.1"),
        ("192.0.2.1".to_owned(), "127.0.0.1"),
    ] {
        let mut io = raw::tunnel(dashcam.proxy(), &format!("127.0.0.1:{port}")).await?;
        let path = format!("/json?host={host}");
        assert_eq!(raw::get(&mut io, &path, &host).await?.head.status()?, 200);
        let exchange = dashcam.api().ended(&path).await?;
        assert_eq!(exchange["url"], format!("http://{shown}:{port}{path}"));
    }
    Ok(())
}

/// Asks for a tunnel that is granted as `grant` says; the head of the answer.
async fn granted(dashcam: &Dashcam, authority: &str, grant: &str) -> Result<(u16, String, Stream)> {
    let mut io = raw::open(dashcam.proxy()).await?;
    let head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nDashcam-Grant: {grant}\r\n\r\n");
    raw::send(&mut io, &head).await?;
    let head = within("an answer to CONNECT", read_head(&mut io)).await?.expect("a head");
    let why = head.field("proxy-status").unwrap_or_default().to_owned();
    Ok((head.status()?, why, io))
}

/// The upstream is dialled before the client speaks: a server that speaks first is not kept waiting for two seconds, and
/// HTTP goes over the one connection.
#[tokio::test]
async fn a_client_may_want_its_upstream_dialled_first() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    for grant in ["at-once", "connected"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (status, _, mut io) = granted(&dashcam, &address, grant).await?;
        assert_eq!(status, 200);
        // It has come before the client has said anything.
        let (mut upstream, _) =
            within("the upstream is dialled", async { Ok(listener.accept().await?) }).await?;
        raw::send(&mut io, &format!("GET /ready HTTP/1.1\r\nHost: {address}\r\n\r\n")).await?;
        let mut asked = vec![0; 1024];
        let length = within("the request", async { Ok(upstream.read(&mut asked).await?) }).await?;
        assert!(asked[..length].starts_with(b"GET /ready HTTP/1.1\r\n"), "{grant}");
        upstream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
        let answer = within("the answer", read_response(&mut io, "GET")).await?;
        assert_eq!(answer.head.status()?, 204);
    }
    Ok(())
}

/// A destination that refuses is named as that where the client waits for it; where it does not, its connection ends.
#[tokio::test]
async fn a_destination_that_refuses_is_told_by_the_grant() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let (_socket, dead) = Origin::dead()?;
    let (status, why, _) = granted(&dashcam, &dead.to_string(), "connected").await?;
    assert_eq!((status, why.as_str()), (502, "dashcam; error=connection_refused"));
    let (status, _, mut io) = granted(&dashcam, &dead.to_string(), "at-once").await?;
    assert_eq!(status, 200);
    let read = within("the connection ends", async { Ok(io.read(&mut [0; 9]).await) }).await?;
    assert!(read.is_err(), "a clean end");
    Ok(())
}
