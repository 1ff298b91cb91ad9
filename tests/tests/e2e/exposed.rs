//! Files that others could change are refused, with the command that mends it; files that dashcam makes are for their owner.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::{Dashcam, NOBODY, cli};
use dashcam_tests::eventually::within;

async fn run(home: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = cli(home)?;
    command.args(arguments);
    within(&format!("dashcam {arguments:?}"), async { Ok(command.output().await?) }).await
}

/// `dashcam serve` must not start, and say `words`.
async fn assert_refused(home: &Path, arguments: &[&str], words: &str) -> Result<()> {
    let serve = ["serve", "-p", "0", "--web-port", "0"];
    let output = run(home, &[&serve, arguments].concat()).await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(2), "{}: {said}", output.status);
    ensure!(said.contains(words), "\u{201c}{words}\u{201d} is not in: {said}");
    Ok(())
}

fn chmod(path: &Path, mode: u32) -> Result<()> {
    Ok(set_permissions(path, Permissions::from_mode(mode))?)
}

fn mends(path: &Path) -> String {
    format!("`chmod go-w '{}'`", path.display())
}

#[tokio::test]
async fn a_home_that_others_can_write() -> Result<()> {
    let home = tempfile::tempdir()?;
    for mode in [0o770, 0o775, 0o757] {
        chmod(home.path(), mode)?;
        assert_refused(home.path(), &[], &mends(home.path())).await?;
        assert_eq!(std::fs::read_dir(home.path())?.count(), 0, "nothing was made there");
    }
    chmod(home.path(), 0o755)?;
    std::fs::write(home.path().join("config.toml"), "")?;
    chmod(&home.path().join("config.toml"), 0o664)?;
    assert_refused(home.path(), &[], &mends(&home.path().join("config.toml"))).await?;
    // Nobody else gets there.
    chmod(home.path(), 0o700)?;
    Dashcam::start_in(home.path(), &[]).await?;
    Ok(())
}

#[tokio::test]
async fn a_database_that_others_can_write_also_where_dashcam_ran_before() -> Result<()> {
    let (home, place) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let database = place.path().join("a.db");
    let db = ["--db", database.to_str().context("a path in UTF-8")?];
    let mut dashcam = Dashcam::start_in(home.path(), &db).await?;
    dashcam.stop().await?;
    chmod(place.path(), 0o777)?;
    assert_refused(home.path(), &db, &mends(place.path())).await?;
    // As /tmp is.
    chmod(place.path(), 0o1777)?;
    chmod(&database, 0o666)?;
    assert_refused(home.path(), &db, &mends(&database)).await?;
    for arguments in [&["db", "vacuum"][..], &["db", "repair"], &["unpin", "1"]] {
        let output = run(home.path(), &[&db, arguments].concat()).await?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(&mends(&database)), "{arguments:?}: {said}");
    }
    // Commands that read it made files beside it, which are like it.
    for file in std::fs::read_dir(place.path())? {
        chmod(&file?.path(), 0o644)?;
    }
    let dashcam = Dashcam::start_in(home.path(), &db).await?;
    dashcam.says(&format!("chmod go-r '{}'", database.display())).await.map(drop)
}

#[tokio::test]
async fn another_users_home_database_or_link() -> Result<()> {
    let (home, place) = (tempfile::tempdir()?, tempfile::tempdir()?);
    if let Err(error) = chown(place.path(), Some(NOBODY), None) {
        eprintln!("SKIPPED, only root gives files away: {error}");
        return Ok(());
    }
    assert_refused(place.path(), &[], &format!("belongs to user {NOBODY}")).await?;
    chown(place.path(), Some(0), None)?;
    let database = place.path().join("a.db");
    let db = ["--db", database.to_str().context("a path in UTF-8")?];
    std::fs::write(&database, "")?;
    chown(&database, Some(NOBODY), None)?;
    assert_refused(home.path(), &db, &format!("`chown 0 '{}'`", database.display())).await?;
    std::fs::remove_file(&database)?;
    symlink(home.path().join("elsewhere.db"), &database)?;
    std::os::unix::fs::lchown(&database, Some(NOBODY), None)?;
    assert_refused(home.path(), &db, &format!("is a link that user {NOBODY} made")).await?;
    assert!(!home.path().join("elsewhere.db").exists());
    Ok(())
}

/// An export replaces nothing, follows no link, and leaves nothing half-made.
#[tokio::test]
async fn exports_are_made_anew() -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    dashcam.stop().await?;
    let place = tempfile::tempdir()?;
    let (file, target) = (place.path().join("a.har"), place.path().join("target"));
    let export = ["export", "-o", file.to_str().context("a path in UTF-8")?];
    assert!(run(home.path(), &export).await?.status.success());
    assert_eq!(std::fs::metadata(&file)?.mode() & 0o777, 0o600);
    std::fs::write(&file, "kept")?;
    let again = run(home.path(), &export).await?;
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && said.contains("--force"), "{said}");
    assert_eq!(std::fs::read_to_string(&file)?, "kept");
    std::fs::remove_file(&file)?;
    std::fs::write(&target, "kept")?;
    symlink(&target, &file)?;
    assert!(!run(home.path(), &export).await?.status.success());
    assert!(run(home.path(), &[&export[..], &["--force"]].concat()).await?.status.success());
    assert_eq!(std::fs::read_to_string(&target)?, "kept");
    assert!(std::fs::read_to_string(&file)?.contains("\"log\""));
    let mut names: Vec<_> =
        std::fs::read_dir(place.path())?.map(|file| Ok(file?.file_name())).collect::<Result<_>>()?;
    names.sort();
    assert_eq!(names, ["a.har", "target"]);
    Ok(())
}
