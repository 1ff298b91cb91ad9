//! An origin's MAX_CONCURRENT_STREAMS: kept, without a request that waits for another's end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::h2;
use dashcam_tests::h2::origin::by_hand;
use dashcam_tests::h2::peer::{Event, Peer};
use dashcam_tests::h2::setting::MAX_CONCURRENT_STREAMS;
use dashcam_tests::origin::Origin;
use tokio::sync::watch;

use crate::asking::{OK, get};

const REQUESTS: usize = 20;

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    most_at_once: AtomicUsize,
}

/// Answers when all requests are there, over however many connections.
async fn when_all_are_here(mut peer: Peer, counts: &Counts, here: &watch::Sender<usize>) -> Result<()> {
    counts.connections.fetch_add(1, Ordering::Relaxed);
    let mut all = here.subscribe();
    let mut waiting = Vec::new();
    loop {
        tokio::select! {
            event = peer.next() => match event? {
                Event::Headers { stream, .. } => {
                    waiting.push(stream);
                    counts.most_at_once.fetch_max(waiting.len(), Ordering::Relaxed);
                    here.send_modify(|here| *here += 1);
                }
                Event::Closed => return Ok(()),
                _ => {}
            },
            Ok(()) = all_are_here(&mut all), if !waiting.is_empty() => {
                for stream in waiting.drain(..) {
                    peer.answer(stream, &OK, b"ok").await?;
                }
            }
        }
    }
}

async fn all_are_here(all: &mut watch::Receiver<usize>) -> Result<()> {
    Ok(all.wait_for(|here| *here >= REQUESTS).await.map(drop)?)
}

async fn origin(limit: Option<u32>, counts: Arc<Counts>) -> Result<Origin> {
    let here = Arc::new(watch::Sender::new(0));
    let settings: Vec<_> = limit.into_iter().map(|limit| (MAX_CONCURRENT_STREAMS, limit)).collect();
    by_hand(true, &settings, move |peer| {
        let (counts, here) = (Arc::clone(&counts), Arc::clone(&here));
        async move { when_all_are_here(peer, &counts, &here).await }
    })
    .await
}

async fn check(limit: Option<u32>, connections: usize, at_once: usize) -> Result<()> {
    let counts = Arc::new(Counts::default());
    let origin = origin(limit, Arc::clone(&counts)).await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    let streams: Vec<u32> = (0..20).map(|number| 2 * number + 1).collect();
    let requests: Vec<u8> =
        streams.iter().flat_map(|stream| get(*stream, &format!("/slow?{stream}"))).collect();
    peer.write(&requests).await?;
    let answers = peer.responses(&streams).await?;
    assert!(answers.values().all(|answer| answer.body == b"ok"));
    assert_eq!(counts.connections.load(Ordering::Relaxed), connections);
    assert_eq!(counts.most_at_once.load(Ordering::Relaxed), at_once);
    Ok(())
}

#[tokio::test]
async fn one_at_a_time() -> Result<()> {
    check(Some(1), 20, 1).await
}

#[tokio::test]
async fn two_at_a_time() -> Result<()> {
    check(Some(2), 10, 2).await
}

#[tokio::test]
async fn enough_for_all_needs_one_connection() -> Result<()> {
    check(Some(100), 1, REQUESTS).await
}

#[tokio::test]
async fn no_limit_needs_one_connection() -> Result<()> {
    check(None, 1, REQUESTS).await
}
