//! The flight recorder at rest: nothing is written to a disk.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;

use super::{get, in_ring, numbered};

/// Bytes that a process had written to disks.
fn written(pid: u32) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/io"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    Ok(line.context("no such figure")?.parse()?)
}

/// When the database and its log were changed last.
fn changed(home: &Path) -> Vec<Option<SystemTime>> {
    let files = ["dashcam.db", "dashcam.db-wal"].map(|name| home.join(name));
    files.iter().map(|file| std::fs::metadata(file).and_then(|facts| facts.modified()).ok()).collect()
}

#[tokio::test]
async fn nothing_is_written_to_a_disk_while_nothing_sets_off_a_snapshot() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("SKIPPED, there is no /dev/shm here");
        return Ok(());
    };
    let ring = memory.path().join("ring").display().to_string();
    let arguments =
        ["--record", "metrics", "--flight", "60s,16MB", "--flight-file", &ring, "--flight-on", "status:5xx"];
    let dashcam = Dashcam::start_in(home.path(), &arguments).await?;
    let pid = dashcam.pid().context("it runs")?;
    get(&dashcam, &origin, &numbered(5)).await?;
    in_ring(&dashcam, 5).await?;
    let before = (written(pid)?, changed(home.path()));
    let large: Vec<_> = (0..4).map(|number| format!("/bytes/1000000?n={number}")).collect();
    get(&dashcam, &origin, &[numbered(200), large].concat()).await?;
    in_ring(&dashcam, 209).await?;
    assert_eq!((written(pid)?, changed(home.path())), before);
    Ok(())
}
