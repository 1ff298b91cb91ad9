//! Several listeners: their names, and ports that two instances share.

use std::collections::HashSet;

use anyhow::{Result, bail, ensure};
use dashcam_tests::dashcam::{Dashcam, command};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::json;

#[tokio::test]
async fn listeners_have_names() -> Result<()> {
    let origin = Origin::http().await?;
    let upstream = origin.url("").trim_end_matches('/').to_owned();
    let modes = ["office=forward@0".to_owned(), format!("edge=reverse:{upstream}@0"), "socks5@0".to_owned()];
    let config = format!("mode = {}", json!(modes));
    let dashcam = Dashcam::start_with(&config, &[]).await?;
    let status = dashcam.api().get("/status").await?;
    let names: Vec<_> =
        status["listeners"].as_array().into_iter().flatten().map(|one| &one["name"]).collect();
    assert_eq!(names, [&json!("office"), &json!("edge"), &json!(null)]);
    for (number, name) in ["office", "edge"].into_iter().enumerate() {
        let Some(Ok(address)) = status["listeners"][number]["address"].as_str().map(str::parse) else {
            bail!("no address: {status}");
        };
        let mut io = raw::open(address).await?;
        let target = if number == 0 { origin.url("/json?office") } else { "/json?edge".to_owned() };
        let host = format!("localhost:{}", origin.port());
        assert_eq!(raw::get(&mut io, &target, &host).await?.head.status()?, 200, "{name}");
        let exchange = dashcam.api().ended(&format!("/json?{name}")).await?;
        let connection = dashcam.api().connection(name, |row| row["listener"] == name).await?;
        assert_eq!(connection["id"], exchange["connection"]);
        assert_eq!(connection["mode"].as_str().map(|mode| mode.starts_with("reverse")), Some(number == 1));
    }
    Ok(())
}

/// The second takes connections at once, and all of them once the first has ended.
#[tokio::test]
async fn two_instances_share_a_port() -> Result<()> {
    let origin = Origin::http().await?;
    let mut first = Dashcam::start(&["-m", "forward,reuse-port"]).await?;
    let shared = format!("forward@{},reuse-port", first.proxy());
    let second = Dashcam::start(&["-m", &shared]).await?;
    assert_eq!(first.proxy(), second.proxy());
    let ask = async |path: &str| -> Result<u16> {
        let mut io = raw::open(first.proxy()).await?;
        raw::get(&mut io, &origin.url(path), "localhost").await?.head.status()
    };
    let mut served = HashSet::new();
    for number in 0..200 {
        assert_eq!(within("an answer", ask(&format!("/json?shared{number}"))).await?, 200);
        for (name, dashcam) in [("first", &first), ("second", &second)] {
            if dashcam.api().get("/status").await?["traffic"]["requests"]["total"] != 0 {
                served.insert(name);
            }
        }
        if served.len() == 2 {
            break;
        }
    }
    assert_eq!(served.len(), 2, "only {served:?} was asked");
    let address = first.proxy();
    ensure!(first.stop().await?.success(), "it did not end well");
    for number in 0..10 {
        let mut io = raw::open(address).await?;
        let path = origin.url(&format!("/json?after{number}"));
        assert_eq!(raw::get(&mut io, &path, "localhost").await?.head.status()?, 200);
        assert_eq!(second.api().ended(&format!("/json?after{number}")).await?["status"], 200);
    }
    Ok(())
}

#[tokio::test]
async fn without_the_option_a_port_is_not_shared() -> Result<()> {
    for (first, second) in [("forward,reuse-port", ""), ("forward", ",reuse-port")] {
        let first = Dashcam::start(&["-m", first]).await?;
        let home = tempfile::tempdir()?;
        let mode = format!("forward@{}{second}", first.proxy());
        let mut other = command(home.path(), &["-m", &mode])?;
        let output = within("the second ends", async { Ok(other.output().await?) }).await?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(2) && said.contains("is in use already"), "{output:?}");
    }
    Ok(())
}
