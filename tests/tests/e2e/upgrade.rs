//! A large recording of an older dashcam: traffic passes and is recorded at once, and what its rows need is done meanwhile.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use dashcam_tests::binary;
use dashcam_tests::clients::{Ask, ask, python_script, run};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use serde_json::{Value, json};

use crate::metrics::scrape::Scrape;
use crate::same::through;

/// A dozen blocks of 4096.
const EXCHANGES: u64 = 49_000;
/// Exchanges below the block in which the older dashcam left off.
const COUNTED: u64 = 11 * 4096 - 13 + 2;

const COUNT: &str = "SELECT count(*) FROM v_exchanges WHERE host = 'old'";

/// A home with a recording of the first schema.
async fn older() -> Result<tempfile::TempDir> {
    let home = tempfile::tempdir()?;
    let mut command = python_script("older.py")?;
    command.arg(binary::root().join("store/tests/kept/schema-1.db.gz"));
    command.arg(home.path().join("dashcam.db")).arg(EXCHANGES.to_string());
    run(command, &json!(null)).await?;
    Ok(home)
}

/// `dashcam ARGUMENTS`: its exit code, and what it says.
async fn dashcam(home: &Path, arguments: &[&str]) -> Result<(Option<i32>, String)> {
    let mut command = cli(home)?;
    command.args(arguments);
    let output = within(&format!("dashcam {arguments:?}"), async { Ok(command.output().await?) }).await?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8(said)?))
}

/// Waits until nothing is left to do.
async fn brought_up_to_date(dashcam: &Dashcam) -> Result<()> {
    eventually("the recording is brought up to date", async || {
        let status = dashcam.api().get("/status").await?;
        Ok((status["backfills"] == json!([]) && status["recording"]["state"] == "recording").then_some(()))
    })
    .await
}

/// The blocks of which the holders are known, and the exchanges in them: of those that the older dashcam recorded.
async fn held(home: &Path) -> Result<(u64, u64)> {
    let sql = "SELECT count(*) AS blocks, CAST(sum(holders ->> '$.all[1]') AS INTEGER) AS exchanges FROM holdings \
        WHERE block < 11";
    let said = dashcam(home, &["sql", "--format", "ndjson", sql]).await?.1;
    let held: Value = serde_json::from_str(&said).with_context(|| said.clone())?;
    Ok((held["blocks"].as_u64().context("blocks")?, held["exchanges"].as_u64().unwrap_or_default()))
}

#[tokio::test]
async fn traffic_is_recorded_at_once_and_old_rows_are_brought_up_to_date_meanwhile() -> Result<()> {
    let (origin, home) = (Origin::http().await?, older().await?);
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/echo?new"))]).await?;
    dashcam.api().ended("/echo?new").await?;
    let old = dashcam.api().get("/exchanges/20000").await?;
    assert_eq!((&old["url"], &old["response_body"]["stored"]), (&json!("https://old/old/20000"), &json!(3)));
    let (code, said) = self::dashcam(home.path(), &["db", "migrate"]).await?;
    assert!(code == Some(1) && said.contains("another dashcam records to"), "{said}");
    brought_up_to_date(&dashcam).await?;
    let log = dashcam.log();
    assert!(log.contains("brought up to date in the background") && log.contains("is up to date"), "{log}");
    let metrics = Scrape::of(&dashcam).await?;
    for name in ["holders", "segments"] {
        let left = format!("dashcam_backfill_exchanges_left{{backfill=\"{name}\"}}");
        assert_eq!(metrics.find(&left), Some(0.0), "{name}");
    }
    let (code, said) = self::dashcam(home.path(), &["sql", "--format", "csv", COUNT]).await?;
    assert_eq!((code, said.lines().last()), (Some(0), Some("49000")), "{said}");
    dashcam.stop().await?;
    assert_eq!(held(home.path()).await?, (11, COUNTED));
    assert_eq!(self::dashcam(home.path(), &["db", "check"]).await?, (Some(0), "sound\n".to_owned()));
    Ok(())
}

/// How many exchanges have been gone through for their holders; `None` once all are.
async fn gone_through(dashcam: &Dashcam) -> Result<Option<u64>> {
    let status = dashcam.api().get("/status").await?;
    let backfills = status["backfills"].as_array().context("backfills")?;
    let holders = backfills.iter().find(|backfill| backfill["name"] == "holders");
    holders.map(|holders| holders["done"].as_u64().context("done")).transpose()
}

/// Kills dashcam at each step that it gets on, until it has done all; says how often it was killed half-way.
async fn killed_again_and_again(home: &Path) -> Result<usize> {
    let (mut blocks, mut half_way) = (0, 0);
    while blocks < 11 {
        let mut dashcam = Dashcam::start_in(home, &[]).await?;
        let before = gone_through(&dashcam).await?;
        eventually("it gets on", async || {
            let now = gone_through(&dashcam).await?;
            Ok((now.is_none() || now != before).then_some(()))
        })
        .await?;
        dashcam.kill().await?;
        assert_eq!(self::dashcam(home, &["db", "check"]).await?, (Some(0), "sound\n".to_owned()));
        let now = held(home).await?.0;
        assert!(now > blocks, "it does not go on: {now} after {blocks}");
        blocks = now;
        half_way += usize::from(blocks < 11);
    }
    Ok(half_way)
}

#[tokio::test]
async fn killed_at_any_moment_it_goes_on_from_there() -> Result<()> {
    // On a busy machine all may be done between two looks.
    for _ in 0..5 {
        let home = older().await?;
        let half_way = killed_again_and_again(home.path()).await?;
        let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
        brought_up_to_date(&dashcam).await?;
        dashcam.stop().await?;
        assert_eq!(held(home.path()).await?, (11, COUNTED));
        if half_way > 0 {
            return Ok(());
        }
    }
    bail!("it was never killed half-way")
}

#[tokio::test]
async fn it_can_be_brought_up_to_date_without_traffic() -> Result<()> {
    let home = older().await?;
    assert_eq!(dashcam(home.path(), &["ls", "-n", "1", "host:old"]).await?.0, Some(0));
    let (code, said) = dashcam(home.path(), &["db", "migrate"]).await?;
    assert!(
        code == Some(0) && said.contains("is up to date: schema ") && said.contains(", it was 1\n"),
        "{said}"
    );
    assert_eq!(held(home.path()).await?, (11, COUNTED));
    let (code, said) = dashcam(home.path(), &["db", "migrate"]).await?;
    assert!(code == Some(0) && !said.contains("it was"), "{said}");
    let elsewhere = tempfile::tempdir()?;
    let (code, said) = dashcam(elsewhere.path(), &["db", "migrate"]).await?;
    assert!(code == Some(1) && said.contains("there is no recording"), "{said}");
    Ok(())
}
