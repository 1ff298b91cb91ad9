//! The flight recorder: everything of the last minute, until something makes a snapshot of it.

mod crash;
mod exported;
mod rest;
mod taken;
mod triggers;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::Value;

/// A dashcam that records nothing but by its flight recorder, whose snapshots go on for a moment, with its home.
async fn start(home: &Path, arguments: &[&str]) -> Result<Dashcam> {
    let ring = home.join("ring").display().to_string();
    let usual =
        ["--record", "metrics", "--flight", "60s,16MB", "--flight-after", "300ms", "--flight-file", &ring];
    Dashcam::start_in(home, &[&usual[..], arguments].concat()).await
}

/// Gets `targets` over one connection.
async fn get(dashcam: &Dashcam, origin: &Origin, targets: &[String]) -> Result<()> {
    let mut io = raw::open(dashcam.proxy()).await?;
    for target in targets {
        raw::get(&mut io, &origin.url(target), &origin.address().to_string()).await?;
    }
    Ok(())
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("/bytes/2000?n={number}")).collect()
}

/// Waits until the newest snapshot is stored.
async fn stored(dashcam: &Dashcam) -> Result<Value> {
    eventually("the snapshot is stored", async || {
        let all = dashcam.api().get("/snapshots").await?;
        let newest = all["snapshots"].get(0).cloned();
        Ok(newest.filter(|newest| newest["state"] == "stored"))
    })
    .await
    .with_context(|| dashcam.log())
}

/// The exchanges of `snapshot`, the newest first.
async fn exchanges(dashcam: &Dashcam, snapshot: &Value) -> Result<Vec<Value>> {
    let name = snapshot["name"].as_str().context("a name")?;
    let page = dashcam.api().get(&format!("/exchanges?limit=1000&filter=snapshot:{name}")).await?;
    Ok(page["exchanges"].as_array().context("a list")?.clone())
}

/// Waits until so many exchanges are in the ring.
async fn in_ring(dashcam: &Dashcam, count: u64) -> Result<()> {
    eventually("the ring has the exchanges", async || {
        let all = dashcam.api().get("/snapshots").await?;
        Ok((all["flight"]["written"].as_u64() >= Some(count)).then_some(()))
    })
    .await
    .with_context(|| dashcam.log())
}

/// The output of `dashcam snapshot …`, and whether it succeeded.
async fn snapshot(home: &Path, arguments: &[&str]) -> Result<(bool, String)> {
    let output = cli(home)?.arg("snapshot").args(arguments).output().await?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

/// The files in `folder`.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    entries.collect::<Result<_>>()
}
