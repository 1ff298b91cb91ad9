//! Exchanges that were recorded without redaction, and are redacted afterwards.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use serde_json::Value;

use super::{SECRET, files_with_secret, guarded, recorded, says};

const OFF: &[&str] = &["--redaction", "off"];

#[tokio::test]
async fn they_are_shown_first_and_gone_then() -> Result<()> {
    let (origin, folder) = (guarded().await?, tempfile::tempdir()?);
    let mut instance = Dashcam::start_in(folder.path(), OFF).await?;
    recorded(&instance, &origin, "/one").await?;
    let id = recorded(&instance, &origin, "/two").await?;
    for is_running in [true, false] {
        let dry = says(folder.path(), &["redact", "--dry-run", "--set", "default"]).await?;
        assert!(dry.contains("credential in request header authorization"), "{dry}");
        assert!(dry.contains("password in request body") && !dry.contains(SECRET), "{dry}");
        assert!(!files_with_secret(folder.path())?.is_empty(), "a dry run changes nothing");
        if is_running {
            // While it runs, one exchange alone.
            says(folder.path(), &["redact", "--yes", "--set", "default", &id]).await?;
            let shown = says(folder.path(), &["show", &id]).await?;
            assert!(shown.contains("~sealed.") && !shown.contains(SECRET), "{shown}");
            instance.stop().await?;
        }
    }
    let done = says(folder.path(), &["redact", "--yes", "--set", "default"]).await?;
    assert!(
        done.contains("1 exchange under this set already") && done.contains("nothing of the values"),
        "{done}"
    );
    assert_eq!(files_with_secret(folder.path())?, [""; 0]);
    // What was redacted later is sealed as well.
    let _instance = Dashcam::start_in(folder.path(), &[]).await?;
    let row: Value = serde_json::from_str(&says(folder.path(), &["replay", "--json", &id]).await?)?;
    assert_eq!(row["status"], 200);
    Ok(())
}

#[tokio::test]
async fn a_pass_that_is_killed_goes_on() -> Result<()> {
    let (origin, folder) = (guarded().await?, tempfile::tempdir()?);
    let mut instance = Dashcam::start_in(folder.path(), OFF).await?;
    for number in 0..200 {
        recorded(&instance, &origin, &format!("/many/{number}")).await?;
    }
    instance.stop().await?;
    let mut pass = cli(folder.path())?
        .args(["redact", "--yes", "--set", "default"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    eventually("the pass has begun", async || Ok((under_a_set(folder.path()).await? > 0).then_some(())))
        .await?;
    pass.start_kill()?;
    pass.wait().await?;
    let before = under_a_set(folder.path()).await?;
    let done: Value = serde_json::from_str(
        &says(folder.path(), &["redact", "--yes", "--json", "--set", "default"]).await?,
    )?;
    ensure!(done["exchanges"] == 200 && done["clean"] == true, "{done}");
    assert_eq!(done["done"].as_i64().context("a count")?, before, "those are not done twice: {done}");
    assert_eq!(files_with_secret(folder.path())?, [""; 0]);
    Ok(())
}

/// How many exchanges are under a set.
async fn under_a_set(home: &Path) -> Result<i64> {
    let sql = "SELECT count(*) FROM exchanges WHERE redaction_set IS NOT NULL";
    let counted = says(home, &["sql", "--format", "csv", sql]).await?;
    Ok(counted.lines().last().context("a count")?.trim().parse()?)
}
