//! Killed at any moment, again and again: what is on record is whole, and all but the last moment is there.
//!
//! `cargo xtask drill TIMES` does it longer, with a release build.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::load::Load;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::{Value, json};

use super::read;

/// How often, unless `$DASHCAM_KILLS` says otherwise.
const TIMES: u32 = 10;
/// How often one database is gone on with.
const A_DATABASE: u32 = 10;
/// How old an answered exchange may be and yet be missing: a batch gathers for 50 ms and is then to be stored, by a
/// build without optimisation, on a machine that runs other tests.
const LOSS: Duration = Duration::from_millis(1500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again() -> Result<()> {
    let times = std::env::var("DASHCAM_KILLS").ok().map_or(Ok(TIMES), |times| times.parse())?;
    let origin = Origin::http().await?;
    let mut home = tempfile::tempdir()?;
    let (mut due, mut lost, mut interrupted) = (0, 0, 0);
    for round in 0..times {
        if round % A_DATABASE == 0 {
            home = tempfile::tempdir()?;
        }
        // Bodies in packs, and in rows of their own.
        let arguments: &[&str] = if round % 2 == 0 { &[] } else { &["--plain-bodies"] };
        let killed = kill(home.path(), arguments, &origin).await.with_context(|| format!("round {round}"))?;
        due += killed.due;
        lost += killed.younger_and_lost;
        interrupted += killed.interrupted;
    }
    eprintln!(
        "{times} kills: {due} exchanges were due and there, {lost} younger than {LOSS:?} were lost, \
        {interrupted} interrupted"
    );
    assert!(due > 0, "there was too little traffic to tell");
    Ok(())
}

struct Killed {
    due: usize,
    younger_and_lost: usize,
    interrupted: u64,
}

/// One run that is killed, and the look at what it left, before and after the next start.
async fn kill(home: &Path, arguments: &[&str], origin: &Origin) -> Result<Killed> {
    let mut dashcam = Dashcam::start_in(home, arguments).await?;
    let small = Load::start(dashcam.proxy(), origin, 6, 2000);
    let large = Load::start(dashcam.proxy(), origin, 1, 3_000_000);
    // Open all the time; on record after a second.
    let mut stream = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url("/events"), origin.address());
    raw::send(&mut stream, &format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await?;
    small.go_on(Duration::from_millis(100 + random() % 2900)).await?;
    let killed = Instant::now();
    dashcam.kill().await?;
    let answered = [small.killed().await, large.killed().await].concat();

    let database = home.join("dashcam.db");
    let found = read(&database).await?;
    ensure!(found["integrity"] == json!(["ok"]), "{}", found["integrity"]);
    ensure!(found["torn"] == json!([]), "half exchanges look whole: {}", found["torn"]);
    let stored: HashSet<&str> =
        found["targets"].as_array().context("targets")?.iter().filter_map(Value::as_str).collect();
    let (due, younger): (Vec<_>, Vec<_>) = answered.iter().partition(|answer| answer.at + LOSS < killed);
    let missing: Vec<_> = due.iter().filter(|answer| !stored.contains(answer.target.as_str())).collect();
    ensure!(missing.is_empty(), "{} of {} are missing: {missing:?}", missing.len(), due.len());
    let younger_and_lost = younger.iter().filter(|answer| !stored.contains(answer.target.as_str())).count();

    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    dashcam.kill().await?;
    let found = read(&database).await?;
    ensure!(found["torn"] == json!([]), "half exchanges look whole after a start: {}", found["torn"]);
    ensure!(found["states"]["open"].is_null(), "a crashed exchange looks as if it were under way");
    let interrupted = found["states"]["interrupted"].as_u64().unwrap_or(0);
    Ok(Killed { due: due.len(), younger_and_lost, interrupted })
}

/// Any number.
fn random() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
}
