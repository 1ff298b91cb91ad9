//! The recording stays within its bounds while traffic goes on.

use std::net::Ipv4Addr;

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::Value;
use tokio::io::BufReader;
use tokio::net::TcpSocket;

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
    eventually("only 20 are left", async || Ok((stored(&dashcam).await? == 20).then_some(()))).await?;
    let list: Value = dashcam.api().get("/exchanges?limit=100").await?;
    let urls = list["exchanges"].as_array().expect("a list").iter();
    let urls: Vec<&str> = urls.map(|exchange| exchange["url"].as_str().expect("a URL")).collect();
    let expect: Vec<String> = (40..60).rev().map(|number| origin.url(&format!("/digest?{number}"))).collect();
    assert_eq!(urls, expect);
    Ok(())
}

/// Asks for `path` over a connection from an address of this machine.
async fn ask_from(address: Ipv4Addr, dashcam: &Dashcam, origin: &Origin, path: &str) -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((address, 0).into())?;
    let mut io = BufReader::new(Box::new(socket.connect(dashcam.proxy()).await?) as _);
    let answer = raw::get(&mut io, &origin.url(path), &format!("localhost:{}", origin.port())).await?;
    assert_eq!(answer.head.status()?, 200);
    Ok(())
}

#[tokio::test]
async fn one_client_does_not_push_out_what_another_did() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--max-exchanges", "30"]).await?;
    let [quiet, busy] = [2, 3].map(|last| Ipv4Addr::new(127, 0, 0, last));
    for number in 0..10 {
        ask_from(quiet, &dashcam, &origin, &format!("/digest?quiet{number}")).await?;
    }
    for number in 0..100 {
        ask_from(busy, &dashcam, &origin, &format!("/digest?busy{number}")).await?;
    }
    dashcam.api().ended("/digest?busy99").await?;
    eventually("only 30 are left", async || Ok((stored(&dashcam).await? == 30).then_some(()))).await?;
    let list: Value = dashcam.api().get("/exchanges?limit=100").await?;
    let urls = list["exchanges"].as_array().expect("a list").iter();
    let urls: Vec<&str> = urls.map(|exchange| exchange["url"].as_str().expect("a URL")).collect();
    let newest = (80..100).rev().map(|number| origin.url(&format!("/digest?busy{number}")));
    let all = (0..10).rev().map(|number| origin.url(&format!("/digest?quiet{number}")));
    assert_eq!(urls, newest.chain(all).collect::<Vec<_>>());
    Ok(())
}
