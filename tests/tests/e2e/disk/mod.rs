//! Disks that are full, gone, or hang: traffic is not hurt, every loss is counted, and recording goes on by itself.

mod full;
mod gone;
mod guarantees;
mod killed;
mod late;
mod left;
mod refused;
mod stalled;
mod start;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{python_script, run};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use dashcam_tests::load::Load;
use serde_json::{Value, json};

/// The rows that Python's SQLite finds in the database, which is sound to dashcam itself.
pub(crate) async fn read(database: &std::path::Path) -> Result<Value> {
    let nowhere = tempfile::tempdir()?;
    let mut check = cli(nowhere.path())?;
    let checked = check.arg("--db").arg(database).args(["db", "check"]).output().await?;
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    ensure!(checked.status.success(), "{said}{}", String::from_utf8_lossy(&checked.stderr));
    let mut command = python_script("database.py")?;
    command.arg(database);
    run(command, &json!(null)).await
}

/// Waits until recording is `state`; the whole status.
async fn recording(dashcam: &Dashcam, state: &str) -> Result<Value> {
    eventually(&format!("recording is {state}"), async || {
        let status = dashcam.api().get("/status").await?;
        Ok((status["recording"]["state"] == state).then_some(status))
    })
    .await
}

/// Waits until nothing is under way, and checks that the ledger accounts for `seen` exchanges; what was dropped for
/// which reason.
async fn balanced(dashcam: &Dashcam, seen: u64) -> Result<Value> {
    let ledger = eventually("nothing is under way", async || {
        let ledger = dashcam.api().get("/status").await?["ledger"].clone();
        Ok((ledger["open"] == 0 && ledger["pending"] == 0).then_some(ledger))
    })
    .await?;
    let dropped: u64 = counts(&ledger["dropped"])?.sum();
    assert_eq!(ledger["seen"], seen, "{ledger}");
    assert_eq!(ledger["stored"].as_u64().context("stored")? + dropped, seen, "{ledger}");
    Ok(ledger["dropped"].clone())
}

fn counts(dropped: &Value) -> Result<impl Iterator<Item = u64>> {
    Ok(dropped.as_object().context("dropped")?.values().filter_map(Value::as_u64))
}

/// Checks that the ledger accounts for `seen` exchanges, that many were dropped for `reason`, and that the gaps tell of
/// them all.
async fn lost_for(reason: &str, dashcam: &Dashcam, seen: u64) -> Result<Vec<Value>> {
    let dropped = balanced(dashcam, seen).await?;
    assert!(dropped[reason].as_u64() >= Some(200), "{dropped}");
    gaps_tell(dashcam, &dropped).await
}

/// Waits until the gaps, and what they are by hour, tell of as many exchanges as were `dropped`, by reason.
async fn gaps_tell(dashcam: &Dashcam, dropped: &Value) -> Result<Vec<Value>> {
    let api = dashcam.api();
    eventually("the gaps tell all that was dropped", async || {
        let gaps = api.get("/gaps?limit=1000").await?["gaps"].as_array().cloned().context("gaps")?;
        let hours = api.get("/gaps/by-hour").await?["hours"].as_array().cloned().context("hours")?;
        let told = dropped.as_object().context("dropped")?.iter().all(|(reason, count)| {
            let of_reason = gaps.iter().filter(|gap| gap["reason"] == **reason);
            let in_gaps: u64 = of_reason.filter_map(|gap| gap["exchanges"].as_u64()).sum();
            let by_hour: u64 = hours.iter().filter_map(|hour| hour["dropped"][reason].as_u64()).sum();
            *count == in_gaps && *count == by_hour
        });
        Ok(told.then_some(gaps))
    })
    .await
}

/// How often the log says `text`.
fn said(dashcam: &Dashcam, text: &str) -> usize {
    dashcam.log().matches(text).count()
}

/// Traffic while nothing is recorded.
async fn unharmed(load: &Load) -> Result<()> {
    load.more(200).await
}
