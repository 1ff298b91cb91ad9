//! The budget and the flight recorder's triggers that come into force by `config.toml` while dashcam runs.

use std::path::Path;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::{Value, json};

/// Writes a file that records counts, with a ring of that size in `home`.
fn write(home: &Path, size: &str, flight: &str, budget: &str) -> Result<()> {
    let ring = home.join("ring");
    let text = format!(
        "record = \"metrics\"\n[flight]\nring = \"{size}\"\nfile = {ring:?}\ncooldown = \"50ms\"\n{flight}\n\
         [budget]\nlook = \"50ms\"\n{budget}\n"
    );
    Ok(std::fs::write(home.join("config.toml"), text)?)
}

/// Waits until the status is as `is_so` wants it.
async fn status(dashcam: &Dashcam, is_so: impl Fn(&Value) -> bool) -> Result<Value> {
    eventually("the file is noticed", async || {
        Ok(Some(dashcam.api().get("/status").await?).filter(|status| is_so(status)))
    })
    .await
    .with_context(|| dashcam.log())
}

fn bound<'a>(status: &'a Value, name: &str) -> &'a Value {
    let costs = status["budget"]["costs"].as_array();
    costs
        .and_then(|costs| costs.iter().find(|cost| cost["name"] == name))
        .map_or(&Value::Null, |cost| &cost["bound"])
}

async fn get(dashcam: &Dashcam, origin: &Origin, target: &str) -> Result<()> {
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::get(&mut io, &origin.url(target), &origin.address().to_string()).await?;
    Ok(())
}

/// Waits until the newest snapshot was set off by `trigger`, and is stored.
async fn snapshot(dashcam: &Dashcam, trigger: &str) -> Result<()> {
    eventually("the snapshot is stored", async || {
        let newest = dashcam.api().get("/snapshots").await?["snapshots"][0].clone();
        Ok((newest["state"] == "stored" && newest["trigger"] == trigger).then_some(()))
    })
    .await
    .with_context(|| dashcam.log())
}

#[tokio::test]
async fn a_budget_and_triggers_are_in_force_when_the_file_changes() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    write(home.path(), "60s,16MB", "", "cpu = \"9%\"")?;
    let dashcam = Dashcam::start_in(home.path(), &["--budget", "cpu=90%"]).await?;
    let begun = status(&dashcam, |status| bound(status, "cpu") == 90.0).await?;
    assert_eq!(bound(&begun, "memory"), &Value::Null, "{begun}");

    write(
        home.path(),
        "60s,32MB",
        "on = [\"status:5xx\"]\nafter = \"60ms\"",
        "cpu = \"1%\"\nmemory = \"2MiB\"",
    )?;
    let changed = status(&dashcam, |status| bound(status, "memory") == f64::from(2 << 20)).await?;
    assert_eq!(bound(&changed, "cpu"), 90.0, "the command line goes before the file");
    assert_eq!(changed["config"]["at_next_start"], json!(["flight.ring"]), "{changed}");
    dashcam.says("flight.ring: dashcam goes by them at its next start").await?;
    let flight = dashcam.api().get("/snapshots").await?["flight"].clone();
    assert_eq!((&flight["after_us"], &flight["max_bytes"]), (&json!(60_000), &json!(16_000_000)));
    get(&dashcam, &origin, "/status/503").await?;
    snapshot(&dashcam, "status:5xx").await?;

    // A mistake changes nothing, and is found.
    write(home.path(), "60s,32MB", "on = [\"status:404\", \"status:\"]", "memory = \"3MiB\"")?;
    let invalid = status(&dashcam, |status| status["config"]["state"] == "invalid").await?;
    let problem = &invalid["config"]["problem"];
    assert_eq!(
        (&problem["line"], bound(&invalid, "memory")),
        (&json!(6), bound(&changed, "memory")),
        "{problem}"
    );
    assert!(problem["text"].as_str().is_some_and(|text| text.starts_with("on = ")), "{problem}");
    let said = cli(home.path())?.arg("status").output().await?;
    let said = String::from_utf8(said.stdout)?;
    assert!(said.contains("config.toml, line 6") && said.contains("the filter `status:`"), "{said}");

    // Mended, with another trigger and no bound of the memory.
    write(home.path(), "60s,16MB", "on = [\"status:404\"]\nafter = \"60ms\"", "")?;
    let mended = status(&dashcam, |status| bound(status, "memory").is_null()).await?;
    assert_eq!(
        (&mended["config"]["state"], &mended["config"]["at_next_start"]),
        (&json!("in_force"), &json!([]))
    );
    get(&dashcam, &origin, "/status/404").await?;
    snapshot(&dashcam, "status:404").await
}
