//! More connections than there is room for: shares and limits hold, who is refused is told, and all recovers by itself.
//!
//! 256 open files leave 96 connections of clients and as many to upstreams, a quarter of each for one address.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::{Dashcam, cli, with_open_files};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::h2::{self, code, frame, peer, peer::Peer};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use dashcam_tests::wire::{Message, read_response};
use serde_json::Value;
use tokio::io::AsyncReadExt as _;

const FILES: u32 = 256;
const ALL: usize = 96;
const SHARE: usize = 24;
/// Hostile clients' addresses: 127.0.0.2 and up. The healthy one is 127.0.0.1.
const HOSTILE: u8 = 2;

/// Few files may be open.
async fn small(home: &tempfile::TempDir, arguments: &[&str]) -> Result<Dashcam> {
    Dashcam::start_command(home.path(), with_open_files(home.path(), FILES, arguments)?).await
}

async fn status(dashcam: &Dashcam) -> Result<Value> {
    dashcam.api().get("/status").await
}

async fn open_connections(dashcam: &Dashcam, expect: impl Fn(u64) -> bool) -> Result<()> {
    eventually("as many connections are open as expected", async || {
        Ok(status(dashcam).await?["connections_open"].as_u64().filter(|open| expect(*open)).map(|_| ()))
    })
    .await
}

async fn limited(dashcam: &Dashcam, limit: &str) -> Result<u64> {
    status(dashcam).await?["limited"][limit].as_u64().context("no such limit")
}

/// Waits until `limit` was met `times` times.
async fn limited_at_least(dashcam: &Dashcam, limit: &str, times: u64) -> Result<()> {
    eventually(&format!("{limit} is met"), async || {
        Ok((limited(dashcam, limit).await? >= times).then_some(()))
    })
    .await
}

/// A new client's request on a new connection.
async fn served(client: u8, proxy: SocketAddr, url: &str) -> Result<Message> {
    let mut io = raw::open_from(client, proxy).await?;
    raw::get(&mut io, url, "origin").await
}

/// A client that keeps its connection after a request.
async fn hold(dashcam: &Dashcam, origin: &Origin) -> Result<Stream> {
    let mut io = raw::open(dashcam.proxy()).await?;
    let answer = raw::get(&mut io, &origin.url("/json"), "origin").await?;
    ensure!(answer.head.status()? == 200, "{}", answer.head.start);
    Ok(io)
}

async fn assert_served(client: u8, dashcam: &Dashcam, origin: &Origin) -> Result<()> {
    let answer = served(client, dashcam.proxy(), &origin.url("/json")).await?;
    ensure!(answer.head.status()? == 200, "127.0.0.{client}: {}", answer.head.start);
    Ok(())
}

/// Checks that the operator's means work: the page, the API, the store, the command line.
async fn assert_operable(dashcam: &Dashcam) -> Result<()> {
    let mut page = raw::open(dashcam.page()).await?;
    let answer = raw::get(&mut page, "/", &dashcam.page().to_string()).await?;
    ensure!(answer.head.status()? < 500, "the page: {}", answer.head.start);
    dashcam.api().get("/exchanges?limit=1").await?;
    let shown =
        within("dashcam status", async { Ok(cli(dashcam.home())?.arg("status").output().await?) }).await?;
    ensure!(shown.status.success(), "{shown:?}");
    Ok(())
}

fn assert_refused(answer: &Message, expect: &str) -> Result<()> {
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(answer.head.status()? == 503 && text.contains(expect), "{}: {text}", answer.head.start);
    ensure!(answer.head.field("retry-after") == Some("1"), "{:?}", answer.head);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_one_address_takes_its_share_and_no_more() -> Result<()> {
    let home = tempfile::tempdir()?;
    let (origin, dashcam) = (Origin::http().await?, small(&home, &[]).await?);
    let mut flood: Vec<Stream> = Vec::new();
    for number in 0..400 {
        // Beyond its share they are closed at once, or soon; meanwhile others are served.
        flood.push(raw::open_from(HOSTILE, dashcam.proxy()).await?);
        if number % 40 == 0 {
            assert_served(1, &dashcam, &origin).await?;
        }
    }
    assert_operable(&dashcam).await?;
    // The last ones may be waiting to be accepted.
    limited_at_least(&dashcam, "connections_of_address", 400 - SHARE as u64).await?;
    let now = status(&dashcam).await?;
    assert_eq!(now["connection_limits"]["limit"], ALL);
    assert_eq!(now["connection_limits"]["limit_per_address"], SHARE);
    assert_eq!(now["connection_limits"]["near_limit"]["address"], "127.0.0.2", "{now}");
    assert_eq!(now["connection_limits"]["near_limit"]["open"], SHARE, "{now}");
    assert_eq!(limited(&dashcam, "connections").await?, 0);
    let shown = cli(dashcam.home())?.arg("status").output().await?;
    let shown = String::from_utf8(shown.stdout)?;
    assert!(shown.contains("127.0.0.2 has 24 of at most 24 for one address"), "{shown}");
    let lines = dashcam.log().lines().filter(|line| line.contains("--max-connections-per-address")).count();
    assert!((1..=5).contains(&lines), "a line now and then: {lines} of {}", dashcam.log());
    drop(flood);
    open_connections(&dashcam, |open| open < 5).await?;
    assert_served(HOSTILE, &dashcam, &origin).await?;
    // Connections that were refused are on no record.
    let connections = dashcam.api().get("/connections?limit=1000").await?;
    let recorded = connections["connections"].as_array().context("connections")?.len();
    assert!(recorded <= 2 * SHARE + 20, "{recorded}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_beyond_its_share_is_told_so() -> Result<()> {
    let home = tempfile::tempdir()?;
    let (origin, dashcam) = (Origin::http().await?, small(&home, &[]).await?);
    let mut held = Vec::new();
    for _ in 0..SHARE {
        held.push(raw::open_from(HOSTILE, dashcam.proxy()).await?);
    }
    open_connections(&dashcam, |open| open == SHARE as u64).await?;
    let url = origin.url("/json");
    let refused = served(HOSTILE, dashcam.proxy(), &url).await?;
    assert_refused(&refused, "Your address has 24 connections to dashcam open")?;
    assert_eq!(refused.head.field("connection"), Some("close"));
    let mut io = raw::open_from(HOSTILE, dashcam.proxy()).await?;
    raw::send(&mut io, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").await?;
    let refused = within("an answer to CONNECT", read_response(&mut io, "GET")).await?;
    assert_refused(&refused, "--max-connections-per-address")?;
    assert_served(1, &dashcam, &origin).await?;
    assert!(origin.site().seen_for("/json").len() == 1, "what was refused did not go on");
    held.pop();
    eventually("there is room again", async || {
        let answer = served(HOSTILE, dashcam.proxy(), &url).await?;
        Ok((answer.head.status()? == 200).then_some(()))
    })
    .await
}

/// Everything up to the end of the connection.
async fn rest(mut io: Stream) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    within("the connection's end", async { Ok(io.read_to_end(&mut bytes).await?) }).await?;
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_when_all_are_taken_is_answered_in_its_protocol() -> Result<()> {
    let origin = Origin::http().await?;
    let mode = format!("reverse:{}@127.0.0.1:0", origin.url(""));
    let arguments =
        ["-m", "forward", "-m", &mode, "--max-connections", "8", "--max-connections-per-address", "0"];
    let dashcam = Dashcam::start(&arguments).await?;
    let reverse: SocketAddr =
        status(&dashcam).await?["listeners"][1]["address"].as_str().context("address")?.parse()?;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(hold(&dashcam, &origin).await?);
    }
    open_connections(&dashcam, |open| open == 8).await?;
    let refused = served(1, dashcam.proxy(), &origin.url("/json")).await?;
    assert_refused(
        &refused,
        "dashcam has 8 client connections open, as many as it may have (--max-connections)",
    )?;
    // Strangers are not told more than that.
    assert_refused(&served(1, reverse, "/json").await?, "too many connections")?;
    let mut tls = raw::open(reverse).await?;
    raw::send(&mut tls, "\u{16}\u{3}\u{1}").await?;
    assert_eq!(rest(tls).await?, b"\x15\x03\x01\x00\x02\x02\x50", "a fatal alert");
    let mut peer = Peer::client(raw::open(reverse).await?, &[]).await?;
    let calm = peer.wait("GOAWAY", |event| match event {
        peer::Event::GoAway { last, code } => Some((*last, *code)),
        _ => None,
    });
    assert_eq!(calm.await?, (0, code::CALM));
    // A client that says nothing is not waited for.
    let silent = raw::open(reverse).await?;
    assert_eq!(rest(silent).await?, b"");
    limited_at_least(&dashcam, "connections", 5).await?;
    held.pop();
    eventually("there is room again", async || {
        Ok((served(1, reverse, "/json").await?.head.status()? == 200).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_all_connections_taken_page_and_store_go_on() -> Result<()> {
    let home = tempfile::tempdir()?;
    // A client that is gone may look like one that waits for its response.
    std::fs::write(home.path().join("config.toml"), "[timeouts]\nhalf_closed = \"1s\"\n")?;
    let (origin, dashcam) = (Origin::http().await?, small(&home, &[]).await?);
    let mut held = Vec::new();
    for client in HOSTILE..HOSTILE + 4 {
        for _ in 0..SHARE {
            let mut io = raw::open_from(client, dashcam.proxy()).await?;
            raw::send(&mut io, &format!("GET {} HTTP/1.1\r\nHost: origin\r\n\r\n", origin.url("/silence")))
                .await?;
            held.push(io);
        }
    }
    eventually("each has its connection to the upstream", async || {
        Ok((origin.site().seen_for("/silence").len() == ALL).then_some(()))
    })
    .await?;
    let now = status(&dashcam).await?;
    assert_eq!((&now["connections_open"], &now["connection_limits"]["upstream"]), (&ALL.into(), &ALL.into()));
    for _ in 0..3 {
        assert_operable(&dashcam).await?;
        assert_refused(&served(1, dashcam.proxy(), &origin.url("/json")).await?, "96 client connections")?;
    }
    assert!(!dashcam.log().contains("Too many open files"), "{}", dashcam.log());
    drop(held);
    eventually("it recovers", async || {
        let answer = served(1, dashcam.proxy(), &origin.url("/json")).await?;
        Ok((answer.head.status()? == 200).then_some(()))
    })
    .await?;
    open_connections(&dashcam, |open| open < 5).await?;
    dashcam.api().ended("/json").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_many_hosts_gets_to_all_of_them() -> Result<()> {
    let home = tempfile::tempdir()?;
    let dashcam = small(&home, &[]).await?;
    let mut io = raw::open_from(HOSTILE, dashcam.proxy()).await?;
    let mut origins = Vec::new();
    for number in 0..2 * SHARE {
        let origin = Origin::http().await?;
        let answer = raw::get(&mut io, &origin.url("/json"), "origin").await?;
        ensure!(answer.head.status()? == 200, "host {number}: {}", answer.head.start);
        // Its connection is kept: idle ones make way for those that are needed.
        origins.push(origin);
    }
    let kept = status(&dashcam).await?["connection_limits"]["upstream"].as_u64().context("upstream")?;
    assert!((1..=SHARE as u64).contains(&kept), "{kept}");
    assert_eq!(limited(&dashcam, "upstream_connections_of_address").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_of_one_client_can_not_take_all_connections_to_upstreams() -> Result<()> {
    let home = tempfile::tempdir()?;
    let origin = Origin::https1().await?;
    let mode = format!("reverse:https://localhost:{}@127.0.0.1:0", origin.port());
    let dashcam = small(&home, &["-m", &mode]).await?;
    let io = raw::open_from(HOSTILE, dashcam.proxy()).await?;
    let mut peer = Peer::client(h2::tls(io, &dashcam.ca()).await?, &[]).await?;
    let ask = |stream: u32| {
        let fields =
            [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/silence")];
        frame::headers(stream, &fields, true)
    };
    for number in 0..SHARE as u32 {
        peer.write(&ask(1 + 2 * number)).await?;
    }
    eventually("as many as its share", async || Ok((origin.site().seen().len() == SHARE).then_some(())))
        .await?;
    let beyond = 1 + 2 * SHARE as u32;
    peer.write(&ask(beyond)).await?;
    let refused = peer.wait("an answer beyond the share", |event| match event {
        peer::Event::Headers { stream, fields, .. } if *stream == beyond => Some(fields.clone()),
        _ => None,
    });
    assert_eq!(peer::value(&refused.await?, ":status"), Some("503"));
    assert_eq!(limited(&dashcam, "upstream_connections_of_address").await?, 1);
    // Another address is not harmed.
    let io = raw::tls(raw::open_from(1, dashcam.proxy()).await?, &dashcam.ca(), "localhost").await;
    let answer = raw::get(&mut io?, "/json", "localhost").await?;
    assert_eq!(answer.head.status()?, 200);
    Ok(())
}

#[tokio::test]
async fn more_than_there_is_room_for_is_clamped_with_a_warning() -> Result<()> {
    let home = tempfile::tempdir()?;
    let dashcam = small(&home, &["--max-connections", "10000"]).await?;
    let limits = status(&dashcam).await?["connection_limits"].clone();
    assert_eq!((&limits["limit"], &limits["limit_per_address"]), (&ALL.into(), &SHARE.into()));
    let log = dashcam.log();
    assert!(log.contains("--max-connections 10000 is more than 256 open files have room for"), "{log}");
    Ok(())
}
