//! The recording stays within its bounds while traffic goes on.

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::until::until;
use serde_json::Value;

use crate::same::through;

async fn stored(dashcam: &Dashcam) -> Result<u64> {
    let status: Value = dashcam.api().get("/status").await?;
    Ok(status["database"]["exchanges"].as_u64().unwrap_or(u64::MAX))
}

#[tokio::test]
async fn the_oldest_go_and_the_newest_stay() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--max-exchanges", "20"]).await?;
    let asks: Vec<Ask> = (0..60).map(|number| Ask::get(origin.url(&format!("/digest?{number}")))).collect();
    let got = ask("curl --http1.1", &through(&dashcam), &asks).await?;
    assert!(got.iter().all(|answer| answer.status == 200));
    dashcam.api().ended("/digest?59").await?;
    until("only 20 are left", async || Ok((stored(&dashcam).await? == 20).then_some(()))).await?;
    let list: Value = dashcam.api().get("/exchanges?limit=100").await?;
    let urls = list["exchanges"].as_array().expect("a list").iter();
    let urls: Vec<&str> = urls.map(|exchange| exchange["url"].as_str().expect("a URL")).collect();
    let expect: Vec<String> = (40..60).rev().map(|number| origin.url(&format!("/digest?{number}"))).collect();
    assert_eq!(urls, expect);
    Ok(())
}
