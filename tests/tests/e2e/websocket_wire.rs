//! WebSockets byte for byte: what one end sends is what the other end gets, whatever it is; the record has
//! the messages as far as they can be understood.

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use dashcam_tests::websocket::{Handshake, Pair, TARGET, Way, about_websockets, ends, frame, passes};
use flate2::{Compress, Compression, FlushCompress};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

const MASK: Option<[u8; 4]> = Some([0xa1, 0x00, 0x7f, 0xff]);

/// A message as it should be on record: direction, kind, size, text.
type Expected<'a> = (&'a str, &'a str, u64, Option<&'a str>);

/// Both ends close, and dashcam tells what it has of the exchange.
async fn close(mut pair: Pair) -> Result<(Dashcam, Value)> {
    pair.client.shutdown().await?;
    ends(&mut pair.origin).await?;
    pair.origin.shutdown().await?;
    ends(&mut pair.client).await?;
    let exchange = pair.dashcam.api().ended(TARGET).await?;
    Ok((pair.dashcam, exchange))
}

async fn messages(dashcam: &Dashcam, exchange: &Value) -> Result<Vec<Value>> {
    let count = exchange["message_count"].as_u64().context("no count")?;
    eventually("all messages are stored", async || {
        let all = dashcam.api().messages(&exchange["id"]).await?;
        Ok((all.len() as u64 == count).then_some(all))
    })
    .await
}

fn assert_messages(found: &[Value], direction: &str, expected: &[Expected]) {
    let found: Vec<_> = found.iter().filter(|message| message["direction"] == direction).collect();
    let seen: Vec<Expected> = found
        .iter()
        .map(|message| {
            let text = |key: &str| message[key].as_str().unwrap_or_default();
            (
                text("direction"),
                text("kind"),
                message["size"].as_u64().unwrap_or_default(),
                message["text"].as_str(),
            )
        })
        .collect();
    assert_eq!(seen, expected);
}

/// Fragments with control frames between them, and closes with codes, both ways and cut anywhere.
#[tokio::test]
async fn fragments_control_frames_and_closes() -> Result<()> {
    let large = "y".repeat(70_000);
    for (way, step) in Way::ALL.into_iter().zip([1, 3, 1000, 100_000, 7]) {
        let mut pair = Pair::open(way, Handshake::default(), &[]).await?;
        let sent = [
            frame(0x01, MASK, b"frag"),
            frame(0x89, Some([1, 2, 3, 4]), b"ping"),
            frame(0x00, Some([0; 4]), b""),
            frame(0x8a, MASK, b""),
            frame(0x80, Some([9, 8, 7, 6]), b"ments"),
            frame(0x82, MASK, &[0, 255, 128]),
            frame(0x81, MASK, b""),
            frame(0x88, MASK, b"\x0f\xa1going"),
        ];
        let answered = [
            frame(0x81, None, b"hello"),
            frame(0x8a, None, b"ping"),
            frame(0x81, None, large.as_bytes()),
            frame(0x88, None, b"\x0f\xa1going"),
        ];
        passes(&mut pair.client, &mut pair.origin, &sent.concat(), step).await?;
        passes(&mut pair.origin, &mut pair.client, &answered.concat(), step.max(50)).await?;
        let (dashcam, exchange) = close(pair).await?;
        assert_eq!((&exchange["state"], &exchange["status"]), (&"complete".into(), &101.into()), "{way:?}");
        for direction in ["request_body", "response_body"] {
            assert_eq!(exchange[direction]["truncated"], false, "{way:?}: {exchange}");
        }
        let found = messages(&dashcam, &exchange).await?;
        let from_client = [
            ("request", "ping", 4, Some("ping")),
            ("request", "pong", 0, Some("")),
            ("request", "text", 9, Some("fragments")),
            ("request", "binary", 3, None),
            ("request", "text", 0, Some("")),
            ("request", "close", 7, Some("going")),
        ];
        assert_messages(&found, "request", &from_client);
        let from_origin = [
            ("response", "text", 5, Some("hello")),
            ("response", "pong", 4, Some("ping")),
            ("response", "text", 70_000, Some(large.as_str())),
            ("response", "close", 7, Some("going")),
        ];
        assert_messages(&found, "response", &from_origin);
    }
    Ok(())
}

/// A message that breaks RFC 6455 passes all the same, and so does everything behind it; the record says that it has a
/// hole.
#[tokio::test]
async fn what_can_not_be_understood_passes() -> Result<()> {
    let broken = [
        ("reserved bits", frame(0xf1, MASK, b"a")),
        ("an unknown opcode", frame(0x83, MASK, b"a")),
        ("a continuation of nothing", frame(0x80, MASK, b"a")),
        ("a fragmented ping", frame(0x09, MASK, b"a")),
        ("a long ping", frame(0x89, MASK, &[b'a'; 126])),
        ("no WebSocket at all", b"SSH-2.0-OpenSSH_9\r\n\0\0\0\x14".to_vec()),
    ];
    for ((what, bytes), way) in broken.into_iter().zip(Way::ALL.into_iter().cycle()) {
        let mut pair = Pair::open(way, Handshake::default(), &[]).await?;
        let sent = [frame(0x81, MASK, b"before"), bytes, frame(0x81, MASK, b"behind"), vec![0xff; 40_000]];
        passes(&mut pair.client, &mut pair.origin, &sent.concat(), 5000).await?;
        passes(&mut pair.origin, &mut pair.client, &frame(0x81, None, b"still here"), 1).await?;
        let (dashcam, exchange) = close(pair).await?;
        assert_eq!(exchange["state"], "complete", "{what}");
        assert_eq!(exchange["request_body"]["truncated"], true, "{what}");
        assert_eq!(exchange["response_body"]["truncated"], false, "{what}");
        let found = messages(&dashcam, &exchange).await?;
        assert_messages(&found, "request", &[("request", "text", 6, Some("before"))]);
        assert_messages(&found, "response", &[("response", "text", 10, Some("still here"))]);
    }
    Ok(())
}

/// Extensions and subprotocols are the two ends' own business.
#[tokio::test]
async fn handshakes_pass_untouched() -> Result<()> {
    let asks = "sec-websocket-extensions: x-unknown; a=\"b, c\", permessage-deflate; client_max_window_bits\r\n\
                Sec-WebSocket-Protocol: chat.v2, chat.v1\r\nSec-WebSocket-Protocol: other\r\n";
    let answers = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: other\r\n\
                   Sec-WebSocket-Extensions: x-unknown; a=1\r\n";
    for way in Way::ALL {
        let mut pair = Pair::open(way, Handshake { asks, answers, ..Handshake::default() }, &[]).await?;
        let lines = |text: &str| -> Vec<(String, String)> {
            let pairs = text.lines().filter_map(|line| line.split_once(": "));
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let own = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        assert_eq!(about_websockets(&pair.asked.fields), lines(&[own, asks].concat()), "{way:?}");
        assert_eq!(about_websockets(&pair.answered.fields), lines(answers), "{way:?}");
        assert_eq!(pair.asked.field("upgrade"), Some("websocket"));
        assert_eq!(pair.answered.field("upgrade"), Some("websocket"));
        // What an unknown extension makes of frames is unknown: they pass, and the record says so.
        passes(&mut pair.client, &mut pair.origin, &frame(0xb1, MASK, b"???"), 2).await?;
        passes(&mut pair.origin, &mut pair.client, &frame(0x81, None, b"!"), 2).await?;
        let (_dashcam, exchange) = close(pair).await?;
        assert_eq!(exchange["message_count"], 0, "{way:?}");
        assert_eq!(exchange["request_body"]["truncated"], true, "{way:?}");
        assert_eq!(exchange["response_body"]["truncated"], true, "{way:?}");
    }
    Ok(())
}

/// Deflated messages pass as they are and are recorded inflated; later ones lean on earlier ones.
#[tokio::test]
async fn deflated_with_context_takeover() -> Result<()> {
    let extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let handshake = Handshake { asks: extension, answers: extension, ..Handshake::default() };
    let text = "the same words, ".repeat(500);
    let payloads = ["hello", text.as_str(), "hello", text.as_str()];
    for way in [Way::Absolute, Way::ConnectTls, Way::ReverseTls] {
        let mut pair = Pair::open(way, handshake, &[]).await?;
        for mask in [MASK, None] {
            let mut compress = Compress::new(Compression::default(), false);
            let mut sent = Vec::new();
            for payload in payloads {
                let mut deflated = Vec::with_capacity(payload.len() + 100);
                compress.compress_vec(payload.as_bytes(), &mut deflated, FlushCompress::Sync)?;
                let (head, tail) = deflated[..deflated.len() - 4].split_at(3);
                sent.extend(frame(0x41, mask, head));
                sent.extend(frame(0x89, mask, b"plain"));
                sent.extend(frame(0x80, mask, tail));
            }
            match mask {
                Some(_) => passes(&mut pair.client, &mut pair.origin, &sent, 11).await?,
                None => passes(&mut pair.origin, &mut pair.client, &sent, 11).await?,
            }
        }
        let (dashcam, exchange) = close(pair).await?;
        let found = messages(&dashcam, &exchange).await?;
        for direction in ["request", "response"] {
            let expected: Vec<Expected> = payloads
                .iter()
                .flat_map(|text| {
                    let ping = (direction, "ping", 5, Some("plain"));
                    [ping, (direction, "text", text.len() as u64, Some(*text))]
                })
                .collect();
            assert_messages(&found, direction, &expected);
        }
    }
    Ok(())
}

/// Frames that come with a handshake, on either side, are not lost.
#[tokio::test]
async fn frames_right_behind_the_handshake() -> Result<()> {
    for way in Way::ALL {
        let (early, first) = (frame(0x81, MASK, b"early"), frame(0x81, None, b"first"));
        let handshake = Handshake { early: &early, first: &first, ..Handshake::default() };
        let mut pair = Pair::open(way, handshake, &[]).await?;
        passes_on(&mut pair, &early, &first).await?;
        let (dashcam, exchange) = close(pair).await?;
        let found = messages(&dashcam, &exchange).await?;
        assert_messages(&found, "request", &[("request", "text", 5, Some("early"))]);
        assert_messages(&found, "response", &[("response", "text", 5, Some("first"))]);
    }
    Ok(())
}

/// Bytes that were sent with the handshakes arrive.
async fn passes_on(pair: &mut Pair, early: &[u8], first: &[u8]) -> Result<()> {
    use tokio::io::AsyncReadExt as _;
    let (mut at_origin, mut at_client) = (vec![0; early.len()], vec![0; first.len()]);
    dashcam_tests::eventually::within("what came with the handshakes", async {
        pair.origin.read_exact(&mut at_origin).await?;
        pair.client.read_exact(&mut at_client).await?;
        Ok(())
    })
    .await?;
    assert_eq!((at_origin.as_slice(), at_client.as_slice()), (early, first));
    Ok(())
}

/// Pings are answered by the other end, not by us.
#[tokio::test]
async fn nobody_in_between_answers_pings() -> Result<()> {
    let mut pair = Pair::open(Way::ConnectTls, Handshake::default(), &[]).await?;
    passes(&mut pair.client, &mut pair.origin, &frame(0x89, MASK, b"1"), 1).await?;
    passes(&mut pair.origin, &mut pair.client, &frame(0x89, None, b"2"), 1).await?;
    // `close` reads to the end at both ends: there is nothing.
    let (dashcam, exchange) = close(pair).await?;
    let found = messages(&dashcam, &exchange).await?;
    assert_messages(&found, "request", &[("request", "ping", 1, Some("1"))]);
    assert_messages(&found, "response", &[("response", "ping", 1, Some("2"))]);
    Ok(())
}

/// Few bytes that would grow very much are recorded as they passed, and said to be.
#[tokio::test]
async fn bombs_are_recorded_as_they_passed() -> Result<()> {
    let handshake = Handshake {
        asks: "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        answers: "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        ..Handshake::default()
    };
    let mut pair = Pair::open(Way::ConnectTls, handshake, &[]).await?;
    let mut compress = Compress::new(Compression::best(), false);
    let mut deflate = |payload: &[u8]| -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(payload.len() + 100);
        compress.compress_vec(payload, &mut out, FlushCompress::Sync)?;
        out.truncate(out.len() - 4);
        Ok(out)
    };
    let (small, bomb, behind) = (deflate(b"a word")?, deflate(&vec![b'0'; 16 << 20])?, deflate(b"a word")?);
    let sent = [frame(0xc1, MASK, &small), frame(0xc1, MASK, &bomb), frame(0xc1, MASK, &behind)].concat();
    passes(&mut pair.client, &mut pair.origin, &sent, 10_000).await?;
    let (dashcam, exchange) = close(pair).await?;
    let found = messages(&dashcam, &exchange).await?;
    let seen: Vec<_> = found
        .iter()
        .map(|message| (message["coding"].as_str(), message["size"].as_u64(), message["text"].as_str()))
        .collect();
    let size = |bytes: &[u8]| Some(bytes.len() as u64);
    let expected = [
        (None, Some(6), Some("a word")),
        (Some("deflate"), size(&bomb), None),
        (Some("deflate"), size(&behind), None),
    ];
    assert_eq!(seen, expected);
    assert_eq!(exchange["request_body"]["truncated"], false, "nothing is missing");
    let shown = cli(dashcam.home())?.args(["show", &exchange["id"].to_string()]).output().await?;
    let shown = String::from_utf8(shown.stdout)?;
    assert!(shown.contains("of deflate, as it passed"), "{shown}");
    Ok(())
}

/// With little memory and few places, messages that must be recorded wait for room, and none is lost or cut.
#[tokio::test]
async fn messages_that_must_be_recorded_wait_for_room() -> Result<()> {
    const CONFIG: &str = "[[rules]]\nname = \"all\"\nlevel = \"full\"\nguarantee = \"lossless\"\n\
        [recorder]\nmemory = 600000\nexchanges = 8\naddress_share = 100\n";
    const MESSAGES: usize = 3000;
    for way in [Way::Absolute, Way::ReverseTls] {
        let mut pair = Pair::open_with(CONFIG, way, Handshake::default(), &[]).await?;
        let sent: Vec<u8> =
            (0..MESSAGES).flat_map(|number| frame(0x82, MASK, &vec![7; number % 700])).collect();
        let answered: Vec<u8> =
            (0..MESSAGES).flat_map(|number| frame(0x82, None, &vec![9; number % 300])).collect();
        let Pair { client, origin, .. } = &mut pair;
        passes(client, origin, &sent, 40_000).await?;
        passes(origin, client, &answered, 40_000).await?;
        let (dashcam, exchange) = close(pair).await?;
        for direction in ["request_body", "response_body"] {
            assert_eq!(exchange[direction]["truncated"], false, "{way:?}: {exchange}");
        }
        let found = messages(&dashcam, &exchange).await?;
        for (direction, most) in [("request", 700), ("response", 300)] {
            let of_direction = found.iter().filter(|message| message["direction"] == direction);
            let sizes: Vec<_> = of_direction.filter_map(|message| message["size"].as_u64()).collect();
            let expected: Vec<_> = (0..MESSAGES as u64).map(|number| number % most).collect();
            assert_eq!(sizes, expected, "{way:?}, {direction}");
        }
        let counts = dashcam.api().get("/status").await?["recorder"]["guarantees"].clone();
        assert!(counts["waits"].as_u64() > Some(0) && counts["broken_off"] == 0, "{counts}");
    }
    Ok(())
}
