//! `--allow-client`, and what is said at the start of listeners that other machines reach.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use tokio::io::AsyncReadExt as _;

use super::{get, open_from, reverse, text};
use crate::metrics::scrape::Scrape;

#[tokio::test]
async fn only_those_that_are_named_are_let_in() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--allow-client", "127.0.0.1", "--allow-client", "10.0.0.0/8"]).await?;
    let inside = get(&mut raw::open(dashcam.proxy()).await?, &origin.url("/json"), "").await?;
    assert_eq!(inside.head.status()?, 200);
    let mut io = open_from("127.0.0.2", dashcam.proxy()).await?;
    let outside = get(&mut io, &origin.url("/json?outside"), "").await?;
    assert_eq!(outside.head.status()?, 403);
    assert!(
        text(&outside).contains("--allow-client") && text(&outside).contains("127.0.0.2"),
        "{}",
        text(&outside)
    );
    assert!(origin.site().seen_for("/json?outside").is_empty(), "it reached the origin");
    dashcam.says("127.0.0.2:").await?;
    let scrape = Scrape::of(&dashcam).await?;
    assert!((scrape.get("dashcam_clients_refused_total") - 1.0).abs() < 0.1);
    Ok(())
}

/// A reverse listener is for strangers, unless it is said whom it is for; TLS clients are closed without a word.
#[tokio::test]
async fn reverse_listeners() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin.url(""), &["--allow-client", "127.0.0.1"]).await?;
    assert_eq!(
        get(&mut open_from("127.0.0.2", dashcam.proxy()).await?, "/json", "").await?.head.status()?,
        403
    );
    assert_eq!(get(&mut raw::open(dashcam.proxy()).await?, "/json", "").await?.head.status()?, 200);
    let io = open_from("127.0.0.2", dashcam.proxy()).await?;
    assert!(raw::tls(io, &dashcam.ca(), "localhost").await.is_err());
    Ok(())
}

/// A storm of those that are not let in takes no places from others.
#[tokio::test]
async fn strangers_hold_no_places() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--allow-client", "127.0.0.1", "--max-connections", "80"]).await?;
    let mut strangers = Vec::new();
    for _ in 0..200 {
        strangers.push(open_from("127.0.0.2", dashcam.proxy()).await?);
    }
    let got = within("an answer besides strangers", async {
        get(&mut raw::open(dashcam.proxy()).await?, &origin.url("/json"), "").await
    });
    assert_eq!(got.await?.head.status()?, 200);
    for mut stranger in strangers {
        let mut rest = Vec::new();
        // By an end or by a reset.
        let _ = within("a stranger's end", async { Ok(stranger.read_to_end(&mut rest).await) }).await?;
        assert!(rest.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn what_is_open_to_whom_is_said_at_the_start() -> Result<()> {
    let dashcam =
        Dashcam::start(&["-m", "forward@0.0.0.0:0", "-m", "reverse:http://localhost:1@0.0.0.0:0"]).await?;
    let log = eventually("the log has it", async || {
        Ok(Some(dashcam.log()).filter(|log| log.contains("other machines reach reverse:http://localhost:1")))
    });
    let log = log.await?;
    for part in ["other machines reach forward on 0.0.0.0:", "without a password", "--proxyauth", "everybody"]
    {
        assert!(log.contains(part), "{part}: {log}");
    }
    let own = Dashcam::start(&[]).await?;
    assert!(!own.log().contains("other machines"), "{}", own.log());
    Ok(())
}
