//! A guarantee of a rule that decides late, on a disk that hangs: all wait that it may want, and then only those that it wants.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::disk::{Disk, or_skipped};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use dashcam_tests::wire::{read_head, read_response};
use serde_json::json;
use tokio::io::BufReader;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::late_rules::settled;

const CONFIG: &str = "record = \"metrics\"\n\
    [[rules]]\nname = \"audit\"\nmatch = 'path:/audit/* status:5xx'\nlevel = \"full\"\nguarantee = \"lossless\"\n";

/// An origin that answers `/audit/STATUS` once the gate is open, and how many requests it has got.
async fn origin() -> Result<(Origin, watch::Sender<bool>, Arc<watch::Sender<usize>>)> {
    let (gate, seen) = (watch::Sender::new(false), Arc::new(watch::Sender::new(0)));
    let (opened, counted) = (gate.clone(), Arc::clone(&seen));
    let origin = Origin::raw(move |stream| {
        let (mut opened, counted) = (opened.subscribe(), Arc::clone(&counted));
        async move {
            let mut io: Stream = BufReader::new(Box::new(stream));
            while let Some(head) = read_head(&mut io).await? {
                counted.send_modify(|seen| *seen += 1);
                opened.wait_for(|is_open| *is_open).await?;
                let status = head.word(1).rsplit('/').next().unwrap_or_default();
                raw::send(&mut io, &format!("HTTP/1.1 {status} So\r\nContent-Length: 4\r\n\r\nbody")).await?;
            }
            Ok(())
        }
    })
    .await?;
    Ok((origin, gate, seen))
}

async fn send(dashcam: &Dashcam, origin: &Origin, path: &str) -> Result<Stream> {
    let mut io = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url(path), origin.address());
    raw::send(&mut io, &format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await?;
    Ok(io)
}

/// The status of the answer, once all of it is here.
async fn status(io: &mut Stream) -> Result<u16> {
    let answer = within("an answer", read_response(io, "GET")).await?;
    ensure!(answer.body == b"body", "{:?}", answer.body);
    answer.head.status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_rule_makes_wait_whom_it_may_want_and_lets_go_whom_it_does_not() -> Result<()> {
    let Some(mut disk) = or_skipped(Disk::ext4(128)) else { return Ok(()) };
    let (origin, gate, seen) = origin().await?;
    let home = tempfile::tempdir()?;
    std::fs::write(home.path().join("config.toml"), CONFIG)?;
    let database = disk.path().join("dashcam.db").display().to_string();
    let mut dashcam = Dashcam::start_in(home.path(), &["--db", &database, "--min-free", "none"]).await?;
    // Their heads are stored before they reach the origin.
    let mut failing = send(&dashcam, &origin, "/audit/503").await?;
    let mut fine = send(&dashcam, &origin, "/audit/200").await?;
    let reached = |count: usize| {
        let mut seen = seen.subscribe();
        async move {
            within("they reach the origin", async { Ok(*seen.wait_for(|seen| *seen >= count).await?) }).await
        }
    };
    reached(2).await?;
    disk.freeze()?;
    gate.send_replace(true);
    ensure!(status(&mut fine).await? == 200, "it is not wanted, and does not wait");
    // Another path needs no record at all, and one that may be wanted waits for its own.
    ensure!(status(&mut send(&dashcam, &origin, "/other/503").await?).await? == 503);
    let mut late = send(&dashcam, &origin, "/audit/200").await?;
    eventually("two wait", async || {
        let waiting = dashcam.api().get("/status").await?["recorder"]["guarantees"]["waiting"].take();
        Ok((waiting == 2).then_some(()))
    })
    .await
    .with_context(|| dashcam.log())?;
    ensure!(*seen.borrow() == 3, "nobody goes on without a record");
    let end = timeout(std::time::Duration::from_millis(100), read_response(&mut failing, "GET")).await;
    ensure!(end.is_err(), "told before it was stored: {end:?}");
    disk.thaw()?;
    ensure!(status(&mut late).await? == 200);

    let ledger = settled(&dashcam).await?;
    assert_eq!((&ledger["stored"], &ledger["not_kept"]), (&json!(1), &json!(2)), "{ledger}");
    let failed = dashcam.api().ended("/audit/503").await?;
    assert_eq!(
        (&failed["state"], &failed["rule"], &failed["response_body"]["stored"]),
        (&json!("complete"), &json!("audit"), &json!(4)),
        "{failed}"
    );
    let counts = dashcam.api().get("/status").await?["recorder"]["guarantees"].take();
    assert_eq!((&counts["refused"], &counts["broken_off"]), (&json!(0), &json!(0)), "{counts}");
    ensure!(dashcam.stop().await?.success(), "{}", dashcam.log());
    Ok(())
}
