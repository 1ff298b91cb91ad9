//! A hostile client that fills all it can, beside a healthy one: the healthy one's exchanges are all recorded.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::load::Load;
use dashcam_tests::mute::Mute;
use dashcam_tests::origin::Origin;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use crate::metrics::scrape::Scrape;

/// Bytes that the recorder may hold.
const MEMORY: u64 = 16 << 20;
/// Bytes of the process: it holds heads on their way, too, and is a debug build.
const RESIDENT: u64 = 256 << 20;
const HOSTILE: &str = "127.0.0.2";

/// Sends `request` from another `address` of the loopback net, and stays.
async fn send(proxy: SocketAddr, address: &str, request: Vec<u8>) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(format!("{address}:0").parse()?)?;
    let mut stream = socket.connect(proxy).await?;
    within("the request is sent", async { Ok(stream.write_all(&request).await?) }).await?;
    Ok(stream)
}

/// Heads of 100 KB, and bodies that do not end.
fn requests(origin: SocketAddr) -> Vec<Vec<u8>> {
    let fields: String = (0..25).map(|number| format!("x-{number}: {}\r\n", "a".repeat(4000))).collect();
    let head = format!("GET http://{origin}/hostile HTTP/1.1\r\nHost: {origin}\r\n{fields}\r\n");
    let mut upload = format!(
        "POST http://{origin}/hostile HTTP/1.1\r\nHost: {origin}\r\nContent-Length: 100000000\r\n\r\n"
    )
    .into_bytes();
    upload.resize(upload.len() + 200_000, b'x');
    let mut all = vec![upload; 10];
    all.extend(vec![head.into_bytes(); 120]);
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_client_takes_its_share_and_no_more() -> Result<()> {
    let home = tempfile::tempdir()?;
    let config = format!("[recorder]\nmemory = {MEMORY}\n[timeouts]\nhalf_closed = \"1s\"\n");
    std::fs::write(home.path().join("config.toml"), config)?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let (origin, silent) = (Origin::http().await?, Mute::start().await?);

    let mut hostile = Vec::new();
    for request in requests(silent.address) {
        hostile.push(send(dashcam.proxy(), HOSTILE, request).await?);
    }
    let attacks = hostile.len() as u64;
    let status = eventually("the hostile client has had its share", async || {
        let status = dashcam.api().get("/status").await?;
        let all_seen = status["ledger"]["seen"] == attacks;
        Ok((all_seen && status["ledger"]["dropped"]["client_share"].as_u64() > Some(0)).then_some(status))
    })
    .await?;
    assert!(status["recorder"]["queued_bytes"].as_u64() <= Some(MEMORY), "{}", status["recorder"]);

    let load = Load::start(dashcam.proxy(), &origin, 4, 1000);
    load.more(400).await?;
    let asked = load.stop().await?;
    let ledger = eventually("what is healthy is stored", async || {
        let ledger = dashcam.api().get("/status").await?["ledger"].clone();
        let dropped = ledger["dropped"]["client_share"].as_u64().context("client_share")?;
        let under_way = attacks - dropped;
        Ok((ledger["pending"] == 0 && ledger["open"] == under_way).then_some(ledger))
    })
    .await?;
    assert_eq!(ledger["stored"], asked, "all that the healthy client asked for: {ledger}");
    assert_eq!(ledger["truncated"], 0, "{ledger}");
    let beyond = &ledger["beyond_share"][0];
    assert_eq!(
        (&beyond["client"], &beyond["exchanges"]),
        (&HOSTILE.into(), &ledger["dropped"]["client_share"]),
        "{ledger}"
    );
    told(&dashcam, &ledger["dropped"]).await?;
    let peak = dashcam.memory("VmHWM")?;
    assert!(peak < RESIDENT, "{peak} bytes");
    drop(hostile);
    eventually("all is given back", async || {
        let status = dashcam.api().get("/status").await?;
        Ok((status["ledger"]["open"] == 0 && status["recorder"]["queued_bytes"] == 0).then_some(()))
    })
    .await
}

/// They keep what they get, and leave next to nothing of it to who comes after them: until others need it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_that_come_one_after_the_other_make_room() -> Result<()> {
    let home = tempfile::tempdir()?;
    std::fs::write(home.path().join("config.toml"), format!("[recorder]\nmemory = {MEMORY}\n"))?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let (origin, silent) = (Origin::http().await?, Mute::start().await?);
    let head = format!(
        "GET http://{0}/hostile HTTP/1.1\r\nHost: {0}\r\nx: {1}\r\n\r\n",
        silent.address,
        "a".repeat(15_000)
    );
    let mut hostile = Vec::new();
    for address in 2..32 {
        for _ in 0..40 {
            let address = format!("127.0.0.{address}");
            hostile.push(send(dashcam.proxy(), &address, head.clone().into_bytes()).await?);
        }
    }
    let attacks = hostile.len() as u64;
    eventually("room is made", async || {
        let status = dashcam.api().get("/status").await?;
        let ledger = &status["ledger"];
        let made = ledger["dropped"]["client_share"].as_u64() > Some(0)
            && status["recorder"]["queued_bytes"].as_u64() <= Some(MEMORY / 4 * 3);
        Ok((ledger["seen"] == attacks && made).then_some(()))
    })
    .await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 1000);
    load.more(400).await?;
    let asked = load.stop().await?;
    eventually("all that the healthy client asked for is stored", async || {
        let ledger = dashcam.api().get("/status").await?["ledger"].clone();
        Ok((ledger["stored"] == asked && ledger["truncated"] == 0).then_some(()))
    })
    .await?;
    eventually("those that gave way look it", async || {
        let path = "/exchanges?filter=hostile&limit=1000";
        let exchanges =
            dashcam.api().get(path).await?["exchanges"].as_array().cloned().context("exchanges")?;
        let states: Vec<_> = exchanges.iter().filter_map(|exchange| exchange["state"].as_str()).collect();
        Ok((states.contains(&"open") && states.contains(&"interrupted")).then_some(()))
    })
    .await
}

/// Gaps, metrics and the command line name the reason.
async fn told(dashcam: &Dashcam, dropped: &Value) -> Result<()> {
    let count = dropped["client_share"].as_u64().context("client_share")?;
    assert_eq!(dropped["queue_full"], 0, "{dropped}");
    eventually("the gap is stored", async || {
        let gaps = dashcam.api().get("/gaps").await?["gaps"].as_array().cloned().context("gaps")?;
        let of_share = gaps.iter().filter(|gap| gap["reason"] == "client_share");
        Ok((of_share.filter_map(|gap| gap["exchanges"].as_u64()).sum::<u64>() == count).then_some(()))
    })
    .await?;
    let metrics = Scrape::of(dashcam).await?;
    assert_eq!(metrics.get("dashcam_exchanges_dropped_total{reason=\"client_share\"}"), count as f64);
    let status = cli(dashcam.home())?.arg("status").output().await?;
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(said.contains(&format!("{count} beyond a client's share")), "{said}");
    assert!(said.contains(&format!("beyond share {HOSTILE} {count}: ")), "{said}");
    Ok(())
}
