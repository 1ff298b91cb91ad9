//! A disk that is full, or nearly.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::disk::{Disk, or_skipped};
use dashcam_tests::eventually::eventually;
use dashcam_tests::load::Load;
use dashcam_tests::origin::Origin;

use super::{lost_for, read, recording, said, unharmed};

async fn filled_and_emptied(disk: Disk) -> Result<()> {
    let origin = Origin::http().await?;
    let database = disk.path().join("dashcam.db");
    let path = database.display().to_string();
    let dashcam = Dashcam::start(&["--db", &path, "--min-free", "none"]).await?;
    let load = Load::start(dashcam.proxy(), &origin, 8, 5000);
    load.more(200).await?;
    disk.fill(1 << 20)?;
    let status = recording(&dashcam, "paused").await?;
    assert_eq!(status["recording"]["reason"], "disk_full", "{}", status["recording"]);
    assert!(!status["recording"]["since"].is_null() && !status["recording"]["message"].is_null());
    assert_eq!(status["recorder"]["state"], "failing");
    unharmed(&load).await?;

    disk.empty()?;
    recording(&dashcam, "recording").await?;
    load.more(200).await?;
    let gaps = lost_for("disk_full", &dashcam, load.stop().await?).await?;
    assert!(gaps.iter().all(|gap| gap["from"].as_str() <= gap["until"].as_str()), "{gaps:?}");
    let log = dashcam.log();
    assert_eq!(said(&dashcam, "recording is paused"), 1, "{log}");
    assert_eq!(said(&dashcam, "recording goes on after"), 1, "{log}");

    let ledger = dashcam.api().get("/status").await?["ledger"].clone();
    let found = read(&database).await?;
    assert_eq!((&found["integrity"][0], &found["exchanges"]), (&"ok".into(), &ledger["stored"]));
    assert_eq!(found["torn"], serde_json::json!([]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_and_is_emptied() -> Result<()> {
    let Some(disk) = or_skipped(Disk::tmpfs(48)) else { return Ok(()) };
    filled_and_emptied(disk).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_with_ext4_that_fills_and_is_emptied() -> Result<()> {
    let Some(disk) = or_skipped(Disk::ext4(96)) else { return Ok(()) };
    filled_and_emptied(disk).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_less_free_than_is_to_stay_free_recording_is_paused() -> Result<()> {
    let Some(disk) = or_skipped(Disk::tmpfs(64)) else { return Ok(()) };
    let origin = Origin::http().await?;
    let path = disk.path().join("dashcam.db").display().to_string();
    let dashcam = Dashcam::start(&["--db", &path, "--min-free", "30MiB"]).await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 100);
    load.more(50).await?;
    disk.fill(20 << 20)?;
    let status = recording(&dashcam, "paused").await?;
    let message = status["recording"]["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(status["recording"]["reason"], "disk_full");
    assert!(message.contains("--min-free keeps") && message.contains(&path), "{message}");
    unharmed(&load).await?;
    disk.empty()?;
    recording(&dashcam, "recording").await?;
    load.more(50).await?;
    lost_for("disk_full", &dashcam, load.stop().await?).await?;
    eventually("the size is known", async || {
        Ok(dashcam.api().get("/status").await?["database"]["size"].as_u64())
    })
    .await?;
    Ok(())
}
