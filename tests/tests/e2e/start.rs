//! Starting: what is in the way is said in one line, with exit code 2.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Runs `dashcam serve` with `arguments`, which must fail: with code 2 and one line that has all `words`.
async fn assert_refused(home: &Path, arguments: &[&str], words: &[&str]) -> Result<()> {
    let mut command = cli(home)?;
    command.arg("serve").args(arguments);
    let output = within("dashcam gives up", async { Ok(command.output().await?) }).await?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.trim_end().lines().count(), 1, "not one line: {text}");
    for word in words {
        assert!(text.contains(word), "\u{201c}{word}\u{201d} is not in: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_port_in_use() -> Result<()> {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = taken.local_addr()?.port().to_string();
    let home = tempfile::tempdir()?;
    assert_refused(home.path(), &["-p", &port, "--web-port", "0"], &[&port, "in use"]).await?;
    assert_refused(home.path(), &["-p", "0", "--web-port", &port], &[&port, "in use"]).await
}

#[tokio::test]
async fn a_second_instance_in_one_home() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    assert_refused(dashcam.home(), &["-p", "0", "--web-port", "0"], &["already"]).await?;
    assert_eq!(dashcam.api().get("/settings").await?["level"], "full");
    Ok(())
}

/// A process that was killed holds its files for a moment: the next start waits, and says so once.
#[tokio::test]
async fn a_predecessor_that_has_not_ended_is_waited_for() -> Result<()> {
    let home = tempfile::tempdir()?;
    Dashcam::start_in(home.path(), &[]).await?.stop().await?;
    let held = File::options().write(true).open(home.path().join("dashcam.db.lock"))?;
    held.lock()?;
    let mut command = cli(home.path())?;
    command.args(["serve", "-p", "0", "--web-port", "0"]).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut lines = BufReader::new(child.stderr.take().context("stderr is piped")?).lines();
    let mut said = Vec::new();
    within("the start", async {
        while let Some(line) = lines.next_line().await? {
            if line.contains("waiting up to 10 s") {
                held.unlock()?;
            }
            let has_started = line.contains("recording to");
            said.push(line);
            if has_started {
                return Ok(());
            }
        }
        anyhow::bail!("it gave up: {said:?}")
    })
    .await?;
    let waits = said.iter().filter(|line| line.contains("another dashcam records to")).count();
    assert_eq!(waits, 1, "{said:?}");
    Ok(())
}

#[tokio::test]
async fn a_mode_that_is_none() -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut command = cli(home.path())?;
    let output = command.args(["serve", "-m", "sideways"]).output().await?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("sideways"));
    Ok(())
}

/// An operator who types a path for the first time learns that it is wrong.
#[tokio::test]
async fn a_first_start_with_a_path_that_leads_nowhere() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let nowhere = folder.path().join("no/such/folder.db").display().to_string();
    let free = ["-p", "0", "--web-port", "0", "--db", &nowhere];
    assert_refused(&folder.path().join("home"), &free, &[&nowhere, "cannot be opened"]).await?;
    let file = folder.path().join("file");
    std::fs::write(&file, "")?;
    assert_refused(&file.join("home"), &["-p", "0"], &["home", "Not a directory"]).await
}

/// A file to which dashcam can never record is no disk that fails, although it was started here before.
#[tokio::test]
async fn a_file_that_is_no_recording_or_too_new_a_one() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(folder.path(), &[]).await?;
    dashcam.stop().await?;
    let free = ["-p", "0", "--web-port", "0"];
    let database = folder.path().join("dashcam.db");
    let later = "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as base: base.execute(\"\"\"INSERT INTO \
        _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 1)\"\"\")";
    let changed = tokio::process::Command::new("python3").args(["-c", later]).arg(&database).status().await?;
    assert!(changed.success());
    assert_refused(folder.path(), &free, &["newer dashcam"]).await?;
    std::fs::write(&database, "Dear diary, this is no database at all.")?;
    assert_refused(folder.path(), &free, &["is not an SQLite database"]).await
}

#[tokio::test]
async fn secrets_are_for_the_owner_only() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let dashcam = Dashcam::start(&[]).await?;
    for file in ["ca-key.pem", "token", "control.sock"] {
        let mode = std::fs::metadata(dashcam.home().join(file))?.permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
    Ok(())
}
