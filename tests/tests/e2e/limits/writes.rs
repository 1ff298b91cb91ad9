//! Clients that do not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::h2::code::CANCEL;
use dashcam_tests::h2::frame::{headers, settings, window_update};
use dashcam_tests::h2::peer::Peer;
use dashcam_tests::h2::{self, setting};
use dashcam_tests::origin::Origin;
use dashcam_tests::wire::{Framing, read_head, read_piece};
use dashcam_tests::{raw, wire};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{connect_from, endless, meets, message, met, met_exactly};

const SHORT: &str = "[timeouts]\nwrite = '500ms'\n";

#[tokio::test]
async fn an_http1_client_that_does_not_read_is_cut_off() -> Result<()> {
    let origin = endless().await?;
    let dashcam = Dashcam::start_with(SHORT, &[]).await?;
    let mut io = connect_from([127, 0, 0, 1], dashcam.proxy()).await?;
    raw::send(&mut io, &format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", origin.url("/endless"))).await?;
    meets(&dashcam, "write", 1).await?;
    let exchange = dashcam.api().ended("/endless").await?;
    assert_eq!(
        (exchange["state"].as_str(), exchange["failure"]["side"].as_str()),
        (Some("failed"), Some("client"))
    );
    assert!(message(&exchange).contains("timeouts.write"), "{exchange}");
    // What was not cut cleanly must not look whole.
    let ended = within("the end", async { Ok(io.read_to_end(&mut Vec::new()).await) }).await?;
    assert!(ended.is_err(), "a clean end");
    Ok(())
}

/// Paused until nothing moves any more, and then read on.
#[tokio::test]
async fn a_download_that_is_paused_lives() -> Result<()> {
    const SIZE: usize = 32 << 20;
    let sent = Arc::new(AtomicUsize::new(0));
    let origin = {
        let sent = Arc::clone(&sent);
        Origin::raw(move |mut stream| {
            let sent = Arc::clone(&sent);
            async move {
                let _some = stream.read(&mut [0; 4096]).await?;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n");
                stream.write_all(head.as_bytes()).await?;
                for _ in 0..SIZE / 16_384 {
                    stream.write_all(&[b'x'; 16_384]).await?;
                    sent.fetch_add(16_384, Ordering::Relaxed);
                }
                Ok(())
            }
        })
        .await?
    };
    let dashcam = Dashcam::start(&["--record", "metadata"]).await?;
    let mut io = connect_from([127, 0, 0, 1], dashcam.proxy()).await?;
    raw::send(&mut io, &format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", origin.url("/paused"))).await?;
    let head = within("a head", read_head(&mut io)).await?.context("no head")?;
    let (mut last, mut same) = (0, 0);
    eventually("nothing moves", async || {
        let now = sent.load(Ordering::Relaxed);
        same = if now == last && now > 0 { same + 1 } else { 0 };
        last = now;
        Ok((same > 30).then_some(()))
    })
    .await?;
    assert!(last < SIZE, "nothing was held up");
    let (mut framing, mut trailers, mut read) = (Framing::of_response(&head, "GET"), wire::Fields::new(), 0);
    within("the rest", async {
        while let Some(piece) = read_piece(&mut io, &mut framing, &mut trailers).await? {
            read += piece.len();
        }
        Ok(())
    })
    .await?;
    assert_eq!((read, met(&dashcam, "write").await?), (SIZE, 0));
    Ok(())
}

/// A stream whose window is never opened is ended; its connection and the others on it go on.
#[tokio::test]
async fn an_http2_stream_without_a_window_is_ended() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start_with(SHORT, &[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.generous = false;
    peer.write(&settings(&[(setting::INITIAL_WINDOW_SIZE, 0)])).await?;
    peer.write(&headers(1, &get("/bytes/1000000"), true)).await?;
    assert_eq!(peer.reset(1).await?, CANCEL);
    peer.write(&[headers(3, &get("/json"), true), window_update(3, 10_000)].concat()).await?;
    assert_eq!(peer.response(3).await?.status(), 200);
    let exchange = dashcam.api().ended("/bytes/1000000").await?;
    assert!(message(&exchange).contains("timeouts.write"), "{exchange}");
    assert_eq!(exchange["failure"]["side"], "client");
    met_exactly(&dashcam, "write", 1).await
}

/// A connection of which nothing is read, though its windows are wide.
#[tokio::test]
async fn an_http2_connection_that_is_not_read_is_cut_off() -> Result<()> {
    let origin = Origin::h2c().await?;
    let dashcam = Dashcam::start_with(SHORT, &[]).await?;
    let mut io = connect_from([127, 0, 0, 1], dashcam.proxy()).await?;
    let authority = origin.address();
    raw::send(&mut io, &format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await?;
    within("an answer", read_head(&mut io)).await?;
    let wide = i32::MAX.unsigned_abs();
    let mut peer = Peer::client(io, &[(setting::INITIAL_WINDOW_SIZE, wide)]).await?;
    peer.write(&window_update(0, 1 << 30)).await?;
    for stream in 0..8 {
        peer.write(&headers(2 * stream + 1, &get("/bytes/2000000"), true)).await?;
    }
    meets(&dashcam, "write", 1).await?;
    // Some of the requests may have had no answer yet.
    eventually("an exchange that failed for that", async || {
        let rows = dashcam.api().ending_in("/bytes/2000000").await?;
        let Some(row) = rows.iter().find(|row| row["state"] == "failed") else { return Ok(None) };
        let exchange = dashcam.api().get(&format!("/exchanges/{}", row["id"])).await?;
        assert!(message(&exchange).contains("timeouts.write"), "{exchange}");
        Ok(Some(()))
    })
    .await?;
    let connection = dashcam.api().connection("failed", |row| !row["failure"].is_null()).await?;
    assert!(message(&connection).contains("does not read its HTTP/2 connection"), "{connection}");
    Ok(())
}

#[tokio::test]
async fn a_tunnel_whose_client_does_not_read_is_cut_off() -> Result<()> {
    let origin = endless().await?;
    let dashcam = Dashcam::start_with(SHORT, &["--ignore-hosts", "."]).await?;
    let mut io = connect_from([127, 0, 0, 1], dashcam.proxy()).await?;
    let authority = origin.address();
    raw::send(&mut io, &format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await?;
    within("an answer", read_head(&mut io)).await?;
    raw::send(&mut io, "go\r\n").await?;
    meets(&dashcam, "write", 1).await?;
    let connection = dashcam.api().connection("failed", |row| !row["failure"].is_null()).await?;
    assert!(message(&connection).contains("timeouts.write"), "{connection}");
    Ok(())
}

fn get(path: &str) -> [(&str, &str); 4] {
    [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
}
