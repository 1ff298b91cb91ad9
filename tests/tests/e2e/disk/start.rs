//! A start on a disk that is full or read-only, or on a damaged or locked database: traffic passes, unrecorded, until
//! the database can be opened.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::api::Api;
use dashcam_tests::dashcam::{Dashcam, command};
use dashcam_tests::disk::{Disk, or_skipped};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::left::{Left, Waiting};
use super::{read, recording, said};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk() -> Result<()> {
    let Some(disk) = or_skipped(Disk::tmpfs(48)) else { return Ok(()) };
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let database = disk.path().join("dashcam.db");
    let path = database.display().to_string();
    let arguments = ["--db", &path, "--min-free", "none"];
    let left = Left::by(home.path(), command(home.path(), &arguments)?, &origin).await?;
    disk.fill(0)?;
    let dashcam = Dashcam::start_in(home.path(), &arguments).await?;
    let waiting = Waiting::of(dashcam, &origin, "disk_full", &["the disk is full"]).await?;
    left.is_readable(&waiting.dashcam).await?;
    assert_eq!(said(&waiting.dashcam, "recording is paused"), 1, "{}", waiting.dashcam.log());
    disk.empty()?;
    let mut dashcam = waiting.goes_on(&left, "disk_full").await?;
    ensure!(dashcam.stop().await?.success(), "{}", dashcam.log());
    let found = read(&database).await?;
    assert_eq!((&found["integrity"][0], &found["torn"]), (&"ok".into(), &json!([])));
    Ok(())
}

/// All that dashcam has is on the disk that is full, with more to stay free than there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_its_home_on_a_full_disk() -> Result<()> {
    let Some(disk) = or_skipped(Disk::tmpfs(48)) else { return Ok(()) };
    let (origin, elsewhere) = (Origin::http().await?, tempfile::tempdir()?);
    let home = disk.path().join("home");
    std::fs::create_dir(&home)?;
    let left = Left::by(&home, command(&home, &["--min-free", "1MiB"])?, &origin).await?;
    std::fs::write(home.join("config.toml.example"), "an earlier version's")?;
    disk.fill(0)?;
    let log = elsewhere.path().join("stderr.log");
    let dashcam = Dashcam::start_logging(&home, &log, command(&home, &["--min-free", "1MiB"])?).await?;
    assert_eq!(said(&dashcam, "example of a configuration"), 1, "{}", dashcam.log());
    let waiting = Waiting::of(dashcam, &origin, "disk_full", &["the disk is full"]).await?;
    disk.empty()?;
    let dashcam = waiting.goes_on(&left, "disk_full").await?;
    let unfinished = std::fs::read_dir(&home)?
        .filter_map(|entry| Some(entry.ok()?.file_name().display().to_string()))
        .filter(|name| name.contains("unfinished"));
    assert_eq!(unfinished.collect::<Vec<_>>(), Vec::<String>::new(), "{}", dashcam.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_disk_that_hangs() -> Result<()> {
    let Some(mut disk) = or_skipped(Disk::ext4(64)) else { return Ok(()) };
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let path = disk.path().join("dashcam.db").display().to_string();
    let arguments = ["--db", &path, "--min-free", "none"];
    let left = Left::by(home.path(), command(home.path(), &arguments)?, &origin).await?;
    disk.freeze()?;
    let dashcam = Dashcam::start_in(home.path(), &arguments).await?;
    let waiting = Waiting::of(dashcam, &origin, "disk_error", &["takes longer"]).await?;
    disk.thaw()?;
    waiting.goes_on(&left, "disk_error").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_read_only_file_system() -> Result<()> {
    let Some(disk) = or_skipped(Disk::ext4(64)) else { return Ok(()) };
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let path = disk.path().join("dashcam.db").display().to_string();
    let arguments = ["--db", &path, "--min-free", "none"];
    let left = Left::by(home.path(), command(home.path(), &arguments)?, &origin).await?;
    disk.remount("ro")?;
    let dashcam = Dashcam::start_in(home.path(), &arguments).await?;
    let waiting = Waiting::of(dashcam, &origin, "disk_error", &["Read-only file system"]).await?;
    left.is_readable(&waiting.dashcam).await?;
    disk.remount("rw")?;
    waiting.goes_on(&left, "disk_error").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_its_home_on_a_read_only_file_system() -> Result<()> {
    let Some((disk, home, origin)) = home_on_a_disk().await? else { return Ok(()) };
    disk.remount("ro")?;
    starts_and_passes(&home, &origin, &["Read-only file system"]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_its_home_on_a_disk_that_hangs() -> Result<()> {
    let Some((mut disk, home, origin)) = home_on_a_disk().await? else { return Ok(()) };
    disk.freeze()?;
    let passed = starts_and_passes(&home, &origin, &["takes longer", "the disk does not answer"]).await;
    disk.thaw()?;
    passed
}

/// A home, database included, that was used and is a disk's.
async fn home_on_a_disk() -> Result<Option<(Disk, PathBuf, Origin)>> {
    let Some(disk) = or_skipped(Disk::ext4(64)) else { return Ok(None) };
    let origin = Origin::http().await?;
    let home = disk.path().join("home");
    std::fs::create_dir(&home)?;
    Left::by(&home, command(&home, &[])?, &origin).await?;
    Ok(Some((disk, home, origin)))
}

/// The command line can't reach a dashcam whose home takes no socket, but traffic passes.
async fn starts_and_passes(home: &Path, origin: &Origin, words: &[&str]) -> Result<()> {
    let mut starting = command(home, &["--min-free", "none"])?;
    let mut dashcam = starting.stderr(Stdio::piped()).spawn()?;
    let mut log = BufReader::new(dashcam.stderr.take().context("stderr")?).lines();
    let (mut said, mut proxy) = (String::new(), None);
    while proxy.is_none() {
        let line = within("dashcam starts", async { Ok(log.next_line().await?) }).await?;
        let line = line.with_context(|| format!("dashcam ended: {said}"))?;
        proxy = line.split_once("traffic is taken on ").and_then(|(_, address)| address.trim().parse().ok());
        said = said + &line + "\n";
    }
    for words in ["recording is paused", "the control socket can't be made"].iter().chain(words) {
        assert!(said.contains(words), "{words}: {said}");
    }
    let mut io = raw::open(proxy.context("an address")?).await?;
    let answer = raw::get(&mut io, &origin.url("/bytes/10"), &origin.address().to_string()).await?;
    assert_eq!(answer.head.status()?, 200);
    Ok(())
}

/// Overwrites what the database's first page says, but for the words that make it a database's.
fn damage(database: &Path) -> Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).open(database)?;
    file.seek(SeekFrom::Start(100))?;
    Ok(file.write_all(&[0xa5; 20_000])?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_damaged_database() -> Result<()> {
    let (origin, folder) = (Origin::http().await?, tempfile::tempdir()?);
    let home = folder.path();
    let (database, copy) = (home.join("dashcam.db"), home.join("copy"));
    let left = Left::by(home, command(home, &[])?, &origin).await?;
    std::fs::copy(&database, &copy)?;
    damage(&database)?;
    let dashcam = Dashcam::start_in(home, &[]).await?;
    let waiting = Waiting::of(dashcam, &origin, "disk_error", &["damaged", "dashcam db repair"]).await?;
    let answer = waiting.dashcam.api().call("GET", "/exchanges", &json!(null)).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(answer.head.status()? == 503 && text.contains("dashcam db repair"), "{text}");
    std::fs::rename(&copy, &database)?;
    waiting.goes_on(&left, "disk_error").await?;
    Ok(())
}

/// The settings of an operator: those that are stored come into force when they are known, but for what was said since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_are_the_operators() -> Result<()> {
    for (changed, expect) in [(None, "off"), (Some("metadata"), "metadata")] {
        let folder = tempfile::tempdir()?;
        let home = folder.path();
        let (database, copy) = (home.join("dashcam.db"), home.join("copy"));
        let mut dashcam = Dashcam::start_in(home, &[]).await?;
        dashcam.api().change(&json!({"level": "off"})).await?;
        dashcam.stop().await?;
        std::fs::copy(&database, &copy)?;
        damage(&database)?;
        let mut dashcam = Dashcam::start_in(home, &[]).await?;
        recording(&dashcam, "paused").await?;
        if let Some(level) = changed {
            let answer = dashcam.api().call("PATCH", "/settings", &json!({"level": level})).await?;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(answer.head.status()? == 503 && text.contains("is stored once"), "{text}");
            assert_eq!(dashcam.api().get("/settings").await?["level"], level);
        }
        std::fs::rename(&copy, &database)?;
        recording(&dashcam, "recording").await?;
        assert_eq!(dashcam.api().get("/settings").await?["level"], expect);
        dashcam.stop().await?;
        let dashcam = Dashcam::start_in(home, &[]).await?;
        assert_eq!(dashcam.api().get("/settings").await?["level"], expect, "it outlives dashcam");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_program_keeps_the_database_locked() -> Result<()> {
    let (origin, folder) = (Origin::http().await?, tempfile::tempdir()?);
    let home = folder.path();
    let left = Left::by(home, command(home, &[])?, &origin).await?;
    let script = "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1])\nbase.execute('BEGIN IMMEDIATE')\n\
        print('locked', flush=True)\nsys.stdin.read()";
    let mut locker = Command::new("python3");
    locker.args(["-c", script]).arg(home.join("dashcam.db")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut locker = locker.kill_on_drop(true).spawn()?;
    let mut said = BufReader::new(locker.stdout.take().context("stdout")?).lines();
    assert_eq!(
        within("it is locked", async { Ok(said.next_line().await?) }).await?.as_deref(),
        Some("locked")
    );
    let dashcam = Dashcam::start_in(home, &[]).await?;
    let waiting = Waiting::of(dashcam, &origin, "disk_error", &["another program"]).await?;
    left.is_readable(&waiting.dashcam).await?;
    locker.kill().await?;
    waiting.goes_on(&left, "disk_error").await?;
    Ok(())
}

/// It ends as ever, also if its database never came.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_without_its_database() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    dashcam.stop().await?;
    damage(&home.join("dashcam.db"))?;
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    recording(&dashcam, "paused").await?;
    assert!(dashcam.stop().await?.success(), "{}", dashcam.log());
    Ok(())
}

/// Log lines that nobody can read any more are lost, and nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_takes_nothing_harms_nobody() -> Result<()> {
    let (origin, folder) = (Origin::http().await?, tempfile::tempdir()?);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full")?;
    let mut command = command(folder.path(), &[])?;
    let mut dashcam = command.env("DASHCAM_LOG", "debug").stderr(full).spawn()?;
    let api = Api::of(folder.path());
    let proxy = eventually("dashcam answers", async || {
        ensure!(dashcam.try_wait()?.is_none(), "dashcam ended");
        let Ok(status) = api.get("/status").await else { return Ok(None) };
        Ok(status["listeners"][0]["address"].as_str().and_then(|address| address.parse().ok()))
    })
    .await?;
    for round in 0..5 {
        let mut io = raw::open(proxy).await?;
        let url = origin.url(&format!("/bytes/10?n={round}"));
        let answer = raw::get(&mut io, &url, &origin.address().to_string()).await?;
        assert_eq!(answer.head.status()?, 200);
    }
    api.ended("/bytes/10?n=4").await?;
    Ok(())
}
