//! `dashcam status --check`.

use std::path::Path;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use dashcam_tests::load::Load;
use dashcam_tests::mute::Mute;
use dashcam_tests::origin::Origin;
use serde_json::Value;

use super::upload;

/// The exit code and the line.
async fn check(home: &Path, arguments: &[&str]) -> Result<(i32, String)> {
    let output = cli(home)?.args(["status", "--check"]).args(arguments).output().await?;
    let line = String::from_utf8(output.stdout)?;
    Ok((output.status.code().context("no code")?, line))
}

/// Exchanges that may be under way.
const PLACES: &str = "[recorder]\nexchanges = 4\naddress_share = 100\n";

/// Has some exchanges dropped: all places are taken.
async fn drop_some(dashcam: &Dashcam) -> Result<()> {
    let (origin, silent) = (Origin::http().await?, Mute::start().await?);
    let mut held = Vec::new();
    eventually("all places are taken", async || {
        held.push(upload(silent.address, dashcam.proxy(), 10).await?);
        let open = dashcam.api().get("/status").await?["ledger"]["open"].as_u64();
        Ok((open >= Some(4)).then_some(()))
    })
    .await?;
    let load = Load::start(dashcam.proxy(), &origin, 1, 10);
    load.more(3).await?;
    load.stop().await?;
    drop(held);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_code_says_what_was_dropped_since_the_last_check() -> Result<()> {
    let home = tempfile::tempdir()?;
    std::fs::write(home.path().join("config.toml"), PLACES)?;
    let (code, line) = check(home.path(), &[]).await?;
    assert_eq!(code, 3, "{line}");
    assert!(line.starts_with("DASHCAM UNKNOWN - no dashcam is running"), "{line}");

    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let (code, line) = check(home.path(), &[]).await?;
    assert_eq!(code, 0, "{line}");
    assert!(line.starts_with("DASHCAM OK - nothing dropped since ") && line.ends_with(" | dropped=0\n"));

    drop_some(&dashcam).await?;
    let (code, line) = check(home.path(), &["--since", "1h"]).await?;
    assert_eq!(code, 1, "it changes nothing: {line}");
    let (code, line) = check(home.path(), &["--json"]).await?;
    let report: Value = serde_json::from_str(&line)?;
    assert_eq!((code, &report["state"], &report["code"]), (1, &"dropped".into(), &1.into()), "{report}");
    let dropped = report["dropped"]["queue_full"].as_u64().unwrap_or(0);
    assert!(dropped >= 3 && report["from"].is_string() && report["step"] == "full", "{report}");
    let (code, line) = check(home.path(), &[]).await?;
    assert_eq!(code, 0, "it was reported: {line}");

    // Drops of the one before, behind its last check, are reported by the next.
    drop_some(&dashcam).await?;
    dashcam.stop().await?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let (code, line) = check(home.path(), &[]).await?;
    assert_eq!(code, 1, "{line}");
    assert!(line.contains("queue_full) since ") && line.contains(", from "), "{line}");
    assert_eq!(check(home.path(), &[]).await?.0, 0);
    drop(dashcam);
    Ok(())
}

#[tokio::test]
async fn its_code_says_that_recording_is_paused() -> Result<()> {
    let home = tempfile::tempdir()?;
    let dashcam = Dashcam::start_in(home.path(), &["--min-free", "99.999%"]).await?;
    let (code, line) = check(home.path(), &[]).await?;
    assert_eq!(code, 2, "{line} {}", dashcam.log());
    assert!(line.starts_with("DASHCAM CRITICAL - recording is paused: only "), "{line}");
    let (code, line) = check(home.path(), &["--json", "--since", "1m"]).await?;
    let report: Value = serde_json::from_str(&line)?;
    assert_eq!((code, &report["paused"]["reason"]), (2, &"disk_full".into()), "{report}");
    Ok(())
}
