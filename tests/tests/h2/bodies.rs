//! Bodies at the edges of windows and pieces, streams side by side, and fields that take another form in HTTP/1.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::h2;
use dashcam_tests::h2::frame::{data, headers};
use dashcam_tests::h2::origin::by_hand;
use dashcam_tests::h2::peer::{Event, Peer, value};
use dashcam_tests::h2::setting::INITIAL_WINDOW_SIZE;
use dashcam_tests::origin::Origin;
use dashcam_tests::wire::field;
use dashcam_tests::{raw, same};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::asking::{OK, fields, get, owned};

/// The sizes around a window of HTTP/2, and of one read.
const EDGES: [usize; 5] = [16_384, 65_534, 65_535, 65_536, 65_537];

/// An origin that answers with so many bytes as the path says, and trailers.
async fn measured(tls: bool) -> Result<Origin> {
    by_hand(tls, &[], |mut peer| async move {
        while let Some((stream, fields)) = peer.accept().await? {
            let path = value(&fields, ":path").unwrap_or_default();
            let mut left: usize = path.rsplit('/').next().unwrap_or_default().parse()?;
            peer.write(&headers(stream, &OK, false)).await?;
            while left > 0 {
                let poured = peer.pour(stream, left).await?;
                left -= poured;
                if poured == 0 {
                    peer.next().await?;
                }
            }
            peer.write(&headers(stream, &[("x-sum", "1")], true)).await?;
        }
        Ok(())
    })
    .await
}

/// A client whose streams have windows of `window` bytes: with TLS, or without in the tunnel of a CONNECT.
async fn client(dashcam: &Dashcam, (port, tls): (u16, bool), window: u32) -> Result<Peer> {
    let settings = [(INITIAL_WINDOW_SIZE, window)];
    if !tls {
        return Peer::client(raw::tunnel(dashcam.proxy(), &format!("127.0.0.1:{port}")).await?, &settings)
            .await;
    }
    let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{port}")).await?;
    Peer::client(h2::tls(io, &dashcam.ca()).await?, &settings).await
}

#[tokio::test]
async fn bodies_with_trailers_at_the_edges_of_windows() -> Result<()> {
    let dashcam = Dashcam::unredacted(&[]).await?;
    for tls in [true, false] {
        let origin = measured(tls).await?;
        for window in [1000, 65_534, 65_535, 65_536] {
            let mut peer = client(&dashcam, (origin.port(), tls), window).await?;
            for (number, size) in (0..).zip(EDGES.into_iter().chain([1 << 20])) {
                let (stream, path) = (2 * number + 1, format!("/{tls}/{window}/{size}"));
                peer.write(&get(stream, &path)).await?;
                let got = peer.response(stream).await?;
                assert_eq!(got.body.len(), size, "{path}");
                assert_eq!(got.trailers, Some(owned(&[("x-sum", "1")])), "{path}");
                let exchange = dashcam.api().ended(&path).await?;
                assert_eq!(
                    (&exchange["state"], &exchange["response_body"]["size"]),
                    (&json!("complete"), &json!(size)),
                    "{path}"
                );
            }
        }
    }
    Ok(())
}

/// Each event of two streams passes when it comes: the next one is sent only then.
#[tokio::test]
async fn event_streams_side_by_side() -> Result<()> {
    const EVENTS: usize = 10;
    let arrived = Arc::new(Semaphore::new(1));
    let seen = Arc::clone(&arrived);
    let origin = by_hand(true, &[], move |mut peer| {
        let arrived = Arc::clone(&arrived);
        async move {
            let (first, _) = peer.accept().await?.context("no request")?;
            let (second, _) = peer.accept().await?.context("no second request")?;
            for stream in [first, second] {
                peer.write(&headers(stream, &[OK[0], ("content-type", "text/event-stream")], false)).await?;
            }
            for number in 0..EVENTS {
                for stream in [first, second] {
                    arrived.acquire().await?.forget();
                    let event = format!("data: {number}\n\n");
                    peer.write(&data(stream, event.as_bytes(), number + 1 == EVENTS)).await?;
                }
            }
            peer.accept().await.map(drop)
        }
    })
    .await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&[get(1, "/events?1"), get(3, "/events?3")].concat()).await?;
    for number in 0..EVENTS {
        for expect in [1, 3] {
            let event = format!("data: {number}\n\n");
            let came = |found: &Event| match found {
                Event::Data { stream, bytes, .. } if !bytes.is_empty() => Some((*stream, bytes.clone())),
                _ => None,
            };
            assert_eq!(peer.wait(&event, came).await?, (expect, event.into_bytes()));
            seen.add_permits(1);
        }
    }
    for path in ["/events?1", "/events?3"] {
        assert_eq!(dashcam.api().ended(path).await?["state"], "complete");
    }
    Ok(())
}

/// Pieces of a cookie are one field in HTTP/1 (RFC 9113 §8.2.3); the record has both forms.
#[tokio::test]
async fn cookies_in_pieces_become_one() -> Result<()> {
    let origin = Origin::https1().await?;
    let (dashcam, mut peer) = h2::bridged(origin.port(), &[]).await?;
    let pieces = [("cookie", "a=1"), ("cookie", "b=2"), ("x-between", "1"), ("cookie", "c=3")];
    peer.write(&headers(1, &[&fields("GET", "/json?cookies")[..], &pieces].concat(), true)).await?;
    assert_eq!(peer.response(1).await?.status(), 200);
    let seen = origin.site().seen_for("/json?cookies").remove(0);
    assert_eq!(seen.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")).count(), 1);
    assert_eq!(field(&seen.fields, "cookie"), Some("a=1; b=2; c=3"));
    let exchange = dashcam.api().ended("/json?cookies").await?;
    let recorded = |head: &str| -> Result<Vec<String>> {
        let fields = same::fields(&exchange[head]["headers"])?;
        Ok(fields
            .into_iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
            .map(|(_, value)| value)
            .collect())
    };
    assert_eq!(recorded("request")?, ["a=1", "b=2", "c=3"]);
    assert_eq!(recorded("request_sent")?, ["a=1; b=2; c=3"]);
    Ok(())
}

/// A compressed upload passes as it is, and can be read.
#[tokio::test]
async fn uploads_that_are_compressed_with_zstd() -> Result<()> {
    const TEXT: &[u8] = b"{\"compressed\": false, \"framed\": true}";
    // A frame whose only block is stored as it is (RFC 8878 §3.1.1).
    let length = u8::try_from(TEXT.len())?;
    let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0x20, length, (length << 3) | 1, length >> 5, 0], TEXT].concat();
    let origin = Origin::https().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    let coded = [("content-type", "application/json"), ("content-encoding", "zstd")];
    let head = headers(1, &[&fields("POST", "/json?zstd")[..], &coded].concat(), false);
    peer.write(&[head, data(1, &frame, true)].concat()).await?;
    assert_eq!(peer.response(1).await?.status(), 200);
    let exchange = dashcam.api().ended("/json?zstd").await?;
    let id = &exchange["id"];
    assert_eq!(dashcam.api().bytes(&format!("/exchanges/{id}/request/body")).await?, frame);
    let text = dashcam.api().get(&format!("/exchanges/{id}/request/text")).await?;
    assert_eq!((&text["encoding"], text["text"].as_str().map(str::as_bytes)), (&json!("zstd"), Some(TEXT)));
    let seen = origin.site().seen_for("/json?zstd").remove(0);
    assert_eq!(seen.digest, dashcam_tests::digest::of(&frame));
    Ok(())
}
