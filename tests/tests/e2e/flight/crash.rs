//! Rings that killed runs leave.

use anyhow::{Context as _, Result};
use dashcam_tests::origin::Origin;
use serde_json::json;

use super::{exchanges, files, get, in_ring, numbered, snapshot, start, stored};

#[tokio::test]
async fn what_a_killed_run_had_is_found_and_saved() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let mut dashcam = start(home.path(), &[]).await?;
    get(&dashcam, &origin, &numbered(30)).await?;
    in_ring(&dashcam, 30).await?;
    dashcam.kill().await?;

    let dashcam = start(home.path(), &[]).await?;
    let log = dashcam.says("has left 30 exchanges").await?;
    assert!(log.contains("`dashcam snapshot save crash-"), "{log}");
    let (_, text) = snapshot(home.path(), &["ls"]).await?;
    assert!(text.contains("recovered run, not saved"), "{text}");
    let listed = dashcam.api().get("/snapshots").await?["snapshots"][0].clone();
    assert_eq!((&listed["state"], &listed["exchanges"]), (&json!("recovered"), &json!(30)), "{listed}");
    // Numbers go on beyond those in the ring.
    dashcam.api().change(&json!({"level": "full"})).await?;
    get(&dashcam, &origin, &["/bytes/1?after".to_owned()]).await?;
    let after = dashcam.api().ended("?after").await?;
    assert!(after["id"].as_i64() > Some(30), "{after}");

    let name = listed["name"].as_str().context("a name")?;
    let (done, text) = snapshot(home.path(), &["save", name]).await?;
    assert!(done && text.contains("exchanges  30"), "{text}");
    let taken = stored(&dashcam).await?;
    assert_eq!(
        (&taken["name"], &taken["trigger"], &taken["complete"]),
        (&listed["name"], &json!("crash"), &json!(false))
    );
    let found = exchanges(&dashcam, &taken).await?;
    assert_eq!(found.len(), 30);
    let body = dashcam.api().bytes(&format!("/exchanges/{}/response/body", found[0]["id"])).await?;
    assert_eq!(body.len(), 2000);
    assert!(files(home.path())?.iter().all(|path| !path.display().to_string().contains("killed")));
    let (done, text) = snapshot(home.path(), &["save", name]).await?;
    assert!(!done && text.contains("No killed run has left"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_ring_that_nobody_wants_is_deleted_and_one_without_an_end_stays_offered() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let mut dashcam = start(home.path(), &[]).await?;
    get(&dashcam, &origin, &numbered(3)).await?;
    in_ring(&dashcam, 3).await?;
    dashcam.kill().await?;
    // It is offered as long as nobody decides, also by a dashcam without a flight recorder.
    let ring = home.path().join("ring").display().to_string();
    for _ in 0..2 {
        let mut dashcam =
            dashcam_tests::dashcam::Dashcam::start_in(home.path(), &["--flight-file", &ring]).await?;
        let listed = dashcam.api().get("/snapshots").await?;
        assert_eq!(listed["snapshots"][0]["state"], "recovered", "{listed}");
        assert!(dashcam.stop().await?.success());
    }
    let _dashcam = start(home.path(), &[]).await?;
    let (_, text) = snapshot(home.path(), &["ls"]).await?;
    let name = text.split_whitespace().find(|word| word.starts_with("crash-")).context("a name")?.to_owned();
    let (done, text) = snapshot(home.path(), &["rm", &name, "--yes"]).await?;
    assert!(done, "{text}");
    let (_, text) = snapshot(home.path(), &["ls"]).await?;
    assert!(text.contains("no snapshot is stored"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_clean_end_leaves_no_ring_and_ends_a_snapshot() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let mut dashcam = start(home.path(), &[]).await?;
    get(&dashcam, &origin, &numbered(4)).await?;
    in_ring(&dashcam, 4).await?;
    dashcam.api().call("POST", "/snapshots", &json!({"after": "60s"})).await?;
    assert!(dashcam.stop().await?.success());
    assert!(!home.path().join("ring").exists());
    let dashcam = start(home.path(), &[]).await?;
    let taken = stored(&dashcam).await?;
    assert_eq!((&taken["exchanges"], &taken["complete"]), (&json!(4), &json!(false)), "{taken}");
    assert!(taken["note"].as_str().is_some_and(|note| note.contains("dashcam stopped")), "{taken}");
    Ok(())
}
