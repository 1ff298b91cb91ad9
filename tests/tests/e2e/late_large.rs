//! Large bodies of exchanges that are not decided: parts of them are in the store when dashcam is killed. Nothing of them
//! looks whole afterwards, and nothing is left that nobody names.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::read_head;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::disk::read;
use crate::late_rules::settled;

/// Failures and what takes long are kept whole, and nothing else.
const CONFIG: &str = "record = \"metrics\"\n[[rules]]\nname = \"wanted\"\n\
                      match = \"status:5xx | fail:* | dur:>1h\"\nlevel = \"full\"\n";
/// The length of a body, and how much of it comes before it stops for good.
const ANNOUNCED: usize = 8 << 20;
const COMES: usize = 5 << 20;

/// An origin whose bodies stop, unless the target is `/whole`.
async fn origin() -> Result<Origin> {
    Origin::raw(|mut stream| async move {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let is_whole = head.starts_with(b"GET /whole");
        stream
            .write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {ANNOUNCED}\r\n\r\n").as_bytes())
            .await?;
        // Not to be made small by compression.
        let noise = |at: usize| (at.wrapping_mul(2_654_435_761) >> 13) as u8;
        let body: Vec<u8> = (0..if is_whole { ANNOUNCED } else { COMES }).map(noise).collect();
        stream.write_all(&body).await?;
        stream.read_to_end(&mut Vec::new()).await?;
        Ok(())
    })
    .await
}

/// Asks for `target`, and gives the number of bytes of the body that have come.
async fn ask(
    proxy: std::net::SocketAddr,
    origin: String,
    target: &str,
    read: Arc<AtomicUsize>,
) -> Result<()> {
    let mut io = raw::open(proxy).await?;
    raw::send(&mut io, &format!("GET {origin}{target} HTTP/1.1\r\nHost: a\r\n\r\n")).await?;
    let head = within("a head", read_head(&mut io)).await?.context("none")?;
    ensure!(head.status()? == 200, "{}", head.start);
    let mut piece = vec![0; 64 << 10];
    while read.load(Ordering::Relaxed) < ANNOUNCED {
        let length = io.read(&mut piece).await?;
        ensure!(length > 0, "it broke off");
        read.fetch_add(length, Ordering::Relaxed);
    }
    Ok(())
}

/// The only number that `sql` answers with.
async fn number(home: &Path, sql: &str) -> Result<i64> {
    let output = cli(home)?.args(["sql", "--format", "json", sql]).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    rows.first().and_then(|row| row["n"].as_i64()).context("no number")
}

const ORPHANS: &str = "SELECT count(*) AS n FROM bodies WHERE (key >> 22) NOT IN (SELECT id FROM exchanges)";
const AHEAD: &str = "SELECT coalesce(sum(length(data)), 0) AS n FROM bodies";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_while_large_bodies_are_not_decided() -> Result<()> {
    let (origin, home) = (origin().await?, tempfile::tempdir()?);
    std::fs::write(home.path().join("config.toml"), CONFIG)?;
    let mut dashcam = Dashcam::start_in(home.path(), &["--plain-bodies"]).await?;
    // One that has ended is not kept: its pieces are taken back, as far as there is time for it.
    let mut asked = tokio::task::JoinSet::new();
    let (stopped, whole) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    asked.spawn(ask(dashcam.proxy(), origin.url(""), "/stopped", Arc::clone(&stopped)));
    eventually("what comes has come", async || Ok((stopped.load(Ordering::Relaxed) == COMES).then_some(())))
        .await?;
    eventually("most of it is in the store", async || {
        Ok((number(home.path(), AHEAD).await? > 4 << 20).then_some(()))
    })
    .await?;
    let listed = dashcam.api().get("/exchanges").await?["exchanges"].take();
    ensure!(listed[0]["state"] == "open" && listed[0]["rule"].is_null(), "{listed}");
    asked.spawn(ask(dashcam.proxy(), origin.url(""), "/whole", Arc::clone(&whole)));
    eventually("it passes whole", async || Ok((whole.load(Ordering::Relaxed) == ANNOUNCED).then_some(())))
        .await?;
    let ledger = dashcam.api().get("/status").await?["ledger"].take();
    crate::late_rules::balance(&ledger)?;
    dashcam.kill().await?;

    let dashcam = Dashcam::start_in(home.path(), &["--plain-bodies"]).await?;
    let interrupted = dashcam.api().ended("/stopped").await?;
    let body = &interrupted["response_body"];
    assert_eq!(
        (&interrupted["state"], &interrupted["rule"], &body["complete"]),
        (&json!("interrupted"), &Value::Null, &json!(false)),
        "{interrupted}"
    );
    let stored = body["stored"].as_u64().context("stored")?;
    ensure!((4 << 20..=COMES as u64).contains(&stored), "{interrupted}");
    let bytes = dashcam.api().bytes(&format!("/exchanges/{}/response/body", interrupted["id"])).await?;
    ensure!(bytes.len() as u64 == stored, "{} of {stored} bytes", bytes.len());
    // The other one was not kept; where its pieces were not taken back in time, it is interrupted as well.
    for row in dashcam.api().ending_in("/whole").await? {
        ensure!(row["state"] == "interrupted", "{row}");
    }
    eventually("orphans are swept", async || Ok((number(home.path(), ORPHANS).await? == 0).then_some(())))
        .await?;
    let found = read(&home.path().join("dashcam.db")).await?;
    ensure!((&found["integrity"], &found["torn"]) == (&json!(["ok"]), &json!([])), "{found}");
    // The new run counts from zero, and what it does not keep leaves nothing either.
    let again = Arc::new(AtomicUsize::new(0));
    within("it passes", ask(dashcam.proxy(), origin.url(""), "/whole?again", again)).await?;
    let ledger = settled(&dashcam).await?;
    assert_eq!((&ledger["seen"], &ledger["not_kept"], &ledger["stored"]), (&json!(1), &json!(1), &json!(0)));
    ensure!(dashcam.api().ending_in("?again").await?.is_empty());
    eventually("its pieces are taken back", async || {
        let rest = format!("{AHEAD} WHERE (key >> 22) > {}", interrupted["id"]);
        Ok((number(home.path(), &rest).await? == 0).then_some(()))
    })
    .await
}
