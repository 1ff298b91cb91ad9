//! A replay of what was redacted: sealed secrets go where they went before, or nothing goes.

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use serde_json::Value;

use super::{SECRET, dashcam, fails, files_with_secret, guarded, recorded, says};

/// The status of a replay, as `dashcam replay --json` prints it.
fn status(printed: &str) -> Result<i64> {
    let row: Value = serde_json::from_str(printed)?;
    row["status"].as_i64().context("a status")
}

#[tokio::test]
async fn it_works_with_secrets_that_nobody_sees() -> Result<()> {
    let (origin, folder) = (guarded().await?, tempfile::tempdir()?);
    let mut instance = Dashcam::start_in(folder.path(), &[]).await?;
    let id = recorded(&instance, &origin, "/login").await?;
    assert_eq!(status(&says(folder.path(), &["replay", "--json", &id]).await?)?, 200);
    let seen = origin.site().seen_for("/login");
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].body, format!("{{\"password\":\"{SECRET}\",\"a\":1}}"));
    assert_eq!(status(&says(folder.path(), &["replay", "--json", "--redacted", &id]).await?)?, 401);
    let with = ["replay", "--json", "--with-header", "Authorization: Bearer $TOKEN", &id];
    let replayed = dashcam(folder.path(), &with, &[("TOKEN", "other")]).await?;
    assert_eq!(status(&String::from_utf8(replayed.stdout)?)?, 401);
    let audit = says(folder.path(), &["audit", "--action", "unseal", "--json"]).await?;
    assert!(audit.contains("\"replay\""), "{audit}");
    instance.stop().await?;
    assert_eq!(files_with_secret(folder.path())?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn nothing_goes_where_a_secret_is_lost() -> Result<()> {
    let (origin, folder) = (guarded().await?, tempfile::tempdir()?);
    let mut instance = Dashcam::start_in(folder.path(), &[]).await?;
    let id = recorded(&instance, &origin, "/lost").await?;
    says(folder.path(), &["seal", "rm", "--all", "--yes"]).await?;
    assert!(says(folder.path(), &["seal", "ls"]).await?.contains("no sealed secrets"));
    let error = fails(folder.path(), &["replay", &id]).await?;
    for part in
        ["Nothing was sent", "header authorization", "its seal has expired or was deleted", "--with-header"]
    {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert_eq!(origin.site().seen_for("/lost").len(), 1);
    instance.stop().await?;

    // Another key opens nothing either.
    let mut instance = Dashcam::start_in(folder.path(), &[]).await?;
    let id = recorded(&instance, &origin, "/key").await?;
    instance.stop().await?;
    std::fs::write(folder.path().join("redaction.key"), "07".repeat(32))?;
    let _instance = Dashcam::start_in(folder.path(), &[]).await?;
    let error = fails(folder.path(), &["replay", &id]).await?;
    assert!(error.contains("sealed with another redaction.key"), "{error}");
    assert_eq!(origin.site().seen_for("/key").len(), 1);
    Ok(())
}
