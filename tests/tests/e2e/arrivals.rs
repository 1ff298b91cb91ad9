//! Messages that stand in a body have the times at which they came.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use dashcam_tests::wire::{Framing, read_head, read_piece};
use serde_json::Value;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::process::Command;
use tokio::sync::Semaphore;

const EVENTS: [&str; 3] = ["data: {\"n\":1}\n\n", "data: {\"n\":2}\n\n", "data: {\"n\":3}\n\n"];

/// The events in a coding, of which each can be decoded once it is there.
fn pieces(coding: &str) -> Result<Vec<Vec<u8>>> {
    if coding == "identity" {
        return Ok(EVENTS.map(|event| event.as_bytes().to_vec()).to_vec());
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut pieces = Vec::new();
    for event in EVENTS {
        encoder.write_all(event.as_bytes())?;
        encoder.flush()?;
        pieces.push(std::mem::take(encoder.get_mut()));
    }
    let end = encoder.finish()?;
    pieces.last_mut().context("no events")?.extend(end);
    Ok(pieces)
}

/// An origin that sends each event when `gate` lets it.
async fn origin(coding: &'static str, gate: &Arc<Semaphore>) -> Result<Origin> {
    let gate = Arc::clone(gate);
    Origin::raw(move |stream| {
        let gate = Arc::clone(&gate);
        async move {
            let mut stream = BufReader::new(stream);
            read_head(&mut stream).await?.context("no request")?;
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: {coding}\r\n\
                 Transfer-Encoding: chunked\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await?;
            for piece in pieces(coding)? {
                gate.acquire().await?.forget();
                stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
                stream.write_all(&piece).await?;
                stream.write_all(b"\r\n").await?;
                stream.flush().await?;
            }
            gate.acquire().await?.forget();
            stream.write_all(b"0\r\n\r\n").await?;
            Ok(())
        }
    })
    .await
}

/// The present moment as the API writes moments.
async fn now() -> Result<String> {
    let said = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%S.%6NZ"]).output().await?;
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
}

async fn times(dashcam: &Dashcam, id: &Value) -> Result<Vec<String>> {
    let page = dashcam.api().get(&format!("/exchanges/{id}/response/messages")).await?;
    let messages = page["messages"].as_array().context("no messages")?;
    let at = |message: &Value| message["at"].as_str().context("one has no time").map(str::to_owned);
    messages.iter().map(at).collect()
}

/// Reads so many more bytes of the response.
async fn read(io: &mut Stream, framing: &mut Framing, mut bytes: usize) -> Result<()> {
    while bytes > 0 {
        let piece = within("an event", read_piece(io, framing, &mut Vec::new())).await?;
        let piece = piece.context("the stream ended")?;
        ensure!(piece.len() <= bytes, "more came than was sent");
        bytes -= piece.len();
    }
    Ok(())
}

/// Returns whether arrivals are stored by now: they go ahead of the exchange's end.
async fn are_stored(dashcam: &Dashcam) -> Result<bool> {
    let mut command = cli(dashcam.home())?;
    command.args(["sql", "SELECT count(*) > 0 AS some FROM arrivals"]);
    let said = command.output().await?;
    Ok(String::from_utf8_lossy(&said.stdout).lines().any(|line| line.contains('1')))
}

async fn check(coding: &'static str, options: &[&str], goes_ahead: bool) -> Result<()> {
    let gate = Arc::new(Semaphore::new(0));
    let origin = origin(coding, &gate).await?;
    let dashcam = Dashcam::start(options).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let began = now().await?;
    let url = origin.url("/events");
    raw::send(&mut io, &format!("GET {url} HTTP/1.1\r\nHost: {}\r\n\r\n", origin.address())).await?;
    gate.add_permits(1);
    let head = within("the response", read_head(&mut io)).await?.context("no response")?;
    let mut framing = Framing::of_response(&head, "GET");
    let (mut moments, mut id) = (vec![began], Value::Null);
    for (number, piece) in pieces(coding)?.iter().enumerate() {
        if number > 0 {
            gate.add_permits(1);
        }
        read(&mut io, &mut framing, piece.len()).await?;
        moments.push(now().await?);
        if id.is_null() {
            id = eventually("it is listed", async || {
                Ok(dashcam.api().ending_in("/events").await?.first().map(|row| row["id"].clone()))
            })
            .await?;
        }
        if number == 0 && goes_ahead {
            eventually("it goes ahead", async || Ok(are_stored(&dashcam).await?.then_some(()))).await?;
        }
        // Where redaction undoes a coding, the last events are seen once they are stored.
        if coding == "identity" || options.contains(&"off") {
            let found = times(&dashcam, &id).await?;
            assert_eq!(found.len(), number + 1);
            assert_between(&found, &moments);
        }
    }
    gate.add_permits(1);
    let ended = dashcam.api().ended("/events").await?;
    moments.push(now().await?);
    let found = times(&dashcam, &ended["id"]).await?;
    assert_eq!(found.len(), EVENTS.len());
    assert_between(&found, &moments);
    Ok(())
}

/// Each came after the client had seen the one before, and before it had seen it itself.
fn assert_between(found: &[String], moments: &[String]) {
    for (number, at) in found.iter().enumerate() {
        assert!(moments[number] <= *at && *at <= moments[number + 1], "{number}: {found:?} in {moments:?}");
    }
    assert!(found.is_sorted_by(|one, next| one < next), "{found:?}");
}

#[tokio::test]
async fn of_a_stream() -> Result<()> {
    check("identity", &[], false).await
}

#[tokio::test]
async fn of_a_compressed_stream() -> Result<()> {
    check("gzip", &[], false).await
}

#[tokio::test]
async fn of_a_stream_that_goes_on_for_long() -> Result<()> {
    check("gzip", &["--redaction", "off"], true).await
}

/// It is stored without its coding.
#[tokio::test]
async fn of_a_compressed_stream_that_goes_on_for_long_under_redaction() -> Result<()> {
    check("gzip", &[], true).await
}
