//! Clients that attack: their connection ends or their work stays bounded, and others are served.

use std::time::Duration;

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::h2::code::CALM;
use dashcam_tests::h2::frame::{data, frame, kind, ping, reset, settings};
use dashcam_tests::h2::origin::by_hand;
use dashcam_tests::h2::peer::{Event, Peer};
use dashcam_tests::h2::{self, setting};
use dashcam_tests::origin::Origin;

use crate::asking::{fields, get, post};

/// The most that an attack may cost: the window of a connection to the origin, with what the allocator keeps.
const BOUND: u64 = 64 << 20;

struct Scene {
    dashcam: Dashcam,
    origin: Origin,
    before: u64,
}

impl Scene {
    async fn new(origin: Origin) -> Result<Self> {
        let dashcam = Dashcam::unredacted(&["--record", "metadata"]).await?;
        // What the first connection costs is no attack's.
        drop(h2::secure(&dashcam, origin.port()).await?);
        let before = dashcam.memory("VmRSS")?;
        Ok(Self { dashcam, origin, before })
    }

    async fn client(&self) -> Result<Peer> {
        h2::secure(&self.dashcam, self.origin.port()).await
    }

    /// Another client is served, and the memory's high-water mark is within the bound.
    async fn is_unharmed(&self, site: &Origin) -> Result<()> {
        let mut peer = h2::secure(&self.dashcam, site.port()).await?;
        peer.write(&get(1, "/json")).await?;
        assert_eq!(peer.response(1).await?.status(), 200);
        let grown = self.dashcam.memory("VmHWM")?.saturating_sub(self.before);
        assert!(grown < BOUND, "{grown} bytes more than before");
        Ok(())
    }
}

/// Sends all pieces as long as they are taken: a server may close, or stop reading. Whether it stayed open.
async fn send_all(peer: &mut Peer, pieces: impl Iterator<Item = Vec<u8>>) -> bool {
    for piece in pieces {
        match tokio::time::timeout(Duration::from_secs(2), peer.write(&piece)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return false,
            Err(_) => return true,
        }
    }
    true
}

/// The code of the GOAWAY that has come, if one has, before the connection closed.
async fn farewell(peer: &mut Peer) -> Result<Option<u32>> {
    let found = |event: &Event| match event {
        Event::GoAway { code, .. } => Some(Some(*code)),
        Event::Closed => Some(None),
        _ => None,
    };
    peer.wait("the connection's end", found).await
}

#[tokio::test]
async fn rapid_reset() -> Result<()> {
    let scene = Scene::new(Origin::https().await?).await?;
    let mut peer = scene.client().await?;
    let attack = (0..10_000).map(|n| [get(2 * n + 1, "/silence"), reset(2 * n + 1, 8)].concat());
    let open = send_all(&mut peer, attack).await;
    if open {
        // It may be served as well, as long as that costs nothing.
        peer.write(&ping(b"and now?", false)).await?;
        let end = |event: &Event| match event {
            Event::Pong(_) | Event::Closed => Some(()),
            Event::GoAway { code, .. } => (*code == CALM).then_some(()),
            _ => None,
        };
        peer.wait("an answer or the end", end).await?;
    }
    scene.is_unharmed(&scene.origin).await
}

#[tokio::test]
async fn continuation_without_end() -> Result<()> {
    let scene = Scene::new(Origin::https().await?).await?;
    for piece in [&b""[..], &[0; 16_384]] {
        let mut peer = scene.client().await?;
        peer.write(&frame(kind::HEADERS, 1, 1, b"")).await?;
        let flood = std::iter::repeat_n(frame(kind::CONTINUATION, 0, 1, piece), 10_000);
        send_all(&mut peer, flood).await;
        // The rest of the flood may have met a closed socket: then the farewell is lost with it.
        let code = farewell(&mut peer).await?;
        assert!(code.is_none_or(|code| code == CALM || code == 1), "{code:?}");
    }
    scene.is_unharmed(&scene.origin).await
}

#[tokio::test]
async fn floods_that_ask_for_acknowledgements() -> Result<()> {
    let scene = Scene::new(Origin::https().await?).await?;
    for flood in [settings(&[(setting::INITIAL_WINDOW_SIZE, 9)]), ping(b"and now?", false)] {
        let mut peer = scene.client().await?;
        // The answers are not read.
        send_all(&mut peer, std::iter::repeat_n(flood.repeat(1000), 500)).await;
    }
    scene.is_unharmed(&scene.origin).await
}

/// DATA that is empty uses up no window.
#[tokio::test]
async fn empty_data_without_end() -> Result<()> {
    let unread = by_hand(true, &[], |mut peer| async move {
        peer.accept().await?;
        std::future::pending().await
    })
    .await?;
    let site = Origin::https().await?;
    let scene = Scene::new(unread).await?;
    let mut peer = scene.client().await?;
    peer.write(&post(1, "/up")).await?;
    // More than the origin's window takes, so that the upload stands.
    for _ in 0..8 {
        peer.write(&data(1, &[0; 16_000], false)).await?;
    }
    send_all(&mut peer, std::iter::repeat_n(data(1, b"", false).repeat(1000), 1000)).await;
    scene.is_unharmed(&site).await
}

/// Many large responses for a client that takes nothing of them.
#[tokio::test]
async fn a_client_without_a_window() -> Result<()> {
    let scene = Scene::new(Origin::https().await?).await?;
    let mut peer = scene.client().await?;
    peer.write(&settings(&[(setting::INITIAL_WINDOW_SIZE, 0)])).await?;
    for n in 0..128 {
        peer.write(&get(2 * n + 1, "/bytes/400000")).await?;
    }
    let mut heads = 0;
    while heads < 128 {
        let head = |event: &Event| matches!(event, Event::Headers { .. }).then_some(());
        peer.wait("a head", head).await?;
        heads += 1;
    }
    scene.is_unharmed(&scene.origin).await
}

/// Fields that a table keeps cheaply and every request then repeats.
#[tokio::test]
async fn fields_that_grow_when_they_are_decoded() -> Result<()> {
    let scene = Scene::new(Origin::https().await?).await?;
    let mut peer = scene.client().await?;
    // A field of 4000 bytes, kept in the table as 62, then named by one byte again and again.
    let kept = [&[0x40, 1, b'x'][..], &h2::frame::string(&[b'v'; 4000])].concat();
    let block = [h2::frame::block(&fields("GET", "/json")), kept, vec![0xbe; 16_000 - 4100]].concat();
    // The answer is 431: 48 MB of fields a time. Or the end.
    let attack = (0..50).map(|n| frame(kind::HEADERS, 5, 2 * n + 1, &block));
    send_all(&mut peer, attack).await;
    let answered = |event: &Event| {
        matches!(event, Event::Headers { .. } | Event::GoAway { .. } | Event::Closed).then_some(())
    };
    peer.wait("an answer", answered).await?;
    scene.is_unharmed(&scene.origin).await
}
