//! The cost of recording held within a budget, and within a container's limits.

mod check;
mod container;
mod steps;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// Looks often, so that tests need not wait.
const QUICK: &str = "[budget]\nlook = \"50ms\"\ndown_after = 2\nup_after = \"200ms\"\n";

/// The status once recording is held at `step`.
async fn at_step(dashcam: &Dashcam, step: &str) -> Result<Value> {
    eventually(&format!("recording is at the step {step}"), async || {
        let status = dashcam.api().get("/status").await?;
        Ok((status["budget"]["step"] == step).then_some(status))
    })
    .await
    .with_context(|| dashcam.log())
}

/// The steps that are in the history, with their reasons, the first one first; once there are so many.
async fn history(home: &Path, steps: usize) -> Result<Vec<Value>> {
    let sql = "SELECT who, json_extract(detail, '$.step') AS step, json_extract(detail, '$.because') AS because \
               FROM settings_history WHERE kind = 'step' ORDER BY id";
    eventually("the steps are in the history", async || {
        let output = cli(home)?.args(["sql", "--format", "json", sql]).output().await?;
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).context("not JSON")?;
        Ok((rows.len() >= steps).then_some(rows))
    })
    .await
}

/// A request to `origin` over `proxy` with a head of 100 KB, which is held as long as the request is under way.
async fn large_head(origin: SocketAddr, proxy: SocketAddr) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(proxy).await?;
    let fields: String = (0..25).map(|number| format!("x-{number}: {}\r\n", "a".repeat(4000))).collect();
    let head = format!("GET http://{origin}/large HTTP/1.1\r\nHost: {origin}\r\n{fields}\r\n");
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// A request to `origin` over `proxy` that has sent so many bytes of its body, and does not end.
async fn upload(origin: SocketAddr, proxy: SocketAddr, bytes: usize) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(proxy).await?;
    let head = format!(
        "POST http://{origin}/upload HTTP/1.1\r\nHost: {origin}\r\nContent-Length: 100000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&vec![b'x'; bytes]).await?;
    Ok(stream)
}
