//! A disk that hangs: a frozen file system, where every write waits until it is thawed.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::disk::{Disk, or_skipped};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::load::{Load, quantile};
use dashcam_tests::origin::Origin;
use serde_json::Value;
use tokio::process::Command;

use super::{balanced, gaps_tell, read};

/// Bytes that the recorder may hold.
const MEMORY: u64 = 4 << 20;
/// How long status may take: it does not wait for the disk, which hangs until the test lets it go.
const SOON: Duration = Duration::from_secs(15);
/// How much longer answers may take while the disk hangs, on a machine that runs other tests. Those that waited for it would
/// not come.
const SLOWER: Duration = Duration::from_secs(1);

async fn start(disk: &Disk) -> Result<(tempfile::TempDir, Dashcam)> {
    let home = tempfile::tempdir()?;
    let config = format!("[recorder]\nmemory = {MEMORY}\nexchanges = 2000\naddress_share = 100\n");
    std::fs::write(home.path().join("config.toml"), config)?;
    let path = disk.path().join("dashcam.db").display().to_string();
    let dashcam = Dashcam::start_in(home.path(), &["--db", &path, "--min-free", "none"]).await?;
    Ok((home, dashcam))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_does_not_wait_for_a_disk_that_hangs() -> Result<()> {
    let Some(mut disk) = or_skipped(Disk::ext4(256)) else { return Ok(()) };
    let origin = Origin::http().await?;
    let (_home, dashcam) = start(&disk).await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 2000);
    load.go_on(Duration::from_secs(3)).await?;
    let before = load.answers();
    disk.freeze()?;
    load.go_on(Duration::from_secs(6)).await?;
    let during = load.answers().split_off(before.len());

    let asked = Instant::now();
    let status = dashcam.api().get("/status").await?;
    assert!(asked.elapsed() < SOON, "status took {:?}", asked.elapsed());
    assert_eq!(status["recorder"]["state"], "failing", "{status}");
    let (dropped, queued) = (&status["ledger"]["dropped"], status["recorder"]["queued_bytes"].as_u64());
    assert!(dropped["queue_full"].as_u64() > Some(0), "{dropped}");
    assert!(queued.context("queued_bytes")? <= MEMORY + (1 << 20), "{queued:?}");
    let page = within("the page answers", dashcam.api().call("GET", "/exchanges", &Value::Null)).await?;
    assert!([200, 503].contains(&page.head.status()?), "{}", page.head.start);
    let (api, metadata) = (dashcam.api(), serde_json::json!({"level": "metadata"}));
    within("a change of the settings is answered", api.call("PATCH", "/settings", &metadata)).await?;
    assert_eq!(dashcam.api().get("/settings").await?["level"], "metadata", "it is in force");

    let [p99, frozen] = [&before, &during].map(|answers| quantile(answers, 0.99));
    eprintln!("p99 {p99:?} of {}, {frozen:?} of {} while the disk hung", before.len(), during.len());
    assert!(frozen < p99 * 2 + SLOWER, "p99 {p99:?}, and {frozen:?} while the disk hung");
    disk.thaw()?;
    eventually("the store answers again", async || {
        Ok((dashcam.api().get("/status").await?["recorder"]["state"] == "running").then_some(()))
    })
    .await?;
    load.more(100).await?;
    let seen = load.stop().await?;
    let dropped = balanced(&dashcam, seen).await?;
    assert_eq!(super::counts(&dropped)?.sum::<u64>(), dropped["queue_full"].as_u64().context("a count")?);
    gaps_tell(&dashcam, &dropped).await?;
    let found = read(&disk.path().join("dashcam.db")).await?;
    assert_eq!((&found["integrity"][0], &found["torn"]), (&"ok".into(), &serde_json::json!([])));
    Ok(())
}

/// The process can't be gone while a thread of it waits in the kernel, but it lets go of all else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_while_the_disk_hangs() -> Result<()> {
    let Some(mut disk) = or_skipped(Disk::ext4(64)) else { return Ok(()) };
    let origin = Origin::http().await?;
    let (_home, mut dashcam) = start(&disk).await?;
    let load = Load::start(dashcam.proxy(), &origin, 2, 500);
    load.more(50).await?;
    disk.freeze()?;
    load.more(50).await?;
    load.stop().await?;
    let pid = dashcam.pid().context("it runs")?;
    Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
    eventually("its threads are gone but for the one that waits for the disk", async || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(')').next().unwrap_or_default().trim().chars().next();
        Ok(matches!(state, None | Some('Z')).then_some(()))
    })
    .await?;
    dashcam.says("did not answer in time").await?;
    disk.thaw()?;
    dashcam.kill().await?;
    let found = read(&disk.path().join("dashcam.db")).await?;
    assert_eq!((&found["integrity"][0], &found["torn"]), (&"ok".into(), &serde_json::json!([])));
    Ok(())
}
