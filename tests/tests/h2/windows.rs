//! Flow control from end to end: who does not read stalls who writes, and no body is held in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{DEADLINE, eventually, within};
use dashcam_tests::h2::frame::{data, headers, settings, window_update};
use dashcam_tests::h2::origin::by_hand;
use dashcam_tests::h2::peer::{Event, Peer};
use dashcam_tests::h2::{self, setting};
use dashcam_tests::origin::Origin;
use dashcam_tests::{test_ca, wire};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use crate::asking::{OK, get, post};

const WHOLE: usize = 32 << 20;
/// Windows, and the sockets' buffers.
const HELD: usize = 14 << 20;
/// Bytes that pass through windows of `SMALL` bytes.
const MUCH: usize = 128 << 20;
const SMALL: u32 = 16 << 10;
const QUIET: Duration = Duration::from_millis(500);

/// How much has moved when nothing moves any more.
async fn stalled(moved: &AtomicUsize) -> Result<usize> {
    let (mut last, mut since) = (0, tokio::time::Instant::now());
    eventually("it stalls", async || {
        let now = moved.load(Ordering::Relaxed);
        if now != last {
            (last, since) = (now, tokio::time::Instant::now());
        }
        Ok((now > 0 && since.elapsed() > QUIET).then_some(now))
    })
    .await
}

async fn h2_source(sent: Arc<AtomicUsize>, whole: usize) -> Result<Origin> {
    by_hand(true, &[], move |mut peer| {
        let sent = Arc::clone(&sent);
        async move {
            let (stream, _) = peer.accept().await?.context("no request")?;
            peer.write(&headers(stream, &OK, false)).await?;
            let mut left = whole;
            while left > 0 {
                let poured = peer.pour(stream, left).await?;
                sent.fetch_add(poured, Ordering::Relaxed);
                left -= poured;
                if poured == 0 {
                    peer.next().await?;
                }
            }
            peer.write(&data(stream, b"", true)).await?;
            peer.accept().await.map(drop)
        }
    })
    .await
}

async fn h1_source(sent: Arc<AtomicUsize>) -> Result<Origin> {
    let tls = TlsAcceptor::from(test_ca::shared()?.server(&["localhost"], &["http/1.1"])?);
    Origin::raw(move |stream| {
        let (tls, sent) = (tls.clone(), Arc::clone(&sent));
        async move {
            let mut io = BufReader::new(tls.accept(stream).await?);
            wire::read_head(&mut io).await?.context("no request")?;
            io.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {WHOLE}\r\n\r\n").as_bytes()).await?;
            for _ in 0..WHOLE / 16_384 {
                io.write_all(&[0; 16_384]).await?;
                sent.fetch_add(16_384, Ordering::Relaxed);
            }
            io.flush().await?;
            io.read_to_end(&mut Vec::new()).await?;
            Ok(())
        }
    })
    .await
}

#[tokio::test]
async fn a_client_that_does_not_read_stalls_the_origin() -> Result<()> {
    let sent = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let origins = [h2_source(Arc::clone(&sent[0]), WHOLE).await?, h1_source(Arc::clone(&sent[1])).await?];
    for (origin, sent) in origins.iter().zip(&sent) {
        let (_dashcam, mut peer) = h2::bridged(origin.port(), &["--record", "metadata"]).await?;
        peer.write(&get(1, "/large")).await?;
        let held = stalled(sent).await?;
        assert!(held < HELD, "{held} bytes are held for a client that reads nothing");
        assert_eq!(peer.response(1).await?.body.len(), WHOLE);
    }
    Ok(())
}

/// Reads the request's body only when told to.
async fn sink(go: Arc<Semaphore>, windows: &[(u16, u32)]) -> Result<Origin> {
    by_hand(true, windows, move |mut peer| {
        let go = Arc::clone(&go);
        async move {
            let (stream, _) = peer.accept().await?.context("no request")?;
            go.acquire().await?.forget();
            let mut size = 0;
            loop {
                if let Event::Data { bytes, ends, .. } = peer.next().await? {
                    size += bytes.len();
                    if ends {
                        break;
                    }
                }
            }
            peer.answer(stream, &OK, size.to_string().as_bytes()).await?;
            peer.accept().await.map(drop)
        }
    })
    .await
}

/// Pours until the other side's window stays shut, or all is sent.
async fn pour(peer: &mut Peer, stream: u32, all: usize, wait: Option<Duration>) -> Result<usize> {
    let mut sent = 0;
    while sent < all {
        let poured = peer.pour(stream, all - sent).await?;
        sent += poured;
        if poured == 0 {
            match wait {
                Some(wait) => match tokio::time::timeout(wait, peer.next()).await {
                    Ok(event) => drop(event?),
                    Err(_) => break,
                },
                None => drop(peer.next().await?),
            }
        }
    }
    Ok(sent)
}

#[tokio::test]
async fn an_origin_that_does_not_read_stalls_the_client() -> Result<()> {
    let dashcam = Dashcam::unredacted(&["--record", "metadata"]).await?;
    let go = Arc::new(Semaphore::new(0));
    let origin = sink(Arc::clone(&go), &[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&post(1, "/up")).await?;
    let sent = pour(&mut peer, 1, WHOLE, Some(QUIET)).await?;
    assert!(sent < HELD, "{sent} bytes are held for an origin that reads nothing");
    go.add_permits(1);
    within("the rest", pour(&mut peer, 1, WHOLE - sent, None)).await?;
    peer.write(&data(1, b"", true)).await?;
    assert_eq!(peer.response(1).await?.body, WHOLE.to_string().as_bytes());
    Ok(())
}

/// Far more than all windows together, down to a client and up to an origin that give a few KiB at a time.
#[tokio::test]
async fn much_passes_through_small_windows_in_bounded_memory() -> Result<()> {
    let small = [(setting::INITIAL_WINDOW_SIZE, SMALL)];
    let dashcam = Dashcam::unredacted(&["--record", "metadata"]).await?;
    let source = h2_source(Arc::default(), MUCH).await?;
    let sink = sink(Arc::new(Semaphore::new(1)), &small).await?;
    let before = dashcam.memory("VmRSS")?;

    let mut peer = h2::secure(&dashcam, source.port()).await?;
    peer.write(&[settings(&small), get(1, "/much")].concat()).await?;
    let (mut size, mut ended) = (0, false);
    while !ended {
        match within("more of it", peer.next()).await? {
            Event::Data { bytes, ends, .. } => (size, ended) = (size + bytes.len(), ends),
            broken @ (Event::Reset { .. } | Event::GoAway { .. } | Event::Closed) => bail!("{broken:?}"),
            _ => {}
        }
    }
    assert_eq!(size, MUCH);

    let mut peer = h2::secure(&dashcam, sink.port()).await?;
    peer.write(&post(1, "/much")).await?;
    assert_eq!(pour(&mut peer, 1, MUCH, Some(DEADLINE)).await?, MUCH);
    peer.write(&data(1, b"", true)).await?;
    assert_eq!(peer.response(1).await?.body, MUCH.to_string().as_bytes());
    let grown = dashcam.memory("VmHWM")?.saturating_sub(before);
    assert!(grown < HELD as u64 * 2, "{grown} bytes more than before");
    Ok(())
}

/// A stream that nobody reads does not keep others from their share of the connection.
#[tokio::test]
async fn a_stalled_stream_holds_up_no_other() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::unredacted(&["--record", "metadata"]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.generous = false;
    // The connection's window is wide, the streams' are not.
    peer.write(&[settings(&[(setting::INITIAL_WINDOW_SIZE, 1000)]), window_update(0, 16 << 20)].concat())
        .await?;
    for stream in [1, 3, 5] {
        peer.write(&get(stream, "/bytes/8000000")).await?;
    }
    peer.generous = true;
    peer.write(&get(7, "/json")).await?;
    let ended = |event: &Event| crate::asking::ends(event, 7).then_some(());
    peer.wait("the small one's end", ended).await
}

/// A window that shrinks and grows again while a response is under way (RFC 9113 §6.9.2).
#[tokio::test]
async fn a_changed_window_counts_for_open_streams() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.generous = false;
    peer.write(&[settings(&[(setting::INITIAL_WINDOW_SIZE, 10)]), get(1, "/json")].concat()).await?;
    let piece = |event: &Event| match event {
        Event::Data { bytes, .. } => Some(bytes.len()),
        _ => None,
    };
    assert_eq!(peer.wait("as much as the window has", piece).await?, 10);
    peer.write(&settings(&[(setting::INITIAL_WINDOW_SIZE, 13)])).await?;
    assert_eq!(peer.wait("as much as it grew", piece).await?, 3);
    peer.write(&[settings(&[(setting::INITIAL_WINDOW_SIZE, 0)]), window_update(1, 15)].concat()).await?;
    assert_eq!(peer.wait("what is left when it has shrunk", piece).await?, 2);
    peer.write(&window_update(1, 1000)).await?;
    peer.wait("the end", |event| crate::asking::ends(event, 1).then_some(())).await
}

/// Clients that take nothing hold up no other client of the same origin, however many they are.
#[tokio::test]
async fn clients_that_do_not_read_hold_up_no_other() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::unredacted(&["--record", "metadata"]).await?;
    let mut stalled = Vec::new();
    for _ in 0..6 {
        let mut peer = h2::secure(&dashcam, origin.port()).await?;
        peer.generous = false;
        for stream in [1, 3, 5, 7] {
            peer.write(&get(stream, "/bytes/8000000")).await?;
        }
        let head = |event: &Event| matches!(event, Event::Headers { .. }).then_some(());
        peer.wait("a head", head).await?;
        stalled.push(peer);
    }
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&get(1, "/json")).await?;
    assert_eq!(peer.response(1).await?.status(), 200);
    Ok(())
}
