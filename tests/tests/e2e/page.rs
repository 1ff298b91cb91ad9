//! The page, in Chromium: what a person does with it.

use anyhow::Result;
use dashcam_tests::clients::{node_script, run};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_watches_replays_and_switches_off() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let token = std::fs::read_to_string(dashcam.home().join("token"))?;
    let page = format!("http://{}/?token={}", dashcam.page(), token.trim());
    let input = json!({"page": page, "proxy": dashcam.proxy_url(), "ca": dashcam.ca(), "origin": origin.url(""),
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
