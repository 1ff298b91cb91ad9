//! The end, in order and out of order: SIGTERM loses nothing, SIGKILL at most the last moment.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, ask, python_script, run};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::same::through;

/// How old an answered exchange may be and yet be missing after a SIGKILL: a batch gathers for 50 ms and is then to be
/// stored, by a build without optimisation, on a machine that runs other tests.
const LOSS: Duration = Duration::from_secs(2);

async fn database(home: &Path) -> Result<Value> {
    let mut command = python_script("database.py")?;
    command.arg(home.join("dashcam.db"));
    run(command, &json!(null)).await
}

fn targets(database: &Value) -> HashSet<String> {
    database["targets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_in_the_middle_of_traffic() -> Result<()> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let answered = std::sync::Arc::new(Mutex::new(Vec::new()));
    let (counter, mut clients) = (std::sync::Arc::new(AtomicU64::new(0)), JoinSet::new());
    for _ in 0..8 {
        let (answered, counter, proxy) = (answered.clone(), counter.clone(), dashcam.proxy());
        let (base, host) = (origin.url(""), origin.address().to_string());
        clients.spawn(async move {
            let mut io = raw::open(proxy).await?;
            loop {
                let target = format!("/bytes/2000?n={}", counter.fetch_add(1, Ordering::Relaxed));
                raw::get(&mut io, &format!("{base}{target}"), &host).await?;
                answered.lock().expect("no panic while locked").push((Instant::now(), target));
            }
            #[expect(unreachable_code, reason = "it names the type of the error")]
            anyhow::Ok(())
        });
    }
    let start = Instant::now();
    eventually("enough traffic before those that may be missing", async || {
        let count = answered.lock().expect("no panic while locked").len();
        Ok((count > 500 && start.elapsed() > LOSS * 2).then_some(()))
    })
    .await?;
    let killed = Instant::now();
    dashcam.kill().await?;
    while clients.join_next().await.is_some() {}

    let found = database(home.path()).await?;
    assert_eq!(found["integrity"], json!(["ok"]));
    let stored = targets(&found);
    let answered = answered.lock().expect("no panic while locked").clone();
    let due: Vec<_> =
        answered.iter().filter(|(at, _)| *at + LOSS < killed).map(|(_, target)| target).collect();
    assert!(due.len() > 100, "too little traffic to tell: {}", due.len());
    let missing: Vec<_> = due.iter().filter(|target| !stored.contains(target.as_str())).collect();
    assert!(missing.is_empty(), "{} of {} are missing: {missing:?}", missing.len(), due.len());

    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let page = dashcam.api().get("/exchanges?limit=1000").await?;
    let rows = page["exchanges"].as_array().context("a list")?;
    assert!(
        rows.iter().all(|row| row["state"] != "open"),
        "a crashed exchange looks as if it were under way"
    );
    Ok(())
}

#[tokio::test]
async fn an_exchange_under_way_at_a_crash_is_interrupted() -> Result<()> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::send(
        &mut io,
        &format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", origin.url("/events"), origin.address()),
    )
    .await?;
    eventually("the open exchange is stored", async || {
        Ok((database(home.path()).await?["exchanges"] == 1).then_some(()))
    })
    .await?;
    dashcam.kill().await?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    assert_eq!(dashcam.api().ended("/events").await?["state"], "interrupted");
    Ok(())
}

/// Only the connection's end says that such a body is whole.
#[tokio::test]
async fn a_body_until_close_looks_cut_after_a_crash() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        stream.read_u8().await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").await?;
        stream.read_to_end(&mut Vec::new()).await?;
        Ok(())
    })
    .await?;
    let mut dashcam = Dashcam::start(&[]).await?;
    let mut client = TcpStream::connect(dashcam.proxy()).await?;
    let request = format!("GET http://{0}/ HTTP/1.1\r\nHost: {0}\r\n\r\n", origin.address());
    client.write_all(request.as_bytes()).await?;
    let mut got = Vec::new();
    within("the body's beginning", async {
        while !got.ends_with(b"hello") {
            ensure!(client.read_buf(&mut got).await? > 0, "it ended early");
        }
        Ok(())
    })
    .await?;
    dashcam.kill().await?;
    let end = within("the end", async { Ok(client.read_to_end(&mut got).await) }).await?;
    assert_eq!(end.map_err(|error| error.kind()), Err(std::io::ErrorKind::ConnectionReset));
    Ok(())
}

/// Connections on which nothing was sent are not under way.
#[tokio::test]
async fn sigterm_does_not_wait_for_silent_clients() -> Result<()> {
    let mut dashcam = Dashcam::start(&[]).await?;
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(dashcam.proxy()).await?);
    }
    eventually("they are accepted", async || {
        let status = dashcam.api().get("/status").await?;
        Ok((status["connections_open"].as_u64() >= Some(3)).then_some(()))
    })
    .await?;
    let status = dashcam.stop().await?;
    assert_eq!(status.code(), Some(0), "{}", dashcam.log());
    assert!(!dashcam.log().contains("did not end"), "{}", dashcam.log());
    Ok(())
}

#[tokio::test]
async fn sigterm_writes_the_record_out_and_ends_well() -> Result<()> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let asks: Vec<Ask> = (0..50).map(|n| Ask::get(origin.url(&format!("/bytes/3000?n={n}")))).collect();
    ask("http.client", &through(&dashcam), &asks).await?;
    let status = dashcam.stop().await?;
    assert_eq!(status.code(), Some(0), "{}", dashcam.log());
    let found = database(home.path()).await?;
    assert_eq!(found["integrity"], json!(["ok"]));
    let stored = targets(&found);
    for seen in origin.site().seen() {
        assert!(stored.contains(&seen.target), "{} is missing", seen.target);
    }
    assert!(!home.path().join("control.sock").exists(), "the control socket is left over");
    Ok(())
}
