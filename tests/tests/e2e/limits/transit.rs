//! Bytes in transit: one client's share, and everybody's budget.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::h2::code::CALM;
use dashcam_tests::h2::frame::{headers, settings, window_update};
use dashcam_tests::h2::origin::answering;
use dashcam_tests::h2::peer::{Event, Peer, value};
use dashcam_tests::h2::{self, setting};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::{read_head, read_response};
use tokio::io::AsyncReadExt as _;

use super::heads::{again, bomb};
use super::{connect_from, endless, meets, message, met};

pub(super) const GET: [(&str, &str); 4] =
    [(":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", "/wait")];

async fn held(dashcam: &Dashcam) -> Result<u64> {
    Ok(dashcam.api().get("/status").await?["transit_bytes"].as_u64().unwrap_or_default())
}

/// A client in a tunnel from an address of the loopback net, without TLS.
async fn client(source: [u8; 4], dashcam: &Dashcam, origin: &Origin) -> Result<Peer> {
    let mut io = connect_from(source, dashcam.proxy()).await?;
    let authority = origin.address();
    raw::send(&mut io, &format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await?;
    within("an answer to CONNECT", read_head(&mut io)).await?;
    Peer::client(io, &[]).await
}

/// A few bytes on the wire that refer to 120 KB, again and again: what they make us hold is bounded, and another client
/// is served.
#[tokio::test]
async fn a_header_list_bomb_takes_a_share() -> Result<()> {
    let origin = answering().await?;
    let dashcam = Dashcam::start_with("[limits]\ntransit = 4194304\n", &["--record", "metadata"]).await?;
    let before = dashcam.memory("VmRSS")?;
    let mut peer = client([127, 0, 0, 1], &dashcam, &origin).await?;
    peer.write(&bomb(1, 29)).await?;
    for stream in 1..100 {
        peer.write(&again(2 * stream + 1, 29)).await?;
    }
    let refused = |event: &Event| match event {
        Event::Headers { fields, .. } => value(fields, ":status").map(str::to_owned),
        _ => None,
    };
    assert_eq!(peer.wait("a refusal", refused).await?, "503");
    meets(&dashcam, "transit_share", 40).await?;
    let held = held(&dashcam).await?;
    assert!((1 << 20..4 << 20).contains(&held), "{held} bytes are held");

    let mut other = client([127, 0, 0, 2], &dashcam, &origin).await?;
    let mut get = GET;
    get[3].1 = "/other";
    other.write(&headers(1, &get, true)).await?;
    assert_eq!(other.response(1).await?.status(), 200);

    let exchange = eventually("a refused exchange", async || {
        let rows = dashcam.api().ending_in("/wait").await?;
        Ok(rows.into_iter().find(|row| row["state"] == "refused"))
    })
    .await?;
    let exchange = dashcam.api().get(&format!("/exchanges/{}", exchange["id"])).await?;
    assert!(message(&exchange).contains("limits.transit"), "{exchange}");
    let grown = dashcam.memory("VmHWM")?.saturating_sub(before);
    assert!(grown < 96 << 20, "{grown} bytes more than before");
    drop(peer);
    eventually("all is given back", async || Ok((self::held(&dashcam).await? == 0).then_some(()))).await
}

/// Clients from one address that do not read: those over their share are cut off soon, and one from another address is
/// not, nor is one that reads.
#[tokio::test]
async fn clients_over_their_share_have_less_time() -> Result<()> {
    let origin = endless().await?;
    let site = Origin::http().await?;
    let config = "[timeouts]\nwrite_over_share = '500ms'\n[limits]\nhead = 16384\ntransit = 4194304\n";
    let dashcam = Dashcam::start_with(config, &["--record", "metadata"]).await?;
    let ask = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", origin.url("/endless"));
    let mut unread = Vec::new();
    for _ in 0..80 {
        let mut io = connect_from([127, 0, 0, 1], dashcam.proxy()).await?;
        raw::send(&mut io, &ask).await?;
        unread.push(io);
    }
    let mut within_share = connect_from([127, 0, 0, 2], dashcam.proxy()).await?;
    raw::send(&mut within_share, &ask).await?;

    meets(&dashcam, "write", 15).await?;
    assert!(held(&dashcam).await? <= 4 << 20);
    assert!(met(&dashcam, "transit_share").await? > 0);
    let mut reading = connect_from([127, 0, 0, 1], dashcam.proxy()).await?;
    let url = site.url("/bytes/4000000");
    raw::send(&mut reading, &format!("GET {url} HTTP/1.1\r\nHost: x\r\n\r\n")).await?;
    let answer = within("the body", read_response(&mut reading, "GET")).await?;
    assert_eq!(answer.body.len(), 4_000_000);

    let exchange = eventually("a failed exchange", async || {
        let rows = dashcam.api().ending_in("/endless").await?;
        Ok(rows.into_iter().find(|row| row["state"] == "failed"))
    })
    .await?;
    let exchange = dashcam.api().get(&format!("/exchanges/{}", exchange["id"])).await?;
    assert!(message(&exchange).contains("write_over_share"), "{exchange}");
    eventually("one within the share that lives", async || {
        let rows = dashcam.api().ending_in("/endless").await?;
        Ok(rows.into_iter().find(|row| row["state"] == "open"))
    })
    .await?;
    Ok(())
}

/// Clients that ask for much over HTTP/2 and read nothing: what is held for them is bounded by the budget, not by the
/// windows of their connections.
#[tokio::test]
async fn http2_clients_that_do_not_read_are_bounded_together() -> Result<()> {
    let origin = Origin::h2c().await?;
    // The origin, busy in this thread, must not delay a client's first bytes until they are not waited for any more.
    let config = "[timeouts]\ndetect = '30s'\n[limits]\ntransit = 4194304\n";
    let dashcam = Dashcam::start_with(config, &["--record", "metadata"]).await?;
    let before = dashcam.memory("VmRSS")?;
    let mut peers = Vec::new();
    for _ in 0..4 {
        peers.push(asking_for_much(&dashcam, &origin).await?);
    }
    meets(&dashcam, "transit_share", 8).await?;
    let calm = |event: &Event| matches!(event, Event::Reset { code: CALM, .. }).then_some(());
    let mut late = asking_for_much(&dashcam, &origin).await?;
    late.wait("ENHANCE_YOUR_CALM", calm).await?;
    let exchange = eventually("a failed exchange", async || {
        let rows = dashcam.api().ending_in("/bytes/8000000").await?;
        Ok(rows.into_iter().find(|row| row["state"] == "failed"))
    })
    .await?;
    let exchange = dashcam.api().get(&format!("/exchanges/{}", exchange["id"])).await?;
    assert!(message(&exchange).contains("limits.transit"), "{exchange}");
    let grown = dashcam.memory("VmHWM")?.saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes more than before");
    assert!(held(&dashcam).await? <= 4 << 20);

    let mut other = h2::plain(&dashcam, &origin.address().to_string()).await?;
    let mut get = GET;
    get[3].1 = "/json";
    other.write(&headers(1, &get, true)).await?;
    assert_eq!(other.response(1).await?.status(), 200);
    Ok(())
}

/// A client whose streams have small windows, and that asks for 8 MB on each of 16.
async fn asking_for_much(dashcam: &Dashcam, origin: &Origin) -> Result<Peer> {
    let mut peer = client([127, 0, 0, 1], dashcam, origin).await?;
    peer.generous = false;
    let windows = [settings(&[(setting::INITIAL_WINDOW_SIZE, 1000)]), window_update(0, 1 << 20)];
    peer.write(&windows.concat()).await?;
    let mut get = GET;
    get[3].1 = "/bytes/8000000";
    for stream in 0..16 {
        peer.write(&headers(2 * stream + 1, &get, true)).await?;
    }
    Ok(peer)
}

/// Requests with large heads whose answers take long: each head is held once, and no buffer that it was read into or written
/// from.
#[tokio::test]
async fn what_waits_for_its_answer_is_held_once() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        let mut some = vec![0; 16 << 10];
        while stream.read(&mut some).await? > 0 {}
        Ok(())
    })
    .await?;
    let dashcam = Dashcam::start_with("", &["--record", "off"]).await?;
    let ask = format!("GET {} HTTP/1.1\r\nHost: x\r\nx: {}\r\n\r\n", origin.url("/"), "a".repeat(60_000));
    let (mut waiting, mut resident) = (Vec::new(), Vec::new());
    // What the first ones make it hold for good is not theirs alone.
    for all in [100, 300] {
        while waiting.len() < all {
            let mut io = connect_from([127, 0, 0, 1], dashcam.proxy()).await?;
            raw::send(&mut io, &ask).await?;
            waiting.push(io);
        }
        let beyond_allowance = all as u64 * (60_000 - (16 << 10));
        eventually("all are under way", async || {
            Ok((held(&dashcam).await? >= beyond_allowance).then_some(()))
        })
        .await?;
        resident.push(dashcam.memory("VmRSS")?);
    }
    let of_each = resident[1].saturating_sub(resident[0]) / 200;
    assert!(of_each < 160 << 10, "{of_each} bytes for each");
    Ok(())
}
