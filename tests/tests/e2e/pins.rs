//! Pinned exchanges stay beyond the bounds, over the API and the command line.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use serde_json::Value;

use crate::same::through;

/// `dashcam ARGUMENTS`, that succeeds.
async fn says(home: &std::path::Path, arguments: &[&str]) -> Result<String> {
    let mut command = cli(home)?;
    let run = async { Ok(command.args(arguments).output().await?) };
    let output = within(&format!("dashcam {arguments:?}"), run).await?;
    ensure!(output.status.success(), "dashcam {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[tokio::test]
async fn pinned_by_hand_they_outlive_the_bounds() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(folder.path(), &["--max-exchanges", "10"]).await?;
    let gets = |from: u32, to: u32| -> Vec<Ask> {
        (from..to).map(|number| Ask::get(origin.url(&format!("/digest?{number}")))).collect()
    };
    ask("curl --http1.1", &through(&dashcam), &gets(0, 5)).await?;
    let first = dashcam.api().ended("/digest?0").await?["id"].to_string();
    let second = dashcam.api().ended("/digest?1").await?["id"].to_string();
    says(folder.path(), &["pin", &first, &second]).await?;
    ask("curl --http1.1", &through(&dashcam), &gets(5, 40)).await?;
    dashcam.api().ended("/digest?39").await?;
    let api = dashcam.api();
    eventually("ten are left beside the pinned", async || {
        let status = api.get("/status").await?;
        Ok((status["database"]["exchanges"] == 12 && status["retention"]["pinned"] == 2).then_some(()))
    })
    .await?;
    let list = says(folder.path(), &["ls"]).await?;
    let marked: Vec<&str> =
        list.lines().filter_map(|line| line.trim_start().split_once("* ")).map(|(id, _)| id).collect();
    assert_eq!(marked, [first.as_str(), second.as_str()], "{list}");
    let rows = says(folder.path(), &["ls", "--json", "digest?0"]).await?;
    let row: Value = serde_json::from_str(rows.lines().next().context("a row")?)?;
    assert_eq!(row["pinned"], true);
    let status = says(folder.path(), &["status"]).await?;
    assert!(status.contains("at most 10.0 GiB, 10 exchanges") && status.contains("2 pinned"), "{status}");

    // Without an instance the database itself is changed.
    dashcam.stop().await?;
    says(folder.path(), &["unpin", &first]).await?;
    let missing =
        within("dashcam pin", async { Ok(cli(folder.path())?.args(["pin", "99999"]).output().await?) })
            .await?;
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("there is no exchange 99999"));
    let dashcam = Dashcam::start_in(folder.path(), &["--max-exchanges", "10"]).await?;
    ask("curl --http1.1", &through(&dashcam), &gets(40, 41)).await?;
    let api = dashcam.api();
    eventually("the unpinned goes", async || Ok(api.ending_in("/digest?0").await?.is_empty().then_some(())))
        .await?;
    assert_eq!(api.ending_in("/digest?1").await?.len(), 1);
    Ok(())
}
