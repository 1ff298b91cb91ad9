//! Extended CONNECT (RFC 8441): a WebSocket over a stream, whatever the origin knows of that.

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::h2::frame::{data, headers};
use dashcam_tests::h2::origin::{by_hand, upgrading};
use dashcam_tests::h2::peer::{Event, Fields, Peer, value};
use dashcam_tests::h2::{self, setting};
use dashcam_tests::origin::Origin;
use serde_json::{Value, json};

use crate::asking::owned;

const ASK: [(&str, &str); 8] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "https"),
    (":authority", "localhost"),
    (":path", "/chat"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-protocol", "chat.v2"),
    ("origin", "https://localhost"),
];
/// A text message "hello" from a client, masked with zeros.
const HELLO: &[u8] = b"\x81\x85\0\0\0\0hello";
/// The same from a server.
const HELLO_BACK: &[u8] = b"\x81\x05hello";

/// Sends a message, gets it back, closes both halves, and looks at the record.
async fn talk(dashcam: &Dashcam, mut peer: Peer) -> Result<Fields> {
    peer.write(&headers(1, &ASK, false)).await?;
    let head = peer.wait("an answer", |event| match event {
        Event::Headers { fields, ends: false, .. } => Some(fields.clone()),
        _ => None,
    });
    let head = head.await?;
    assert_eq!(value(&head, ":status"), Some("200"), "{head:?}");
    peer.write(&data(1, HELLO, false)).await?;
    let mut got = Vec::new();
    while got.len() < HELLO_BACK.len() {
        let piece = |event: &Event| match event {
            Event::Data { bytes, .. } => Some(bytes.clone()),
            _ => None,
        };
        got.extend(peer.wait("an echo", piece).await?);
    }
    assert_eq!(got, HELLO_BACK);
    peer.write(&data(1, b"", true)).await?;
    peer.wait("the end", |event| crate::asking::ends(event, 1).then_some(())).await?;
    let record = dashcam.api().ended("/chat").await?;
    assert_eq!(record["state"], "complete", "{record}");
    assert_eq!(
        (&record["request"]["method"], &record["request"]["version"]),
        (&json!("CONNECT"), &json!("HTTP/2"))
    );
    let path = format!("/exchanges/{}/messages", record["id"]);
    let messages = eventually("both messages", async || {
        let page = dashcam.api().get(&path).await?;
        Ok(page["messages"].as_array().filter(|all| all.len() == 2).cloned())
    })
    .await?;
    let told: Vec<Value> = messages.iter().map(|m| json!([m["direction"], m["kind"], m["text"]])).collect();
    assert_eq!(told, [json!(["request", "text", "hello"]), json!(["response", "text", "hello"])]);
    Ok(head)
}

#[tokio::test]
async fn over_h2_to_an_origin_that_knows_it() -> Result<()> {
    let origin = by_hand(true, &[(setting::ENABLE_CONNECT_PROTOCOL, 1)], |mut peer| async move {
        let (stream, mut fields) = peer.accept().await?.context("no request")?;
        let mut expected = owned(&ASK);
        expected.sort();
        fields.sort();
        anyhow::ensure!(fields == expected, "{fields:?}");
        peer.write(&headers(stream, &[(":status", "200"), ("sec-websocket-protocol", "chat.v2")], false))
            .await?;
        loop {
            match peer.next().await? {
                Event::Data { bytes, ends, .. } => {
                    let echo = if bytes == HELLO { HELLO_BACK } else { b"" };
                    peer.write(&data(stream, echo, ends)).await?;
                }
                Event::Closed => return Ok(()),
                _ => {}
            }
        }
    })
    .await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let peer = h2::secure(&dashcam, origin.port()).await?;
    assert!(peer.theirs.contains(&(setting::ENABLE_CONNECT_PROTOCOL, 1)), "{:?}", peer.theirs);
    let head = talk(&dashcam, peer).await?;
    assert_eq!(value(&head, "sec-websocket-protocol"), Some("chat.v2"));
    Ok(())
}

/// An origin that echoes over HTTP/1.1, and speaks HTTP/2 without extended CONNECT if `h2` says so.
async fn echoing(h2: bool, status: &'static str) -> Result<Origin> {
    upgrading(h2, status, HELLO, HELLO_BACK).await
}

#[tokio::test]
async fn over_h1_to_an_origin_that_does_not_know_it() -> Result<()> {
    for h2 in [true, false] {
        let origin = echoing(h2, "101 Switching Protocols").await?;
        let (dashcam, peer) = h2::bridged(origin.port(), &[]).await?;
        let head = talk(&dashcam, peer).await?;
        assert_eq!(value(&head, "sec-websocket-protocol"), Some("chat.v2"));
        for hidden in ["sec-websocket-accept", "upgrade", "connection"] {
            assert_eq!(value(&head, hidden), None, "{head:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_one() -> Result<()> {
    for (status, expected) in [("403 Forbidden", 403), ("200 OK", 502)] {
        let origin = echoing(false, status).await?;
        let (dashcam, mut peer) = h2::bridged(origin.port(), &[]).await?;
        peer.write(&headers(1, &ASK, false)).await?;
        let got = peer.response(1).await?;
        assert_eq!(got.status(), expected, "a success would be a tunnel: {got:?}");
        let record = dashcam.api().ended("/chat").await?;
        let state = if expected == 403 { "complete" } else { "failed" };
        assert_eq!(record["state"], state, "{record}");
    }
    Ok(())
}

/// A reset of the stream by either side resets the other side's as well.
#[tokio::test]
async fn a_reset_passes() -> Result<()> {
    let origin = echoing(false, "101 Switching Protocols").await?;
    let (dashcam, mut peer) = h2::bridged(origin.port(), &[]).await?;
    peer.write(&headers(1, &ASK, false)).await?;
    peer.wait("an answer", |event| matches!(event, Event::Headers { .. }).then_some(())).await?;
    peer.write(&h2::frame::reset(1, h2::code::CANCEL)).await?;
    let record = dashcam.api().ended("/chat").await?;
    assert_eq!(
        (&record["state"], &record["failure"]["side"]),
        (&json!("aborted"), &json!("client")),
        "{record}"
    );
    Ok(())
}
