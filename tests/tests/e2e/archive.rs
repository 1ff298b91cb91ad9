//! `dashcam archive`, while recording goes on and without an instance.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::disk::{Disk, or_skipped};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::load::Load;
use dashcam_tests::origin::Origin;
use serde_json::Value;

use crate::same::through;

async fn says(home: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = cli(home)?;
    let run = async { Ok(command.args(arguments).output().await?) };
    let output = within(&format!("dashcam {arguments:?}"), run).await?;
    ensure!(output.status.success(), "dashcam {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The URLs' ends that `ls` lists.
async fn listed(home: &Path, db: &[&str]) -> Result<Vec<String>> {
    let rows = says(home, &[db, &["ls", "--json", "-n", "1000000"]].concat()).await?;
    let target =
        |row: &str| Ok(serde_json::from_str::<Value>(row)?["target"].as_str().unwrap_or_default().to_owned());
    rows.lines().map(target).collect()
}

#[tokio::test]
async fn old_exchanges_move_while_recording_goes_on() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    let gets = |from: u32, to: u32| -> Vec<Ask> {
        (from..to).map(|number| Ask::get(origin.url(&format!("/digest?{number}")))).collect()
    };
    ask("curl --http1.1", &through(&dashcam), &gets(0, 20)).await?;
    let pinned = dashcam.api().ended("/digest?3").await?["id"].to_string();
    dashcam.api().ended("/digest?19").await?;
    says(home, &["pin", &pinned]).await?;
    let to = home.join("old.db");
    let to = to.to_str().expect("a path in UTF-8");
    let none = says(home, &["archive", "--before", "1d", "--to", to]).await?;
    assert!(none.starts_with("0 exchanges moved"), "{none}");
    let some = says(home, &["archive", "digest?1", "--before", "2099-01-01T00:00:00Z", "--to", to]).await?;
    assert!(some.starts_with("11 exchanges moved"), "{some}");
    ask("curl --http1.1", &through(&dashcam), &gets(20, 25)).await?;
    dashcam.api().ended("/digest?24").await?;
    let rest = says(home, &["archive", "--before", "2099-01-01T00:00:00Z", "--to", to]).await?;
    assert!(rest.starts_with("13 exchanges moved") && rest.contains("1 are pinned and stay"), "{rest}");
    assert_eq!(listed(home, &[]).await?, ["/digest?3"]);
    let expect: Vec<String> = (0..25).filter(|n| *n != 3).map(|n| format!("/digest?{n}")).collect();
    assert_eq!(listed(home, &["--db", to]).await?, expect);
    assert_eq!(says(home, &["--db", to, "db", "check", "--thorough"]).await?, "sound\n");

    dashcam.stop().await?;
    says(home, &["archive", "--before", "2099-01-01T00:00:00Z", "--pinned", "--to", to]).await?;
    assert!(listed(home, &[]).await?.is_empty());
    assert_eq!(listed(home, &["--db", to]).await?.len(), 25);
    let show = says(home, &["--db", to, "show", &pinned]).await?;
    assert!(show.contains("/digest?3"), "{show}");
    Ok(())
}

/// All that there is, however young.
const ALL: [&str; 3] = ["archive", "--before", "2099-01-01T00:00:00Z"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_loses_nothing() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let dashcam = Dashcam::start_in(home, &[]).await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 2000);
    let file = home.join("old.db");
    let to = file.to_str().context("a path in UTF-8")?;
    // Moved rows stand in the log first, which begins again now and then.
    let log = home.join("old.db-wal");
    let sizes = || [&file, &log].map(|file| std::fs::metadata(file).map_or(0, |file| file.len()));
    for _ in 0..6 {
        load.more(100).await?;
        let mut before = sizes();
        let mut archive = cli(home)?.args(ALL).args(["--to", to]).stdout(Stdio::null()).spawn()?;
        eventually("it is in the middle of it", async || {
            let ended = archive.try_wait()?.is_some();
            let now = sizes();
            let grows = now.iter().zip(&before).any(|(now, before)| now > before);
            before = [before[0].min(now[0]), before[1].min(now[1])];
            Ok((ended || grows).then_some(()))
        })
        .await?;
        archive.kill().await?;
    }
    let mut made: Vec<String> = load.answers().into_iter().map(|answer| answer.target).collect();
    load.stop().await.map(drop)?;
    eventually("all is stored", async || {
        let ledger = dashcam.api().get("/status").await?["ledger"].clone();
        Ok((ledger["open"] == 0 && ledger["pending"] == 0).then_some(()))
    })
    .await?;
    says(home, &[&ALL[..], &["--to", to]].concat()).await?;
    assert!(listed(home, &[]).await?.is_empty());
    let mut moved = listed(home, &["--db", to]).await?;
    moved.sort();
    made.retain(|target| moved.binary_search(target).is_err());
    assert_eq!(made, Vec::<String>::new(), "they are in neither");
    let number = moved.len();
    moved.dedup();
    assert_eq!(moved.len(), number, "none is there twice");
    assert_eq!(says(home, &["--db", to, "db", "check", "--thorough"]).await?, "sound\n");
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_stays_in_the_recording() -> Result<()> {
    let Some(disk) = or_skipped(Disk::tmpfs(6)) else { return Ok(()) };
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let dashcam = Dashcam::start_in(home, &[]).await?;
    let gets: Vec<Ask> =
        (0..8).map(|number| Ask::get(origin.url(&format!("/bytes/1000000?{number}")))).collect();
    ask("curl --http1.1", &through(&dashcam), &gets).await?;
    dashcam.api().ended("/bytes/1000000?7").await?;
    let to = disk.path().join("old.db").display().to_string();
    let mut command = cli(home)?;
    let run = async { Ok(command.args(ALL).args(["--to", &to]).output().await?) };
    let output = within("archive", run).await?;
    let said = String::from_utf8(output.stderr)?;
    assert!(!output.status.success() && said.contains(&to) && said.contains("full"), "{said}");
    let (mut there, mut here) =
        (listed(home, &["--db", &to]).await.unwrap_or_default(), listed(home, &[]).await?);
    assert!(!here.is_empty());
    there.append(&mut here);
    there.sort();
    there.dedup();
    assert_eq!(there.len(), 8, "{there:?}");
    assert_eq!(says(home, &["db", "check", "--thorough"]).await?, "sound\n");
    Ok(())
}
