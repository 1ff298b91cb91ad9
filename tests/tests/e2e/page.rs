//! The page, in Chromium: what a person does with it.

use std::path::Path;

use anyhow::{Result, ensure};
use dashcam_tests::clients::{node_script, run};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::{Value, json};

use crate::read_only::Viewer;

/// Exchanges that are under way at once, where there is room for fewer.
const HELD: usize = 24;

/// The page's address, with the token.
fn url(dashcam: &Dashcam) -> Result<String> {
    let token = std::fs::read_to_string(dashcam.home().join("token"))?;
    Ok(format!("http://{}/?token={}", dashcam.page(), token.trim()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_watches_replays_and_switches_off() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let input = json!({"page": url(&dashcam)?, "proxy": dashcam.proxy_url(), "ca": dashcam.ca(), "origin": origin.url(""),
        "originCa": dashcam_tests::test_ca::shared()?.file()});
    let got = run(node_script("page.mjs")?, &input).await?;
    assert_eq!(got["errors"], json!([]), "errors in the browser's console");
    assert_eq!(
        origin.site().seen_for("/digest?edited").len(),
        1,
        "the edited replay did not reach the origin"
    );
    assert_eq!(origin.site().seen_for("/digest?edited")[0].body, "changed");
    assert_eq!(origin.site().seen_for("/digest?page").len(), 2, "the replay did not reach the origin");
    assert_eq!(origin.site().seen_for("/json?while-off").len(), 1);
    assert!(dashcam.api().ending_in("/json?while-off").await?.is_empty());
    assert_eq!(origin.site().seen_for("/json?only-counted").len(), 1);
    assert!(dashcam.api().ending_in("/json?only-counted").await?.is_empty());
    Ok(())
}

/// Looks at `page`, which shows a recording that is in `state`; what was seen.
async fn seen(page: &str, state: &str, proxy: &str, origin: &Origin) -> Result<Value> {
    let input = json!({"page": page, "state": state, "proxy": proxy, "origin": origin.url(""), "width": 700, "held": HELD});
    let got = run(node_script("seen.mjs")?, &input).await?;
    assert_eq!(got["errors"], json!([]), "errors in the browser's console");
    Ok(got)
}

/// `dashcam gaps ARGUMENTS` for the recording in `home`.
async fn gaps(home: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = cli(home)?;
    command.arg("gaps").args(arguments);
    let output = within("dashcam gaps", async { Ok(command.output().await?) }).await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_seen_also_where_nothing_can_be_changed() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("config.toml"), "[recorder]\nexchanges = 8\naddress_share = 100\n")?;
    let mut dashcam = Dashcam::start_in(folder.path(), &[]).await?;
    assert_eq!(gaps(folder.path(), &[]).await?, "nothing is missing\n");
    let got = seen(&url(&dashcam)?, "missing", &dashcam.proxy_url(), &origin).await?;
    (0..HELD).for_each(|_| origin.site().open_gate());
    dashcam.stop().await?;

    let table = gaps(folder.path(), &[]).await?;
    assert!(table.starts_with("HOUR ") && table.contains("  too much at once for the disk\n"), "{table}");
    let hours = gaps(folder.path(), &["--json"]).await?;
    let hours = hours.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    let missing: u64 = hours.iter().filter_map(|hour| hour["dropped"]["queue_full"].as_u64()).sum();
    assert_eq!(got["missing"], missing);
    let viewer = Viewer::of(&folder.path().join("dashcam.db")).await?;
    seen(&viewer.url(), "read-only", "", &origin).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_recording_is_paused_is_seen() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    // More than any disk has.
    let mut dashcam = Dashcam::start_in(folder.path(), &["--min-free", "1000PiB"]).await?;
    seen(&url(&dashcam)?, "paused", &dashcam.proxy_url(), &origin).await?;
    assert_eq!(origin.site().seen_for("/json?paused").len(), 1);
    assert!(gaps(folder.path(), &[]).await?.contains("recording is paused"));
    dashcam.stop().await?;
    // The disk itself could be written.
    assert!(gaps(folder.path(), &[]).await?.contains("  the disk was full, or nearly\n"));
    Ok(())
}

#[tokio::test]
async fn strangers_see_nothing() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let mut io = raw::open(dashcam.page()).await?;
    let host = dashcam.page().to_string();
    assert_eq!(raw::get(&mut io, "/api/v1/exchanges", &host).await?.head.status()?, 401);
    let mut io = raw::open(dashcam.page()).await?;
    assert_eq!(raw::get(&mut io, "/api/v1/exchanges", "evil.example").await?.head.status()?, 403);
    Ok(())
}
