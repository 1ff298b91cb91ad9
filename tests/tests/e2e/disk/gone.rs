//! A database that is deleted, replaced or locked by another, a folder that vanishes, a file system that becomes read-only.

use std::path::Path;

use anyhow::Result;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::disk::{Disk, or_skipped};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::load::Load;
use dashcam_tests::origin::Origin;

use super::{balanced, gaps_tell, lost_for, read, recording, said, unharmed};

/// The newest exchange that the page lists is of the load's last hundred.
async fn page_follows(dashcam: &Dashcam, load: &Load) -> Result<()> {
    let after = load.count();
    eventually("the page shows what passes now", async || {
        let page = dashcam.api().get("/exchanges?limit=1").await?;
        let url = page["exchanges"][0]["url"].as_str().unwrap_or_default().to_owned();
        let number: u64 = url.rsplit('=').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        Ok((number > after).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_deleted_is_begun_anew() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let database = dashcam.home().join("dashcam.db");
    let load = Load::start(dashcam.proxy(), &origin, 4, 500);
    load.more(100).await?;
    std::fs::remove_file(&database)?;
    eventually("there is a new one", async || Ok(database.exists().then_some(()))).await?;
    page_follows(&dashcam, &load).await?;
    let seen = load.stop().await?;
    let dropped = balanced(&dashcam, seen).await?;
    gaps_tell(&dashcam, &dropped).await?;
    assert_eq!(said(&dashcam, "deleted or replaced; recording goes on"), 1, "{}", dashcam.log());
    let gaps = dashcam.api().get("/gaps").await?;
    assert!(gaps["gaps"].as_array().is_some_and(|gaps| !gaps.is_empty()), "{gaps}");
    let found = read(&database).await?;
    assert_eq!((&found["integrity"][0], &found["torn"]), (&"ok".into(), &serde_json::json!([])));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_recording_pauses_it_and_is_left_alone() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let database = dashcam.home().join("dashcam.db");
    let load = Load::start(dashcam.proxy(), &origin, 4, 500);
    load.more(100).await?;
    let diary = dashcam.home().join("diary");
    std::fs::write(&diary, "Dear diary, this is no database at all.")?;
    std::fs::rename(&diary, &database)?;
    let status = recording(&dashcam, "paused").await?;
    assert_eq!(status["recording"]["reason"], "disk_error", "{}", status["recording"]);
    unharmed(&load).await?;
    assert_eq!(std::fs::read(&database)?, b"Dear diary, this is no database at all.");
    std::fs::remove_file(&database)?;
    recording(&dashcam, "recording").await?;
    page_follows(&dashcam, &load).await?;
    lost_for("disk_error", &dashcam, load.stop().await?).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_vanishes_is_waited_for() -> Result<()> {
    let origin = Origin::http().await?;
    let place = tempfile::tempdir()?;
    let (folder, away) = (place.path().join("folder"), place.path().join("away"));
    std::fs::create_dir(&folder)?;
    let path = folder.join("dashcam.db").display().to_string();
    let dashcam = Dashcam::start(&["--db", &path]).await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 500);
    load.more(100).await?;
    std::fs::rename(&folder, &away)?;
    let status = recording(&dashcam, "paused").await?;
    assert_eq!(status["recording"]["reason"], "disk_error", "{}", status["recording"]);
    unharmed(&load).await?;
    std::fs::rename(&away, &folder)?;
    recording(&dashcam, "recording").await?;
    let seen = load.stop().await?;
    let dropped = balanced(&dashcam, seen).await?;
    gaps_tell(&dashcam, &dropped).await?;
    let found = read(Path::new(&path)).await?;
    let stored = dashcam.api().get("/status").await?["ledger"]["stored"].clone();
    assert_eq!((&found["integrity"][0], &found["exchanges"]), (&"ok".into(), &stored), "it is the same file");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_system_that_becomes_read_only_pauses_it() -> Result<()> {
    let Some(disk) = or_skipped(Disk::ext4(64)) else { return Ok(()) };
    let origin = Origin::http().await?;
    let path = disk.path().join("dashcam.db").display().to_string();
    let mut dashcam = Dashcam::start(&["--db", &path, "--min-free", "none"]).await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 500);
    load.more(100).await?;
    if let Err(error) = disk.break_down() {
        eprintln!("SKIPPED: the kernel breaks no file system on demand: {error:#}");
        return Ok(());
    }
    let status = recording(&dashcam, "paused").await?;
    assert_eq!(status["recording"]["reason"], "disk_error", "{}", status["recording"]);
    unharmed(&load).await?;
    let seen = load.stop().await?;
    let ledger = eventually("nothing is open", async || {
        let ledger = dashcam.api().get("/status").await?["ledger"].clone();
        Ok((ledger["open"] == 0).then_some(ledger))
    })
    .await?;
    let accounted: u64 = super::counts(&ledger["dropped"])?.sum::<u64>()
        + ["stored", "pending"].iter().filter_map(|name| ledger[*name].as_u64()).sum::<u64>();
    assert_eq!((&ledger["seen"], accounted), (&seen.into(), seen), "{ledger}");
    dashcam.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_second_instance_on_one_database_is_told_and_harms_nothing() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let load = Load::start(dashcam.proxy(), &origin, 2, 500);
    load.more(50).await?;
    let other = tempfile::tempdir()?;
    let mut command = cli(other.path())?;
    command.args(["serve", "-p", "0", "--web-port", "0", "--db"]).arg(dashcam.home().join("dashcam.db"));
    let output = within("the second gives up", async { Ok(command.output().await?) }).await?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("another dashcam records to"), "{text}");
    load.more(50).await?;
    let seen = load.stop().await?;
    assert_eq!(super::counts(&balanced(&dashcam, seen).await?)?.sum::<u64>(), 0);
    Ok(())
}
