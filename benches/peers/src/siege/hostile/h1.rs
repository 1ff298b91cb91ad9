//! Kinds that speak HTTP/1.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

use super::{Attacker, look};

const SECOND: Duration = Duration::from_secs(1);

pub(super) async fn half_head(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let mut io = attacker.target.h1(attacker.from).await?;
    io.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await?;
    loop {
        look(&mut io, SECOND).await?;
        io.write_all(b"a").await?;
    }
}

pub(super) async fn slow_body(attacker: Arc<Attacker>) -> Result<()> {
    attacker.begins();
    let mut io = attacker.target.h1(attacker.from).await?;
    io.write_all(b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n").await?;
    loop {
        look(&mut io, SECOND).await?;
        io.write_all(b"a").await?;
    }
}

pub(super) async fn giant_urls(attacker: Arc<Attacker>) -> Result<()> {
    for size in [60_000, 200_000] {
        attacker.begins();
        let mut io = attacker.target.h1(attacker.from).await?;
        let url = "u".repeat(size);
        // Refused before it is all there, it may not be taken to its end.
        let _refused =
            io.write_all(format!("GET /{url} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await;
        let _closed = look(&mut io, SECOND).await;
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
