//! A message far larger than the memory that dashcam may take: 1 GiB in one frame, each way.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Stream;
use dashcam_tests::websocket::{Handshake, Pair, TARGET, Way, ends, frame, frame_head};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

const SIZE: u64 = 1 << 30;
/// The most that is kept of one message.
const KEPT: usize = 16 << 20;
/// It takes a few seconds; the machine may be busy.
const DEADLINE: Duration = Duration::from_secs(120);
/// How much dashcam may grow: what is kept, once more on its way to the store and through the API, and buffers.
const ROOM: u64 = 150 << 20;

/// The bytes that one end sends again and again: its length has no factor in common with any buffer's.
fn pattern() -> Vec<u8> {
    (0..999_983_u32).map(|at| (at ^ (at >> 7)) as u8).collect()
}

async fn send(io: &mut Stream, head: &[u8], piece: &[u8]) -> Result<()> {
    io.write_all(head).await?;
    let mut left = SIZE as usize;
    while left > 0 {
        let length = left.min(piece.len());
        io.write_all(&piece[..length]).await?;
        left -= length;
    }
    Ok(io.flush().await?)
}

async fn receive(io: &mut Stream, head: &[u8], piece: &[u8]) -> Result<()> {
    let mut seen = vec![0; head.len()];
    io.read_exact(&mut seen).await?;
    ensure!(seen == head, "another head: {seen:x?}");
    let mut seen = vec![0; piece.len()];
    let mut left = SIZE as usize;
    while left > 0 {
        let length = left.min(piece.len());
        io.read_exact(&mut seen[..length]).await.with_context(|| format!("{left} bytes are missing"))?;
        ensure!(seen[..length] == piece[..length], "other bytes in the {left} last ones");
        left -= length;
    }
    Ok(())
}

async fn check(from_client: bool) -> Result<()> {
    let mut pair = Pair::open(Way::Reverse, Handshake::default(), &[]).await?;
    let before = pair.dashcam.memory("VmRSS")?;
    let mask = from_client.then_some([0xa5, 0x5a, 0, 0xff]);
    let (head, piece) = (frame_head(0x82, mask, SIZE), pattern());
    let last = frame(0x81, mask, b"next");
    let (from, to) = match from_client {
        true => (&mut pair.client, &mut pair.origin),
        false => (&mut pair.origin, &mut pair.client),
    };
    let transfer = async { tokio::try_join!(send(from, &head, &piece), receive(to, &head, &piece)) };
    timeout(DEADLINE, transfer).await.context("it takes too long")??;
    let growth = pair.dashcam.memory("VmHWM")?.saturating_sub(before);
    assert!(growth < ROOM, "dashcam grew by {} MiB", growth >> 20);
    dashcam_tests::websocket::passes(from, to, &last, 3).await?;
    from.shutdown().await?;
    ends(to).await?;
    to.shutdown().await?;
    ends(from).await?;
    assert_cut(&pair.dashcam, from_client, &piece, mask.unwrap_or_default()).await
}

/// The record has the beginning of the message, its whole length, the next message, and says that it is cut.
async fn assert_cut(dashcam: &Dashcam, from_client: bool, piece: &[u8], mask: [u8; 4]) -> Result<()> {
    let exchange = dashcam.api().ended(TARGET).await?;
    assert_eq!(exchange["state"], "complete");
    let (cut, other) =
        if from_client { ("request_body", "response_body") } else { ("response_body", "request_body") };
    assert_eq!((&exchange[cut]["truncated"], &exchange[other]["truncated"]), (&true.into(), &false.into()));
    let path = format!("/exchanges/{}/messages", exchange["id"]);
    let messages = eventually("both messages are stored", async || {
        let found = dashcam.api().get(&path).await?["messages"].as_array().cloned().context("no list")?;
        Ok((found.len() == 2).then_some(found))
    })
    .await?;
    assert_eq!((&messages[0]["kind"], &messages[0]["size"]), (&"binary".into(), &SIZE.into()));
    assert_eq!((&messages[1]["text"], &messages[1]["size"]), (&"next".into(), &4.into()));
    let data = dashcam.api().bytes(&format!("{path}/0/payload")).await?;
    assert_eq!((&messages[0]["preview"], &messages[0]["stored"]), (&true.into(), &data.len().into()));
    // A part that might be half a secret at its end is left out.
    assert!((KEPT - (4 << 10)..=KEPT).contains(&data.len()), "{} bytes", data.len());
    let expected = piece.iter().cycle().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    assert!(data.iter().copied().eq(expected.take(data.len())), "other bytes are on record");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gibibyte_up() -> Result<()> {
    check(true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gibibyte_down() -> Result<()> {
    check(false).await
}
