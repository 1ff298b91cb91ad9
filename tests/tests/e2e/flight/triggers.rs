//! Each way in which a snapshot is set off.

use std::time::Duration;

use anyhow::{Context as _, Result};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::{exchanges, get, in_ring, numbered, snapshot, start, stored};

#[tokio::test]
async fn a_filter_sets_off_a_snapshot_that_has_the_past_whole() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let dashcam = start(home.path(), &["--flight-on", "status:5xx"]).await?;
    get(&dashcam, &origin, &numbered(20)).await?;
    get(&dashcam, &origin, &["/status/503".to_owned()]).await?;
    let taken = stored(&dashcam).await?;
    let name = taken["name"].as_str().context("a name")?;
    assert!(name.ends_with("-status-5xx") && taken["trigger"] == "status:5xx", "{taken}");
    assert_eq!(taken["exchanges"], 21, "{taken}");
    let found = exchanges(&dashcam, &taken).await?;
    assert_eq!(found.len(), 21);
    assert!(found.iter().all(|one| one["pinned"] == true), "{found:?}");
    let oldest = found.last().context("the oldest")?;
    let id = &oldest["id"];
    let body = dashcam.api().bytes(&format!("/exchanges/{id}/response/body")).await?;
    assert_eq!(body.len(), 2000);
    let detail = dashcam.api().get(&format!("/exchanges/{id}")).await?;
    let connection = &detail["connection"];
    dashcam.api().get(&format!("/connections/{connection}")).await?;
    // Traffic that passes after it is forgotten again.
    get(&dashcam, &origin, &numbered(1)).await?;
    in_ring(&dashcam, 22).await?;
    let all = dashcam.api().get("/exchanges?limit=1000").await?;
    assert_eq!(all["exchanges"].as_array().map(Vec::len), Some(21));
    Ok(())
}

#[tokio::test]
async fn an_exchange_that_takes_much_longer_than_its_route_sets_off_one() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        let mut request = [0; 4096];
        loop {
            let length = stream.read(&mut request).await?;
            if length == 0 {
                return Ok(());
            }
            // The time that a server takes is what this is about.
            if request[..length].starts_with(b"GET /r/999 ") {
                tokio::time::sleep(Duration::from_millis(900)).await;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
        }
    })
    .await?;
    let home = tempfile::tempdir()?;
    let dashcam = start(home.path(), &["--flight-slow", "5x"]).await?;
    let usual: Vec<_> = (0..150).map(|number| format!("/r/{number}")).collect();
    get(&dashcam, &origin, &usual).await?;
    get(&dashcam, &origin, &["/r/999".to_owned()]).await?;
    let taken = stored(&dashcam).await?;
    assert_eq!((&taken["trigger"], &taken["exchanges"]), (&json!("latency"), &json!(151)), "{taken}");
    assert!(taken["reason"].as_str().is_some_and(|reason| reason.contains("/r/{id} took 9")), "{taken}");
    Ok(())
}

#[tokio::test]
async fn a_signal_and_the_command_line_set_off_one() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let dashcam = start(home.path(), &[]).await?;
    get(&dashcam, &origin, &numbered(3)).await?;
    in_ring(&dashcam, 3).await?;
    let pid = dashcam.pid().context("it runs")?.to_string();
    Command::new("kill").args(["-USR2", &pid]).status().await?;
    dashcam.says("SIGUSR2 came").await?;
    let first = stored(&dashcam).await?;
    assert_eq!(
        (&first["trigger"], &first["exchanges"], &first["who"]),
        (&json!("signal"), &json!(3), &json!("signal"))
    );

    let (done, text) = snapshot(home.path(), &["--reason", "INC-7: it is slow", "--after", "100ms"]).await?;
    assert!(done && text.contains("-inc-7-it-is-slow"), "{text}");
    let taken = stored(&dashcam).await?;
    let who = taken["who"].as_str().context("who took it")?;
    assert!(who.contains("uid "), "the user, as the history names it: {who}");
    assert_eq!(taken["reason"], "INC-7: it is slow", "{taken}");
    let name = taken["name"].as_str().context("a name")?;
    let (done, text) = snapshot(home.path(), &["ls"]).await?;
    assert!(done && text.contains(name) && text.contains("the flight recorder has"), "{text}");
    let (done, text) = snapshot(home.path(), &["show", name]).await?;
    assert!(done && text.contains("reason  INC-7: it is slow") && text.contains("exchanges  3"), "{text}");
    let (done, text) = snapshot(home.path(), &["rm", name, "--yes"]).await?;
    assert!(done && text.contains("is gone"), "{text}");
    let (done, text) = snapshot(home.path(), &["show", name]).await?;
    assert!(!done && text.contains("There is no snapshot"), "{text}");
    assert_eq!(exchanges(&dashcam, &first).await?.len(), 3, "they belong to the first as well");
    Ok(())
}

#[tokio::test]
async fn without_a_flight_recorder_there_is_nothing_to_take() -> Result<()> {
    let home = tempfile::tempdir()?;
    let _dashcam = dashcam_tests::dashcam::Dashcam::start_in(home.path(), &[]).await?;
    let (done, text) = snapshot(home.path(), &[]).await?;
    assert!(!done && text.contains("--flight 60s,256MB"), "{text}");
    let (done, text) = snapshot(home.path(), &["ls"]).await?;
    assert!(done && text.contains("no snapshot is stored"), "{text}");
    for (option, value, expect) in [
        ("--flight", "60s", "such as 60s,256MB"),
        ("--flight-on", "status:5xx", "need a ring"),
        ("--flight-after", "2h", "at most 1h"),
    ] {
        let output =
            dashcam_tests::dashcam::cli(home.path())?.args(["serve", option, value]).output().await?;
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(expect), "{option}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_snapshot_is_taken_of_connections_that_are_open_still() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let dashcam = start(home.path(), &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::get(&mut io, &origin.url("/bytes/700000"), &origin.address().to_string()).await?;
    in_ring(&dashcam, 1).await?;
    dashcam.api().call("POST", "/snapshots", &json!({"after": "50ms"})).await?;
    let taken = stored(&dashcam).await?;
    let found = exchanges(&dashcam, &taken).await?;
    assert_eq!(found.len(), 1);
    let body = dashcam.api().bytes(&format!("/exchanges/{}/response/body", found[0]["id"])).await?;
    assert_eq!(body.len(), 700_000, "one that came in several pieces");
    Ok(())
}
