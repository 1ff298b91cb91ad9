//! Steps down while recording costs too much, and up again.

use anyhow::Result;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::load::Load;
use dashcam_tests::mute::Mute;
use dashcam_tests::origin::Origin;

use super::{QUICK, at_step, history, large_head};
use crate::metrics::scrape::Scrape;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_beyond_the_budget_steps_down_and_up_again() -> Result<()> {
    let home = tempfile::tempdir()?;
    let config = format!("{QUICK}[timeouts]\nhalf_closed = \"1s\"\n");
    std::fs::write(home.path().join("config.toml"), config)?;
    let dashcam = Dashcam::start_in(home.path(), &["--budget", "memory=1MiB"]).await?;
    let (origin, silent) = (Origin::http().await?, Mute::start().await?);
    let load = Load::start(dashcam.proxy(), &origin, 4, 500);
    load.more(50).await?;
    at_step(&dashcam, "full").await?;

    let mut held = Vec::new();
    for _ in 0..30 {
        held.push(large_head(silent.address, dashcam.proxy()).await?);
    }
    let low = at_step(&dashcam, "metrics").await?;
    assert!(low["budget"]["steps_down"].as_u64() >= Some(3), "{}", low["budget"]);
    let because = low["budget"]["because"].as_str().unwrap_or_default();
    assert!(because.contains("in memory, and the budget is 1.0 MiB"), "{because}");
    let shown = cli(home.path())?.arg("status").output().await?;
    let shown = String::from_utf8(shown.stdout)?;
    assert!(shown.contains("\nstep         ") && shown.contains("in memory (budget 1.0 MiB)"), "{shown}");
    load.more(50).await?;

    drop(held);
    let high = at_step(&dashcam, "full").await?;
    assert!(high["budget"]["steps_up"].as_u64() >= Some(3), "{}", high["budget"]);
    load.more(50).await?;
    // Every request got its answer, whatever the step: `stop` fails otherwise.
    load.stop().await?;

    let scrape = Scrape::of(&dashcam).await?;
    assert_eq!(scrape.get("dashcam_step{step=\"full\"}"), 1.0);
    assert!(scrape.get("dashcam_steps_total{direction=\"down\"}") >= 3.0);
    assert!(scrape.get("dashcam_step_seconds_total{step=\"metrics\"}") > 0.0);
    assert_eq!(scrape.get("dashcam_cost_limit_bytes{cost=\"memory\"}"), f64::from(1 << 20));
    let steps = history(home.path(), 6).await?;
    let names: Vec<_> = steps.iter().map(|step| step["step"].as_str().unwrap_or_default()).collect();
    assert!(names.starts_with(&["heads"]) && names.contains(&"metrics"), "{steps:?}");
    assert_eq!(names.last(), Some(&"full"), "{steps:?}");
    assert!(steps.iter().all(|step| step["who"] == "budget" && !step["because"].is_null()), "{steps:?}");
    let log = dashcam.log();
    for expect in ["recording steps down to heads, traffic goes on", "recording steps up to full: everything"]
    {
        assert!(log.contains(expect), "{expect} in {log}");
    }
    Ok(())
}

/// No machine records for nothing, nor answers in ten microseconds all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_cost_is_measured_and_can_step_down() -> Result<()> {
    let origin = Origin::http().await?;
    for (budget, name, because) in [
        ("cpu=0.1%", "cpu", "of the CPUs, and the budget is 0.1 %"),
        ("p99=10us", "p99", "on traffic's threads (p99), and the budget is 10µs"),
        ("disk=32MiB", "disk", "of disk, and the budget is 32.0 MiB"),
    ] {
        let config = QUICK.replace("200ms", "1h");
        let dashcam = Dashcam::start_with(&config, &["--budget", budget]).await?;
        // Incompressible bodies, so that the write-ahead log grows.
        let load = Load::start(dashcam.proxy(), &origin, 4, 100_000);
        let first = history(dashcam.home(), 1).await?[0]["because"].clone();
        assert!(first.as_str().is_some_and(|text| text.contains(because)), "{budget}: {first}");
        let status = dashcam.api().get("/status").await?;
        let costs = status["budget"]["costs"].as_array().cloned().unwrap_or_default();
        let cost = costs.iter().find(|cost| cost["name"] == name);
        assert!(cost.is_some_and(|cost| !cost["bound"].is_null()), "{budget}: {costs:?}");
        load.more(20).await?;
        load.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_budget_that_makes_no_sense_is_an_error_that_says_so() -> Result<()> {
    let home = tempfile::tempdir()?;
    for (budget, expect) in [
        ("cpu=lots", "expected a share of this machine's CPUs"),
        ("gpu=5%", "expected cpu, memory, disk or p99"),
        ("p99=1", "such as 1ms"),
    ] {
        let output = cli(home.path())?.args(["serve", "--budget", budget]).output().await?;
        let error = String::from_utf8(output.stderr)?;
        assert!(output.status.code() == Some(2) && error.contains(expect), "{budget}: {error}");
    }
    Ok(())
}
