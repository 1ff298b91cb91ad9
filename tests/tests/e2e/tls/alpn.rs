//! The protocols that clients and upstreams agree on by ALPN, with dashcam between them and without.

use anyhow::Result;
use bytes::Bytes;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::test_ca;
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::{client, connect, get, handshake};

const BOTH: &[&str] = &["h2", "http/1.1"];
const SETS: [&[&str]; 4] = [BOTH, &["http/1.1"], &["h2"], &[]];

/// Those (client, upstream) that come out differently. Where there is no handshake without dashcam, a client that
/// trusts it gets one, and an answer that says why the upstream can't be talked to. And a client that leaves no choice
/// is answered before the upstream is known.
const DIFFERENT: [(&[&str], &[&str]); 4] =
    [(&["h2"], &["http/1.1"]), (&["http/1.1"], &["h2"]), (&[], &["h2"]), (&["http/1.1"], &[])];

/// The outcome at `io` for a client that offers `offers`: the protocol and the status, or that there is no handshake.
async fn outcome(ca: &std::path::Path, offers: &[&str], io: TcpStream, authority: &str) -> Result<String> {
    let Ok(io) = handshake(client(ca, offers)?, "localhost", io).await else {
        return Ok("no handshake".to_owned());
    };
    let protocol = io.get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    let status = match protocol.as_deref() {
        Some("h2") => get_h2(io, authority).await?,
        _ => get(io, "/json", authority).await?,
    };
    Ok(format!("{} {status}", protocol.as_deref().unwrap_or("none")))
}

async fn get_h2(io: TlsStream<TcpStream>, authority: &str) -> Result<u16> {
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await?;
    let request = hyper::Request::get(format!("https://{authority}/json")).body(Empty::<Bytes>::new())?;
    let answered = within("an answer over HTTP/2", async {
        tokio::select! {
            answer = sender.send_request(request) => Ok(answer?.status().as_u16()),
            ended = connection => anyhow::bail!("the connection ended: {ended:?}"),
        }
    });
    answered.await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agreements() -> Result<()> {
    let own = test_ca::shared()?.issue_with(&["localhost"], |_| {})?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut different = Vec::new();
    for speaks in SETS {
        let origin = super::origin(own.server(speaks)?).await?;
        let authority = format!("localhost:{}", origin.port());
        for offers in SETS {
            let io = connect(origin.address(), None).await?;
            let direct = outcome(&test_ca::shared()?.file(), offers, io, &authority).await?;
            let io = connect(dashcam.proxy(), Some(&authority)).await?;
            let through = outcome(&dashcam.ca(), offers, io, &authority).await?;
            println!("client {offers:?}, upstream {speaks:?}: {direct} | {through}");
            if direct != through {
                different.push((offers, speaks));
            }
        }
    }
    assert_eq!(different, DIFFERENT, "client and upstream");
    Ok(())
}
