//! Leases: they begin at once, end by time, bytes or count or when somebody ends them, and outlast a restart if asked.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use serde_json::{Value, json};

use crate::same::through;

/// Runs `dashcam ARGUMENTS`: whether it succeeded, and what it said.
async fn run(dashcam: &Dashcam, arguments: &[&str]) -> Result<(bool, String)> {
    let mut command = cli(dashcam.home())?;
    let output = within("the command", async { Ok(command.args(arguments).output().await?) }).await?;
    let said = if output.status.success() { output.stdout } else { output.stderr };
    Ok((output.status.success(), String::from_utf8(said)?))
}

async fn says(dashcam: &Dashcam, arguments: &[&str]) -> Result<String> {
    let (succeeded, said) = run(dashcam, arguments).await?;
    ensure!(succeeded, "{arguments:?}: {said}");
    Ok(said)
}

/// The level at which a request for `target` is recorded.
async fn level_of(dashcam: &Dashcam, origin: &Origin, target: &str) -> Result<Value> {
    ask("curl --http1.1", &through(dashcam), &[Ask::get(origin.url(target))]).await?;
    Ok(dashcam.api().ended(target).await?["level"].clone())
}

async fn leases(dashcam: &Dashcam, all: bool) -> Result<Vec<Value>> {
    let path = if all { "/leases?all=true" } else { "/leases" };
    Ok(dashcam.api().get(path).await?["leases"].as_array().cloned().unwrap_or_default())
}

/// Waits until the newest lease has ended, and says why it did.
async fn ended_why(dashcam: &Dashcam) -> Result<Value> {
    eventually("the lease has ended", async || {
        let newest = leases(dashcam, true).await?.into_iter().next();
        Ok(newest.map(|lease| lease["ended_why"].clone()).filter(|why| !why.is_null()))
    })
    .await
    .with_context(|| dashcam.log())
}

#[tokio::test]
async fn a_lease_is_before_all_rules_and_ends_with_its_time() -> Result<()> {
    let (origin, dashcam) = (Origin::http().await?, Dashcam::start(&["--record", "metadata"]).await?);
    says(&dashcam, &["rule", "add", "all", "--level", "metadata"]).await?;
    let said =
        says(&dashcam, &["record", "full", "--match", "path:/json", "--for", "2s", "--reason", "INC-123"])
            .await?;
    assert!(said.starts_with("lease 1: full for path:/json until ") && said.contains(": INC-123"), "{said}");
    assert_eq!(level_of(&dashcam, &origin, "/json?leased").await?, "full");
    assert_eq!(level_of(&dashcam, &origin, "/headers?other").await?, "metadata");
    assert_eq!(ended_why(&dashcam).await?, "time");
    assert_eq!(level_of(&dashcam, &origin, "/json?after").await?, "metadata");
    assert!(says(&dashcam, &["lease", "ls"]).await?.contains("no lease is in force"));
    assert!(says(&dashcam, &["lease", "ls", "--all"]).await?.contains("(its time was up); used 1 exchanges"));
    dashcam.says("lease 1 ended").await?;
    Ok(())
}

#[tokio::test]
async fn a_lease_ends_with_its_count_and_its_bytes() -> Result<()> {
    let (origin, dashcam) = (Origin::http().await?, Dashcam::start(&["--record", "metadata"]).await?);
    says(&dashcam, &["record", "full", "--count", "2"]).await?;
    let mut levels = Vec::new();
    for target in ["/json?1", "/json?2", "/json?3"] {
        levels.push(level_of(&dashcam, &origin, target).await?);
    }
    assert_eq!(levels, ["full", "full", "metadata"]);
    assert_eq!(ended_why(&dashcam).await?, "count");
    let lease = leases(&dashcam, true).await?.remove(0);
    assert_eq!((&lease["used_exchanges"], &lease["max_exchanges"]), (&json!(2), &json!(2)));

    says(&dashcam, &["record", "full", "--max", "1KB"]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/bytes/100000"))]).await?;
    assert_eq!(ended_why(&dashcam).await?, "bytes");
    assert_eq!(level_of(&dashcam, &origin, "/json?4").await?, "metadata");
    Ok(())
}

#[tokio::test]
async fn a_lease_is_extended_and_ended_and_the_history_has_it_all() -> Result<()> {
    let (origin, dashcam) = (Origin::http().await?, Dashcam::start(&["--record", "off"]).await?);
    says(&dashcam, &["record", "full", "--for", "10m", "--count", "5", "--reason", "INC-1"]).await?;
    let before = leases(&dashcam, false).await?.remove(0);
    let said =
        says(&dashcam, &["lease", "extend", "1", "--for", "10m", "--count", "5", "--max", "1GB"]).await?;
    assert!(said.contains("of 10 exchanges"), "{said}");
    let after = leases(&dashcam, false).await?.remove(0);
    assert_eq!((&before["max_bytes"], &after["max_bytes"]), (&Value::Null, &json!(1_000_000_000)));
    let sql = "SELECT (until_at - from_at) / 1000000 AS seconds FROM leases";
    assert_eq!(
        says(&dashcam, &["sql", "--format", "csv", sql]).await?.split_whitespace().last(),
        Some("1200")
    );
    assert_eq!(level_of(&dashcam, &origin, "/json?leased").await?, "full");
    let said = says(&dashcam, &["status"]).await?;
    assert!(said.contains("lease 1: full for everything until "), "{said}");
    let said = says(&dashcam, &["record"]).await?;
    assert!(
        said.contains("off: ") && said.contains("by start: --record off\nlease 1: full for everything"),
        "{said}"
    );
    let said = says(&dashcam, &["lease", "end", "1", "--why", "found it"]).await?;
    assert!(said.contains("somebody ended it") && leases(&dashcam, false).await?.is_empty(), "{said}");

    let history = dashcam.api().get("/settings/history").await?;
    let changes = history["changes"].as_array().context("changes")?;
    let told: Vec<_> = changes[..3]
        .iter()
        .map(|change| (&change["kind"], &change["detail"]["event"], &change["why"]))
        .collect();
    let kind = &json!("lease");
    let expect = [
        (kind, &json!("ended"), &json!("found it")),
        (kind, &json!("extended"), &Value::Null),
        (kind, &json!("begun"), &json!("INC-1")),
    ];
    assert_eq!(told, expect);
    assert_eq!(changes[0]["detail"]["used_exchanges"], 1);
    assert!(changes[0]["who"].as_str().is_some_and(|who| who.contains("uid ")), "{}", changes[0]);
    assert_eq!(changes[0]["from"], changes[0]["to"]);
    assert!(!run(&dashcam, &["lease", "end", "1"]).await?.0);
    Ok(())
}

/// A body that is still under way counts, and its rest is not stored once the lease has ended.
#[tokio::test]
async fn a_large_body_does_not_run_far_beyond_a_lease_of_bytes() -> Result<()> {
    let (origin, dashcam) = (Origin::http().await?, Dashcam::start(&["--record", "off"]).await?);
    says(&dashcam, &["record", "full", "--for", "1h", "--max", "1MB"]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/bytes/20000000"))]).await?;
    let body = dashcam.api().ended("/bytes/20000000").await?["response_body"].clone();
    assert_eq!((&body["size"], &body["truncated"]), (&json!(20_000_000), &json!(true)), "{body}");
    let stored = body["stored"].as_u64().context("a size")?;
    assert!((1_000_000..2_000_000).contains(&stored), "{body}");
    assert_eq!(ended_why(&dashcam).await?, "bytes");
    let used = leases(&dashcam, true).await?[0]["used_bytes"].as_u64().context("bytes")?;
    assert!((stored..stored + 2000).contains(&used), "{used}: each byte once, beside the heads");
    Ok(())
}

#[tokio::test]
async fn a_lease_switches_off_too() -> Result<()> {
    let (origin, dashcam) = (Origin::http().await?, Dashcam::start(&[]).await?);
    says(&dashcam, &["record", "off", "--for", "1h"]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?off"))]).await?;
    says(&dashcam, &["lease", "end", "1"]).await?;
    assert_eq!(level_of(&dashcam, &origin, "/json?on").await?, "full");
    assert!(dashcam.api().ending_in("/json?off").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_lease_goes_on_after_a_kill_if_it_is_to() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let mut dashcam = Dashcam::start_in(home.path(), &["--record", "metadata"]).await?;
    says(&dashcam, &["record", "full", "--match", "path:/json", "--for", "1h", "--count", "3", "--persist"])
        .await?;
    says(&dashcam, &["record", "metrics", "--match", "path:/headers", "--for", "1h"]).await?;
    for target in ["/json?1", "/json?2"] {
        assert_eq!(level_of(&dashcam, &origin, target).await?, "full");
    }
    eventually("the use is stored", async || {
        let used =
            says(&dashcam, &["sql", "--format", "csv", "SELECT used_exchanges FROM leases WHERE id = 1"])
                .await?;
        Ok(used.contains('2').then_some(()))
    })
    .await?;
    let before = leases(&dashcam, false).await?.pop().context("the first")?;
    dashcam.kill().await?;

    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let after = leases(&dashcam, false).await?;
    assert_eq!(after.len(), 1, "{after:?}");
    assert_eq!(after[0], before);
    assert_eq!(leases(&dashcam, true).await?[1]["ended_why"], "restart");
    assert_eq!(level_of(&dashcam, &origin, "/headers?unleased").await?, "metadata");
    assert_eq!(level_of(&dashcam, &origin, "/json?3").await?, "full");
    assert_eq!(level_of(&dashcam, &origin, "/json?4").await?, "metadata");
    eventually("its count is used up", async || Ok(leases(&dashcam, false).await?.is_empty().then_some(())))
        .await?;
    let history = dashcam.api().get("/settings/history").await?;
    let ends: Vec<_> = history["changes"]
        .as_array()
        .context("changes")?
        .iter()
        .map(|change| &change["detail"]["because"])
        .collect();
    assert!(ends.contains(&&json!("restart")) && ends.contains(&&json!("count")), "{history}");
    // A lease that is begun now has a number of its own.
    assert!(says(&dashcam, &["record", "full", "--for", "1h", "--persist"]).await?.starts_with("lease 3: "));
    dashcam.stop().await?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    assert_eq!(leases(&dashcam, false).await?[0]["id"], 3);
    Ok(())
}

/// Where rules or leases record, SIGUSR1 begins a lease that switches all off, and ends it.
#[tokio::test]
async fn sigusr1_switches_rules_off_as_well() -> Result<()> {
    let (origin, dashcam) = (Origin::http().await?, Dashcam::start(&["--record", "metadata"]).await?);
    says(&dashcam, &["rule", "add", "json", "--match", "path:/json", "--level", "full"]).await?;
    let signal = async || -> Result<()> {
        let pid = dashcam.pid().context("it runs")?.to_string();
        ensure!(tokio::process::Command::new("kill").args(["-USR1", &pid]).status().await?.success());
        Ok(())
    };
    let in_force = async |count: usize| {
        eventually("the leases", async || Ok((leases(&dashcam, false).await?.len() == count).then_some(())))
            .await
    };
    signal().await?;
    in_force(1).await?;
    let lease = leases(&dashcam, false).await?.remove(0);
    assert_eq!((&lease["who"], &lease["rule"]["level"]), (&json!("signal"), &json!("off")));
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?off"))]).await?;
    signal().await?;
    in_force(0).await?;
    assert_eq!(level_of(&dashcam, &origin, "/json?on").await?, "full");
    assert!(dashcam.api().ending_in("/json?off").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    for (arguments, expect) in [
        (&["record", "full", "--match", "host:a"][..], "--for <TIME>|--max <SIZE>|--count <NUMBER>"),
        (&["record", "--for", "10m"], "<LEVEL>"),
        (&["record", "full", "--for", "soon"], "expected one such as 90s, 10m or 2h"),
        (
            &["record", "full", "--for", "1m", "--match", "host:a staus:5xx"],
            "\n  host:a staus:5xx\n         ^",
        ),
        (&["record", "full", "--for", "1m", "--match", "body:x"], "bodies and messages"),
        (&["record", "full", "--count", "0"], "give it a time, bytes or exchanges"),
        (&["lease", "extend", "1"], "--for <TIME>|--max <SIZE>|--count <NUMBER>"),
        (&["lease", "extend", "7", "--for", "1m"], "`dashcam lease ls`"),
        (&["lease", "end", "7"], "`dashcam lease ls`"),
    ] {
        let (succeeded, said) = run(&dashcam, arguments).await?;
        assert!(!succeeded && said.contains(expect), "{arguments:?}: {said}");
    }
    assert!(leases(&dashcam, true).await?.is_empty());
    Ok(())
}
