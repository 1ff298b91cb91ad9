//! Permissions that dashcam lacks, at the start and later. It is run by a user to whom they matter.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use anyhow::Result;
use dashcam_tests::dashcam::{Dashcam, NOBODY, as_nobody};
use dashcam_tests::load::Load;
use dashcam_tests::origin::Origin;

use super::left::{Left, Waiting};
use super::{lost_for, recording, unharmed};

/// A home and a folder for the database, both nobody's, that everybody may reach.
struct Place {
    _folder: tempfile::TempDir,
    home: PathBuf,
    recordings: PathBuf,
}

impl Place {
    /// `None`, said aloud, where we may give nothing to others.
    fn new() -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        mode(folder.path(), 0o755)?;
        let (home, recordings) = (folder.path().join("home"), folder.path().join("recordings"));
        for path in [&home, &recordings] {
            std::fs::create_dir(path)?;
            if let Err(error) = chown(path, Some(NOBODY), Some(NOBODY)) {
                eprintln!("SKIPPED, nothing can be given to another user here: {error}");
                return Ok(None);
            }
        }
        Ok(Some(Self { _folder: folder, home, recordings }))
    }

    fn database(&self) -> PathBuf {
        self.recordings.join("dashcam.db")
    }

    /// A dashcam of nobody's.
    fn command(&self) -> Result<Option<tokio::process::Command>> {
        as_nobody(&self.home, &["--min-free", "none", "--db", &self.database().display().to_string()])
    }
}

fn mode(path: &Path, mode: u32) -> Result<()> {
    Ok(std::fs::set_permissions(path, Permissions::from_mode(mode))?)
}

/// The next start lacks a permission for `path`, until it is given back.
async fn without_a_permission_at_the_start(path: impl Fn(&Place) -> PathBuf, given: u32) -> Result<()> {
    let Some(place) = Place::new()? else { return Ok(()) };
    let (Some(first), Some(second)) = (place.command()?, place.command()?) else { return Ok(()) };
    let origin = Origin::http().await?;
    let left = Left::by(&place.home, first, &origin).await?;
    mode(&path(&place), 0)?;
    let dashcam = Dashcam::start_command(&place.home, second).await?;
    let waiting = Waiting::of(dashcam, &origin, "disk_error", &["Permission denied"]).await?;
    mode(&path(&place), given)?;
    waiting.goes_on(&left, "disk_error").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_may_not_be_opened_at_the_start() -> Result<()> {
    without_a_permission_at_the_start(Place::database, 0o600).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_may_not_be_entered_at_the_start() -> Result<()> {
    without_a_permission_at_the_start(|place| place.recordings.clone(), 0o700).await
}

/// A permission is lost while dashcam runs. What it has open it may go on with, so that alone changes nothing: here
/// the folder can't be entered any more, or the database is gone and none may be made in its place.
async fn without_a_permission_later(lost: u32, is_deleted: bool) -> Result<()> {
    let Some(place) = Place::new()? else { return Ok(()) };
    let Some(command) = place.command()? else { return Ok(()) };
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start_command(&place.home, command).await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 500);
    load.more(100).await?;
    mode(&place.recordings, lost)?;
    if is_deleted {
        std::fs::remove_file(place.database())?;
    }
    let status = recording(&dashcam, "paused").await?;
    assert_eq!(status["recording"]["reason"], "disk_error", "{}", status["recording"]);
    let message = status["recording"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("ermission"), "{message}");
    unharmed(&load).await?;
    mode(&place.recordings, 0o700)?;
    recording(&dashcam, "recording").await?;
    load.more(60).await?;
    lost_for("disk_error", &dashcam, load.stop().await?).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_may_not_be_entered_any_more() -> Result<()> {
    without_a_permission_later(0, false).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_in_whose_place_none_may_be_made() -> Result<()> {
    without_a_permission_later(0o500, true).await
}
