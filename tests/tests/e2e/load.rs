//! Many at once: more than a thousand connections, and a ledger that balances afterwards.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::Value;
use tokio::task::JoinSet;

/// Checks that every exchange is accounted for.
async fn assert_balanced(dashcam: &Dashcam, seen: u64) -> Result<()> {
    let ledger = eventually("nothing is under way", async || {
        let ledger = dashcam.api().get("/status").await?["ledger"].clone();
        Ok((ledger["open"] == 0 && ledger["pending"] == 0).then_some(ledger))
    })
    .await?;
    let figure = |name: &str| ledger[name].as_u64().unwrap_or(u64::MAX);
    let dropped: u64 =
        ledger["dropped"].as_object().context("dropped")?.values().filter_map(Value::as_u64).sum();
    assert_eq!(figure("seen"), seen, "{ledger}");
    assert_eq!(figure("stored") + dropped, seen, "{ledger}");
    assert_eq!(dropped, 0, "{ledger}");
    assert_eq!(dashcam.api().get("/status").await?["database"]["exchanges"], seen);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_a_thousand_connections_at_once() -> Result<()> {
    const CLIENTS: u64 = 1200;
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut opening = JoinSet::new();
    for number in 0..CLIENTS {
        let (proxy, url, host) =
            (dashcam.proxy(), origin.url(&format!("/json?n={number}")), origin.address());
        opening.spawn(async move {
            let mut io = raw::open(proxy).await?;
            let answer = raw::get(&mut io, &url, &host.to_string()).await?;
            ensure!(answer.head.status()? == 200, "{}", answer.head.start);
            anyhow::Ok(io)
        });
    }
    let mut open = Vec::new();
    while let Some(client) = opening.join_next().await {
        open.push(client??);
    }
    assert_eq!(dashcam.api().get("/status").await?["connections_open"], CLIENTS);
    drop(open);
    assert_balanced(&dashcam, CLIENTS).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_requests_over_few_connections() -> Result<()> {
    const EACH: u64 = 500;
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut clients = JoinSet::new();
    for client in 0..8 {
        let (proxy, ca, authority) = (dashcam.proxy(), dashcam.ca(), format!("localhost:{}", origin.port()));
        clients.spawn(async move {
            let mut io = raw::tls(raw::tunnel(proxy, &authority).await?, &ca, "localhost").await?;
            for number in 0..EACH {
                let answer =
                    raw::get(&mut io, &format!("/bytes/{number}?client={client}"), &authority).await?;
                ensure!(answer.body.len() as u64 == number, "request {number}: {} bytes", answer.body.len());
            }
            anyhow::Ok(())
        });
    }
    while let Some(client) = clients.join_next().await {
        client??;
    }
    assert_balanced(&dashcam, 8 * EACH).await
}
