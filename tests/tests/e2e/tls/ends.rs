//! Ends of TLS: announced (close_notify) or not, they are passed on as they are, and what came before them is not lost.

use std::io::ErrorKind;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::h2;
use dashcam_tests::h2::frame::headers;
use dashcam_tests::h2::peer::Peer;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::test_ca;
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// How a side ends its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Announced,
    /// TCP's alone.
    Unannounced,
    Reset,
}

/// An origin that answers each connection's request with what its target names among `answers`, and ends; it resets
/// once the client has told that something `came`.
async fn origin(
    version: &'static SupportedProtocolVersion,
    answers: Vec<(Vec<u8>, End)>,
    came: &Arc<Notify>,
) -> Result<Origin> {
    let (chain, key) = test_ca::shared()?.issue_with(&["localhost"], |_| {})?.for_rustls();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let (tls, answers) = (tokio_rustls::TlsAcceptor::from(Arc::new(config)), Arc::new(answers));
    let came = Arc::clone(came);
    Origin::raw(move |stream| {
        let (tls, answers, came) = (tls.clone(), Arc::clone(&answers), Arc::clone(&came));
        async move {
            let mut stream = tls.accept(stream).await?;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            let target = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap_or_default().to_owned();
            let case: usize = target.trim_start_matches("/case-").parse()?;
            let (answer, end) = &answers[case];
            stream.write_all(answer).await?;
            stream.flush().await?;
            match end {
                End::Announced => stream.shutdown().await?,
                End::Unannounced => {}
                End::Reset => {
                    // A reset discards what is under way.
                    came.notified().await;
                    stream.get_ref().0.set_zero_linger()?;
                }
            }
            Ok(())
        }
    })
    .await
}

/// The answer to `GET target`, and how the connection ends behind it. Tells `came` of bytes that come.
async fn get(dashcam: &Dashcam, authority: &str, target: &str, came: &Notify) -> Result<(Vec<u8>, End)> {
    let stream: TcpStream = super::connect(dashcam.proxy(), Some(authority)).await?;
    let mut io = super::handshake(super::client(&dashcam.ca(), &["http/1.1"])?, "localhost", stream).await?;
    io.write_all(format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes()).await?;
    let mut got = Vec::new();
    within(&format!("the end of {target}"), async {
        loop {
            match io.read_buf(&mut got).await {
                Ok(0) => return Ok((got, End::Announced)),
                Ok(_) if body(&got).is_ok_and(|body| !body.is_empty()) => came.notify_one(),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok((got, End::Unannounced)),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok((got, End::Reset)),
                Err(error) => bail!("{target}: {error}"),
            }
        }
    })
    .await
}

/// The body behind a head.
fn body(answer: &[u8]) -> Result<&[u8]> {
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").context("no head")?;
    Ok(&answer[at + 4..])
}

#[tokio::test]
async fn a_body_that_ends_with_the_connection_ends_as_it_did() -> Result<()> {
    let (dashcam, came) = (Dashcam::start(&[]).await?, Arc::default());
    for version in [&TLS12, &TLS13] {
        let mut answers = Vec::new();
        for head in [
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\n",
        ] {
            for end in [End::Announced, End::Unannounced] {
                answers.push(([head.as_bytes(), b"hello world"].concat(), end));
            }
        }
        let server = origin(version, answers.clone(), &came).await?;
        let authority = format!("localhost:{}", server.port());
        for (case, (answer, end)) in answers.iter().enumerate() {
            let case_name = format!("{:?}, {}, {end:?}", version.version, String::from_utf8_lossy(answer));
            let target = format!("/case-{case}");
            let got = get(&dashcam, &authority, &target, &came).await?;
            let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            assert_eq!(got, ([&head[..], b"hello world"].concat(), *end), "{case_name}");
            let exchange = dashcam.api().ended(&format!("{authority}{target}")).await?;
            assert_eq!(exchange["state"], "complete", "{case_name}: {exchange}");
            assert_eq!(exchange["response_body"]["complete"], true, "{case_name}: {exchange}");
            let recorded = if *end == End::Announced { "close_notify" } else { "tcp_close" };
            assert_eq!(exchange["response_body"]["end"], recorded, "{case_name}: {exchange}");
        }
    }
    Ok(())
}

/// HTTP/2 knows no such end: its clients get that of the stream.
#[tokio::test]
async fn an_http2_client_gets_the_end_of_its_stream() -> Result<()> {
    let answers = vec![(b"HTTP/1.1 200 OK\r\n\r\nhello".to_vec(), End::Unannounced)];
    let server = origin(&TLS13, answers, &Arc::default()).await?;
    let mode = format!("reverse:https://localhost:{}@127.0.0.1:0", server.port());
    let dashcam = Dashcam::start(&["-m", &mode]).await?;
    let io = h2::tls(raw::open(dashcam.proxy()).await?, &dashcam.ca()).await?;
    let mut peer = Peer::client(io, &[]).await?;
    let fields =
        [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/case-0")];
    peer.write(&headers(1, &fields, true)).await?;
    let got = peer.response(1).await?;
    assert_eq!((got.status(), got.body.as_slice()), (200, &b"hello"[..]));
    assert_eq!(dashcam.api().ended("/case-0").await?["state"], "complete");
    Ok(())
}

/// Bytes that an origin sends before it closes at once arrive, however many they are.
#[tokio::test]
async fn no_tail_is_lost() -> Result<()> {
    let (dashcam, came) = (Dashcam::start(&[]).await?, Arc::default());
    let sizes = [0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 1 << 20, 5_000_000];
    let answer = |size: usize| {
        let mut answer = b"HTTP/1.0 200 OK\r\n\r\n".to_vec();
        answer.extend((0..size).map(|at| (at % 251) as u8));
        answer
    };
    for end in [End::Announced, End::Unannounced] {
        let answers: Vec<_> = sizes.iter().map(|size| (answer(*size), end)).collect();
        let server = origin(&TLS13, answers.clone(), &came).await?;
        let authority = format!("localhost:{}", server.port());
        for (case, (sent, _)) in answers.iter().enumerate() {
            let (got, seen) = get(&dashcam, &authority, &format!("/case-{case}"), &came).await?;
            assert!(body(&got)? == body(sent)?, "{} of {} bytes", body(&got)?.len(), sizes[case]);
            assert_eq!(seen, end, "{} bytes", sizes[case]);
        }
    }
    Ok(())
}

/// A cut body is a failure, and looks cut: its end is passed on as it was, but never as that of a whole body.
#[tokio::test]
async fn what_is_cut_stays_cut() -> Result<()> {
    let (dashcam, came) = (Dashcam::start(&[]).await?, Arc::default());
    let cases = [
        ("Content-Length: 99\r\n\r\nhello", End::Announced, "cut short"),
        ("Content-Length: 99\r\n\r\nhello", End::Unannounced, "cut short"),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", End::Announced, "cut short"),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", End::Unannounced, "cut short"),
        ("X: until the end\r\n\r\nhello", End::Reset, "broke off"),
        ("Content-Length: 99\r\n\r\nhello", End::Reset, "broke off"),
    ];
    let answers =
        cases.iter().map(|(rest, end, _)| (format!("HTTP/1.1 200 OK\r\n{rest}").into_bytes(), *end));
    let server = origin(&TLS13, answers.collect(), &came).await?;
    let authority = format!("localhost:{}", server.port());
    for (case, (rest, end, why)) in cases.iter().enumerate() {
        let target = format!("/case-{case}");
        let (got, seen) = get(&dashcam, &authority, &target, &came).await?;
        assert!(String::from_utf8_lossy(&got).contains("hello"), "{rest:?}: {got:?}");
        assert_eq!(seen, *end, "{rest:?}");
        let exchange = dashcam.api().ended(&format!("{authority}{target}")).await?;
        assert_eq!(exchange["state"], "failed", "{rest:?}: {exchange}");
        let message = exchange["failure"]["message"].as_str().context("no message")?;
        assert!(message.contains(why), "{rest:?}: {message}");
    }
    Ok(())
}
