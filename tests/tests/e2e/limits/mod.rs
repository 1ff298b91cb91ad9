//! Limits that a peer meets: it is refused, cut off or bounded, which is counted and said; all others go on.

mod bodies;
mod heads;
mod idle;
mod transit;
mod writes;

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::h2::peer::{Event, value};
use dashcam_tests::origin::{Origin, Stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpSocket;

/// How often `limit` was met.
async fn met(dashcam: &Dashcam, limit: &str) -> Result<u64> {
    let status = dashcam.api().get("/status").await?;
    status["limited"][limit].as_u64().with_context(|| format!("{limit} is not counted: {status}"))
}

/// Waits until `limit` was met `times` times, and checks that it was not more often.
async fn met_exactly(dashcam: &Dashcam, limit: &str, times: u64) -> Result<()> {
    meets(dashcam, limit, times).await?;
    assert_eq!(met(dashcam, limit).await?, times, "{limit}");
    Ok(())
}

/// Waits until `limit` was met `times` times.
async fn meets(dashcam: &Dashcam, limit: &str, times: u64) -> Result<()> {
    eventually(&format!("{limit} is met"), async || Ok((met(dashcam, limit).await? >= times).then_some(())))
        .await
}

/// A connection to `to` from an address of the loopback net, with a small buffer for what is not read.
async fn connect_from(source: [u8; 4], to: SocketAddr) -> Result<Stream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((source, 0).into())?;
    socket.set_recv_buffer_size(16 << 10)?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(Box::new(stream)))
}

/// An origin that answers every request with a body without end, as fast as it is taken.
async fn endless() -> Result<Origin> {
    Origin::raw(|mut stream| async move {
        let mut some = [0; 4096];
        if stream.read(&mut some).await? > 0 {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n").await?;
            while stream.write_all(&[b'x'; 16 << 10]).await.is_ok() {}
        }
        Ok(())
    })
    .await
}

/// The status of the response on `id`, if `event` is its head.
fn status_on(event: &Event, id: u32) -> Option<String> {
    match event {
        Event::Headers { stream, fields, .. } if *stream == id => value(fields, ":status").map(str::to_owned),
        _ => None,
    }
}

/// The message of an exchange that failed.
fn message(exchange: &serde_json::Value) -> &str {
    exchange["failure"]["message"].as_str().unwrap_or_default()
}
