//! Which times are recorded completely: levels that change, exchanges that are dropped, a dashcam that is killed and one
//! that ends well.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

/// The ranges that `dashcam boundaries --json` prints.
async fn ranges(home: &Path) -> Result<Vec<Value>> {
    let mut command = cli(home)?;
    command.args(["boundaries", "--json"]);
    let output = within("dashcam boundaries", async { Ok(command.output().await?) }).await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout)?;
    Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// Of each range its state, whether it is complete, and the level.
fn stand(ranges: &[Value]) -> Vec<(String, bool, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let of = |range: &Value| (text(&range["state"]), range["complete"] == true, text(&range["level"]));
    ranges.iter().map(of).collect()
}

fn expected(expect: &[(&str, bool, &str)]) -> Vec<(String, bool, String)> {
    let owned = |(state, complete, level): &(&str, bool, &str)| ((*state).into(), *complete, (*level).into());
    expect.iter().map(owned).collect()
}

/// Each begins where the one before ends.
fn are_without_a_hole(ranges: &[Value]) -> bool {
    ranges.windows(2).all(|pair| pair[0]["until"] == pair[1]["from"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn levels_kills_and_ends_are_ranges() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::get(&mut io, &origin.url("/bytes/10?first"), &origin.address().to_string()).await?;
    dashcam.api().ended("?first").await?;
    for level in ["off", "metadata"] {
        dashcam.api().change(&json!({"level": level, "why": "a test"})).await?;
    }
    let levels = [("recorded", true, "full"), ("not_recorded", false, "off"), ("recorded", true, "metadata")];
    let found = dashcam.api().get("/boundaries").await?;
    assert_eq!(stand(found["ranges"].as_array().context("ranges")?), expected(&levels), "{found:#?}");
    assert_eq!(stand(&ranges(home.path()).await?), expected(&levels), "as the API has it");

    dashcam.kill().await?;
    let killed = ranges(home.path()).await?;
    assert_eq!(stand(&killed).last(), expected(&[("unknown", false, "-")]).first(), "{killed:#?}");

    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    dashcam.stop().await?;
    let found = ranges(home.path()).await?;
    // How much of the time before the kill is sure depends on what was stored last.
    let end = found.len().checked_sub(3).context("three ranges at the end")?;
    let ends = [("unknown", false, "-"), ("recorded", true, "metadata"), ("down", false, "-")];
    assert_eq!(stand(&found[end..]), expected(&ends), "{found:#?}");
    assert!(are_without_a_hole(&found), "{found:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_in_which_exchanges_were_dropped_is_not_complete() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    std::fs::write(home.path().join("config.toml"), "[recorder]\nexchanges = 8\naddress_share = 100\n")?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let mut held = Vec::new();
    for _ in 0..20 {
        let mut io = raw::open(dashcam.proxy()).await?;
        let head = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", origin.url("/events"), origin.address());
        io.write_all(head.as_bytes()).await?;
        held.push(io);
    }
    let dropped = eventually("exchanges are dropped", async || {
        let status = dashcam.api().get("/status").await?;
        let (seen, dropped) = (&status["ledger"]["seen"], &status["ledger"]["dropped"]["queue_full"]);
        Ok(dropped.as_u64().filter(|dropped| *dropped > 0 && *seen == 20))
    })
    .await?;
    (0..20).for_each(|_| origin.site().open_gate());
    drop(held);
    dashcam.stop().await?;
    let found = ranges(home.path()).await?;
    let is_short = |range: &&Value| range["dropped"]["queue_full"] != 0;
    let short: Vec<&Value> = found.iter().filter(is_short).collect();
    assert_eq!(short.len(), 1, "{found:#?}");
    assert_eq!(short[0]["dropped"]["queue_full"], json!(dropped));
    let short: Vec<Value> = short.into_iter().cloned().collect();
    assert_eq!(stand(&short), expected(&[("recorded", false, "full")]), "{found:#?}");
    let whole = expected(&[("recorded", true, "full")]);
    assert!(stand(&found).contains(&whole[0]), "the rest is complete: {found:#?}");
    assert!(are_without_a_hole(&found), "{found:#?}");
    Ok(())
}
