//! GOAWAY, from the origin and from dashcam: what is under way goes on, what is new goes elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::h2;
use dashcam_tests::h2::code::{NO_ERROR, REFUSED};
use dashcam_tests::h2::frame::{data, go_away, headers};
use dashcam_tests::h2::origin::by_hand;
use dashcam_tests::h2::peer::{Event, Peer};
use dashcam_tests::origin::Origin;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::asking::{OK, ends, get, post};

/// The first connection answers half, says farewell, and answers the rest when told to; others answer at once.
async fn leaving(go: Arc<Semaphore>) -> Result<Origin> {
    let connections = AtomicUsize::new(0);
    by_hand(true, &[], move |mut peer| {
        let (go, first) = (Arc::clone(&go), connections.fetch_add(1, Ordering::Relaxed) == 0);
        async move {
            while let Some((stream, _)) = peer.accept().await? {
                if !first {
                    peer.answer(stream, &OK, b"elsewhere").await?;
                    continue;
                }
                let half = [headers(stream, &OK, false), data(stream, b"half, ", false)];
                peer.write(&[half.concat(), go_away(stream, NO_ERROR)].concat()).await?;
                go.acquire().await?.forget();
                peer.write(&data(stream, b"whole", true)).await?;
            }
            Ok(())
        }
    })
    .await
}

#[tokio::test]
async fn an_origin_that_leaves_finishes_what_it_began() -> Result<()> {
    let go = Arc::new(Semaphore::new(0));
    let origin = leaving(Arc::clone(&go)).await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&get(1, "/begun")).await?;
    peer.wait("half", |event| matches!(event, Event::Data { .. }).then_some(())).await?;
    peer.write(&get(3, "/new")).await?;
    assert_eq!(peer.response(3).await?.body, b"elsewhere");
    go.add_permits(1);
    assert_eq!(peer.response(1).await?.body, b"whole");
    for path in ["/begun", "/new"] {
        assert_eq!(dashcam.api().ended(path).await?["state"], "complete");
    }
    Ok(())
}

/// A request that the origin did not come to: without a body it goes elsewhere, with one the client is told so.
#[tokio::test]
async fn what_an_origin_did_not_come_to_is_not_lost() -> Result<()> {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let origin = by_hand(true, &[], move |mut peer| {
        let is_odd = counted.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        async move {
            while let Some((stream, _)) = peer.accept().await? {
                if is_odd {
                    peer.write(&go_away(0, NO_ERROR)).await?;
                } else {
                    peer.answer(stream, &OK, b"elsewhere").await?;
                    peer.write(&go_away(stream, NO_ERROR)).await?;
                }
            }
            Ok(())
        }
    })
    .await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&get(1, "/again")).await?;
    assert_eq!(peer.response(1).await?.body, b"elsewhere");
    peer.write(&[post(3, "/once"), data(3, b"body", true)].concat()).await?;
    assert_eq!(peer.reset(3).await?, REFUSED);
    assert_eq!(dashcam.api().ended("/once").await?["state"], "failed");
    assert_eq!(connections.load(Ordering::Relaxed), 3);
    Ok(())
}

/// A response under way, when its first half has come.
async fn under_way(dashcam: &Dashcam, origin: &Origin) -> Result<Peer> {
    let mut peer = h2::secure(dashcam, origin.port()).await?;
    peer.write(&get(1, "/events")).await?;
    peer.wait("the first event", |event| matches!(event, Event::Data { .. }).then_some(())).await?;
    Ok(peer)
}

/// Waits for dashcam's farewell, lets the response go on, and reads it to its end and the connection's.
async fn farewell(peer: &mut Peer, origin: &Origin) -> Result<()> {
    let code = peer.wait("GOAWAY", |event| match event {
        Event::GoAway { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code.await?, NO_ERROR);
    origin.site().open_gate();
    peer.wait("the response's end", |event| ends(event, 1).then_some(())).await?;
    peer.wait("the connection's end", |event| matches!(event, Event::Closed).then_some(())).await
}

#[tokio::test]
async fn a_shutdown_lets_streams_finish() -> Result<()> {
    let origin = Origin::https().await?;
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let mut peer = under_way(&dashcam, &origin).await?;
    // One that has nothing under way is let go at once.
    let mut idle = h2::secure(&dashcam, origin.port()).await?;
    let idle = idle.wait("the idle one's end", |event| matches!(event, Event::Closed).then_some(()));
    let (stopped, (), ()) =
        tokio::try_join!(dashcam.stop(), async { farewell(&mut peer, &origin).await }, idle)?;
    assert!(stopped.success());
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let record = dashcam.api().ended("/events").await?;
    assert_eq!((&record["state"], &record["response_body"]["complete"]), (&json!("complete"), &json!(true)));
    Ok(())
}

#[tokio::test]
async fn recording_that_goes_off_lets_streams_finish() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = under_way(&dashcam, &origin).await?;
    dashcam.api().change(&json!({"level": "off"})).await?;
    farewell(&mut peer, &origin).await?;
    let record = dashcam.api().ended("/events").await?;
    assert_eq!(record["response_body"]["truncated"], true, "nothing is kept of what came when it was off");
    // The next connection is a tunnel: the origin's certificate is its own.
    let io = dashcam_tests::raw::tunnel(dashcam.proxy(), &format!("localhost:{}", origin.port())).await?;
    let io = h2::tls(io, &dashcam_tests::test_ca::shared()?.file()).await.context("no tunnel")?;
    let mut peer = Peer::client(io, &[]).await?;
    peer.write(&get(1, "/json")).await?;
    assert_eq!(peer.response(1).await?.status(), 200);
    Ok(())
}
