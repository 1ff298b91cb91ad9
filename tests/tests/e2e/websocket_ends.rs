//! How WebSockets end: by either side, by both, halfway, and by death.

use anyhow::{Result, bail};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Stream;
use dashcam_tests::websocket::{Handshake, Pair, TARGET, Way, ends, frame, passes};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const MASK: Option<[u8; 4]> = Some([1, 2, 3, 4]);

async fn open(way: Way) -> Result<Pair> {
    let mut pair = Pair::open(way, Handshake::default(), &[]).await?;
    passes(&mut pair.client, &mut pair.origin, &frame(0x81, MASK, b"hello"), 100).await?;
    Ok(pair)
}

async fn exchange(pair: &Pair) -> Result<Value> {
    pair.dashcam.api().ended(TARGET).await
}

/// The one who asks for the end, the other who grants it; then the origin closes the connection (RFC 6455 §7.1.1).
#[tokio::test]
async fn closed_by_one_and_then_the_other() -> Result<()> {
    for way in Way::ALL {
        for client_first in [true, false] {
            let mut pair = open(way).await?;
            let (asked, granted) = (frame(0x88, MASK, b"\x03\xe8"), frame(0x88, None, b"\x03\xe8"));
            if client_first {
                passes(&mut pair.client, &mut pair.origin, &asked, 100).await?;
                passes(&mut pair.origin, &mut pair.client, &granted, 100).await?;
            } else {
                passes(&mut pair.origin, &mut pair.client, &granted, 100).await?;
                passes(&mut pair.client, &mut pair.origin, &asked, 100).await?;
            }
            pair.origin.shutdown().await?;
            ends(&mut pair.client).await?;
            pair.client.shutdown().await?;
            ends(&mut pair.origin).await?;
            let exchange = exchange(&pair).await?;
            assert_eq!((&exchange["state"], &exchange["message_count"]), (&"complete".into(), &3.into()));
        }
    }
    Ok(())
}

/// Both say close at the same time, and close their connections at the same time.
#[tokio::test]
async fn closed_by_both_at_once() -> Result<()> {
    for way in Way::ALL {
        let mut pair = open(way).await?;
        pair.client.write_all(&frame(0x88, MASK, b"\x03\xe9")).await?;
        pair.origin.write_all(&frame(0x88, None, b"\x03\xea")).await?;
        tokio::try_join!(pair.client.shutdown(), pair.origin.shutdown())?;
        assert_eq!(rest(&mut pair.origin).await?, frame(0x88, MASK, b"\x03\xe9"), "{way:?}");
        assert_eq!(rest(&mut pair.client).await?, frame(0x88, None, b"\x03\xea"), "{way:?}");
        let exchange = exchange(&pair).await?;
        assert_eq!((&exchange["state"], &exchange["message_count"]), (&"complete".into(), &3.into()));
    }
    Ok(())
}

/// One half is closed without a word; the other one goes on.
#[tokio::test]
async fn half_closed() -> Result<()> {
    for way in Way::ALL {
        for client_first in [true, false] {
            let mut pair = open(way).await?;
            let (first, second, mask) = match client_first {
                true => (&mut pair.client, &mut pair.origin, None),
                false => (&mut pair.origin, &mut pair.client, MASK),
            };
            first.shutdown().await?;
            ends(second).await?;
            for size in [10, 70_000, 3] {
                passes(second, first, &frame(0x82, mask, &vec![7; size]), 10_000).await?;
            }
            second.shutdown().await?;
            ends(first).await?;
            let exchange = exchange(&pair).await?;
            assert_eq!((&exchange["state"], &exchange["message_count"]), (&"complete".into(), &4.into()));
        }
    }
    Ok(())
}

/// One end's process dies between messages: the kernel closes both halves, nobody says goodbye.
#[tokio::test]
async fn gone_without_a_close_frame() -> Result<()> {
    let Pair { client, mut origin, dashcam, .. } = open(Way::Connect).await?;
    drop(client);
    ends(&mut origin).await?;
    drop(origin);
    assert_eq!(dashcam.api().ended(TARGET).await?["message_count"], 1);
    let Pair { mut client, origin, dashcam, .. } = open(Way::Reverse).await?;
    drop(origin);
    ends(&mut client).await?;
    drop(client);
    assert_eq!(dashcam.api().ended(TARGET).await?["message_count"], 1);
    Ok(())
}

/// One end ends inside a message: the bytes pass, and the record says that something is missing.
#[tokio::test]
async fn gone_inside_a_message() -> Result<()> {
    let mut pair = open(Way::ConnectTls).await?;
    let whole = frame(0x82, MASK, &[7; 1000]);
    passes(&mut pair.client, &mut pair.origin, &whole[..500], 100).await?;
    pair.client.shutdown().await?;
    ends(&mut pair.origin).await?;
    pair.origin.shutdown().await?;
    ends(&mut pair.client).await?;
    let exchange = exchange(&pair).await?;
    assert_eq!(exchange["message_count"], 1);
    assert_eq!(exchange["request_body"]["truncated"], true, "{exchange}");
    assert_eq!(exchange["response_body"]["truncated"], false, "{exchange}");
    Ok(())
}

/// A reset is a reset at the other end too; the exchange has failed, or was aborted by the client.
#[tokio::test]
async fn reset() -> Result<()> {
    for way in Way::ALL {
        for client_dies in [true, false] {
            let handshake = Handshake { dies: true, ..Handshake::default() };
            let mut pair = Pair::open(way, handshake, &[]).await?;
            passes(&mut pair.client, &mut pair.origin, &frame(0x81, MASK, b"hello"), 100).await?;
            let Pair { client, origin, dashcam, .. } = pair;
            let (dead, mut left, side) =
                if client_dies { (client, origin, "client") } else { (origin, client, "upstream") };
            drop(dead);
            let mut rest = Vec::new();
            let seen = within("the reset", async { Ok(left.read_to_end(&mut rest).await) }).await?;
            let Err(error) = seen else { bail!("{way:?}: a clean end instead of a reset of the {side}") };
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{way:?} {side}");
            let exchange = dashcam.api().ended(TARGET).await?;
            let state = if client_dies { "aborted" } else { "failed" };
            assert_eq!(exchange["state"], state, "{way:?}: {exchange}");
            assert_eq!(exchange["failure"]["side"], side, "{way:?}: {exchange}");
            assert_eq!(exchange["message_count"], 1);
        }
    }
    Ok(())
}

async fn rest(io: &mut Stream) -> Result<Vec<u8>> {
    let mut rest = Vec::new();
    within("the end", async { Ok(io.read_to_end(&mut rest).await?) }).await?;
    Ok(rest)
}
