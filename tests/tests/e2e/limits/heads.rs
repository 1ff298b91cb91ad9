//! Heads: how large, and how slow.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::h2::frame::{END_HEADERS, END_STREAM, block, frame, headers, kind, string};
use dashcam_tests::h2::origin::answering;
use dashcam_tests::h2::peer::Event;
use dashcam_tests::h2::{self, PREFACE};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{meets, message, met_exactly};

fn many_fields(count: usize) -> Vec<(String, String)> {
    (0..count).map(|number| (format!("x-{number}"), "value".to_owned())).collect()
}

#[tokio::test]
async fn a_url_of_64_kib_and_1000_fields_pass() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let target = format!("/json?{}", "u".repeat(64 << 10));
    let fields = many_fields(1000);

    let lines: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{}", origin.port())).await?;
    let mut io = raw::tls(io, &dashcam.ca(), "localhost").await?;
    raw::send(&mut io, &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n")).await?;
    let answer = within("an answer", dashcam_tests::wire::read_response(&mut io, "GET")).await?;
    assert_eq!(answer.head.status()?, 200, "{}", String::from_utf8_lossy(&answer.body));

    // The http crate's URLs have two bytes less than 64 KiB.
    let shorter = &target[..65_500];
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    let pseudo = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", shorter)];
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let block = block(&pseudo.into_iter().chain(fields).collect::<Vec<_>>());
    let mut pieces = block.chunks(16_000).peekable();
    let mut wire = frame(kind::HEADERS, END_STREAM, 1, pieces.next().unwrap_or_default());
    while let Some(piece) = pieces.next() {
        let flags = if pieces.peek().is_none() { END_HEADERS } else { 0 };
        wire.extend(frame(kind::CONTINUATION, flags, 1, piece));
    }
    peer.write(&wire).await?;
    assert_eq!(peer.response(1).await?.status(), 200);
    assert_eq!((origin.site().seen_for(&target).len(), origin.site().seen_for(shorter).len()), (1, 1));
    assert!(origin.site().seen().iter().all(|seen| seen.fields.len() >= 1000));
    Ok(())
}

#[tokio::test]
async fn a_larger_head_is_a_431() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    for (fields, key) in [
        (format!("X: {}\r\n", "a".repeat(130 << 10)), "limits.head"),
        ("X: a\r\n".repeat(5000), "limits.fields"),
    ] {
        let mut io = raw::open(dashcam.proxy()).await?;
        let url = origin.url(&format!("/json?{key}"));
        raw::send(&mut io, &format!("GET {url} HTTP/1.1\r\nHost: x\r\n{fields}\r\n")).await?;
        let answer = within("an answer", dashcam_tests::wire::read_response(&mut io, "GET")).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.head.status()? == 431 && text.contains(key), "{}: {text}", answer.head.start);
        let exchange = dashcam.api().ended(&format!("/json?{key}")).await?;
        assert!(exchange["state"] == "refused" && message(&exchange).contains(key), "{exchange}");
    }
    assert_eq!(origin.site().seen().len(), 0);
    met_exactly(&dashcam, "head", 2).await
}

/// The limit is told in SETTINGS; a list beyond it is a 431, and one far beyond it the connection's end.
#[tokio::test]
async fn a_larger_field_list_is_a_431() -> Result<()> {
    let origin = answering().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut peer = h2::plain(&dashcam, &origin.address().to_string()).await?;
    const MAX_HEADER_LIST_SIZE: u16 = 6;
    assert!(peer.theirs.contains(&(MAX_HEADER_LIST_SIZE, 128 << 10)), "{:?}", peer.theirs);
    peer.write(&bomb(1, 40)).await?;
    assert_eq!(peer.response(1).await?.status(), 431);
    let mut get = super::transit::GET;
    get[3].1 = "/other";
    peer.write(&headers(3, &get, true)).await?;
    assert_eq!(peer.response(3).await?.status(), 200);
    peer.write(&again(5, 1000)).await?;
    let end = |event: &Event| matches!(event, Event::GoAway { .. } | Event::Closed).then_some(());
    peer.wait("the connection's end", end).await?;
    meets(&dashcam, "http2_flood", 1).await
}

/// A request whose list refers `times` times to one field of 4 KB, which it puts into the table.
pub(super) fn bomb(stream: u32, times: usize) -> Vec<u8> {
    let mut list = block(&super::transit::GET);
    // Literal with incremental indexing, a new name (RFC 7541 §6.2.1).
    list.push(0x40);
    list.extend([string(b"x-bomb"), string(&[b'x'; 4000])].concat());
    list.extend(std::iter::repeat_n(0x80 | 62, times));
    frame(kind::HEADERS, END_HEADERS | END_STREAM, stream, &list)
}

/// The same, once the field is in the table.
pub(super) fn again(stream: u32, times: usize) -> Vec<u8> {
    let mut list = block(&super::transit::GET);
    list.extend(std::iter::repeat_n(0x80 | 62, times));
    frame(kind::HEADERS, END_HEADERS | END_STREAM, stream, &list)
}

/// Heads that never end, in every form: the connection does.
#[tokio::test]
async fn slow_heads_end_their_connections() -> Result<()> {
    let origin = Origin::https().await?;
    let config = "[timeouts]\nrequest_head = '1s'\nidle = '1s'\n";
    let dashcam = Dashcam::start_with(config, &[]).await?;
    let fields = [frame(kind::SETTINGS, 0, 0, b""), frame(kind::HEADERS, 0, 1, &block(&super::transit::GET))];
    for (is_h2, begin) in [
        (false, &b"GET / HTTP/1.1\r\nHo"[..]),
        (true, &PREFACE[..20]),
        (true, PREFACE),
        (true, &[PREFACE, &fields.concat()].concat()),
    ] {
        let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{}", origin.port())).await?;
        let mut io = if is_h2 {
            h2::tls(io, &dashcam.ca()).await?
        } else {
            raw::tls(io, &dashcam.ca(), "localhost").await?
        };
        io.write_all(begin).await?;
        io.flush().await?;
        within("the connection's end", async {
            let _reset = io.read_to_end(&mut Vec::new()).await;
            Ok(())
        })
        .await?;
    }
    met_exactly(&dashcam, "request_head_time", 2).await
}
