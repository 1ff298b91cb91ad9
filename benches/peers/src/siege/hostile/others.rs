//! Kinds that do not read, inflate, storm and scribble.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::sleep;

use super::{Attacker, look};
use crate::siege::wire::{END_HEADERS, END_STREAM, HEADERS, connect, expect, frame, request};

/// Longer than any siege.
const FOREVER: Duration = Duration::from_secs(3600);
/// The inflated size of a message of a deflate bomb.
const INFLATED: usize = 16 << 20;

pub(super) async fn non_reader(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    if attacker.begun.load(std::sync::atomic::Ordering::Relaxed).is_multiple_of(2) {
        let mut io = attacker.target.h1(attacker.from).await?;
        io.write_all(b"GET /large/100000000 HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        return hold(io).await;
    }
    // Windows as large as can be, so that it is not they that stop the flood (RFC 9113 §6.5.2).
    let mut io = attacker.target.h2(attacker.from, &[(4, 0x7fff_ffff)]).await?;
    for stream in (1..40).step_by(2) {
        let block = request("GET", "/large/100000000", &[]);
        io.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, stream, &block)).await?;
    }
    io.write_all(&frame(8, 0, 0, &0x7fff_0000_u32.to_be_bytes())).await?;
    hold(io).await
}

/// Keeps a connection and does nothing with it.
async fn hold<T>(io: T) -> Result<()> {
    sleep(FOREVER).await;
    drop(io);
    Ok(())
}

pub(super) async fn deflate_bomb(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let mut io = attacker.target.h1(attacker.from).await?;
    io.write_all(
        b"GET /deflated HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
          Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
          Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
    )
    .await?;
    let mut answer = [0; 4096];
    let read = io.read(&mut answer).await?;
    expect(&answer[..read], "101")?;
    let message = bomb()?;
    loop {
        io.write_all(&message).await?;
        // 2.5 MB/s.
        look(&mut io, Duration::from_secs_f64(message.len() as f64 / 2.5e6)).await?;
    }
}

/// A masked binary message (RFC 6455 §5.2), compressed (RFC 7692 §7.2.1).
fn bomb() -> Result<Vec<u8>> {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(&vec![0; INFLATED])?;
    deflated.flush()?;
    let payload = deflated.get_ref().strip_suffix(&[0, 0, 0xff, 0xff]).context("no flush")?.to_vec();
    let length = u16::try_from(payload.len()).context("too long")?;
    let mut frame = vec![0xc2, 0xfe];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(payload);
    Ok(frame)
}

pub(super) async fn storm(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let tls = attacker.begun.load(std::sync::atomic::Ordering::Relaxed).is_multiple_of(2);
    if tls {
        drop(attacker.target.h1(attacker.from).await?);
    } else {
        drop(attacker.target.tcp(attacker.from).await?);
    }
    Ok(())
}

pub(super) async fn stalled_watcher(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let (port, token) = attacker.target.page.clone().context("a page")?;
    let mut io = connect(attacker.from, port).await?;
    let ask = format!(
        "GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    io.write_all(ask.as_bytes()).await?;
    let mut answer = [0; 12];
    io.read_exact(&mut answer).await?;
    expect(&answer, "200")?;
    hold(io).await
}

pub(super) async fn junk(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let begun = attacker.begun.load(std::sync::atomic::Ordering::Relaxed);
    // The same bytes in each run (xorshift), which are nothing.
    let mut state = begun.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::new();
    while bytes.len() < 2000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    if begun.is_multiple_of(2) {
        let mut io = attacker.target.h1(attacker.from).await?;
        io.write_all(&bytes).await?;
        let _closed = look(&mut io, Duration::from_millis(200)).await;
    } else {
        let mut io = attacker.target.tcp(attacker.from).await?;
        io.write_all(&bytes).await?;
        let _closed = look(&mut io, Duration::from_millis(200)).await;
    }
    Ok(())
}
