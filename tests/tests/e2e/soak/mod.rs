//! Everything at once, for long: traffic of all kinds at 80 % of what passes at most, while levels, rules, leases, bounds
//! and snapshots change every few seconds, disks fill up and hang, upstreams die, and dashcam is killed.
//!
//! No request fails that the upstream would have answered, memory stays, the ledger balances and the database is sound.
//! `cargo xtask soak --minutes N` runs it.

mod chance;
mod changes;
mod clients;
mod faults;
mod world;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::disk::{Disk, or_skipped};
use dashcam_tests::eventually::eventually;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use self::chance::Chance;
use self::world::World;
use crate::disk::read;

/// How long everything goes on, unless `$DASHCAM_SOAK_MINUTES` says otherwise.
const MINUTES: u64 = 2;
/// How long capacity is measured, with clients that do not pause.
const FLAT_OUT: Duration = Duration::from_secs(4);
/// The part of its capacity that is asked of it.
const LOAD: f64 = 0.8;
/// Part of its time after which dashcam is killed no more, so that its memory can be compared.
const LAST_LIFE: f64 = 0.5;
/// Memory that may be added in the last life, beside a quarter of what there was.
const MORE_MEMORY: u64 = 32 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes, and the whole machine: `cargo xtask soak`"]
async fn soaked() -> Result<()> {
    let time = Duration::from_secs(60 * setting("DASHCAM_SOAK_MINUTES", MINUTES)?);
    let mut chance = Chance::new(setting("DASHCAM_SOAK_SEED", u64::from(std::process::id()))?);
    eprintln!("the order of changes and faults comes again with DASHCAM_SOAK_SEED={}", chance.seed());
    let mut disk = or_skipped(Disk::ext4(512));
    let world = World::start(disk.as_ref().map(Disk::path)).await?;
    let mut tasks = JoinSet::new();
    clients::start(&world, &mut tasks);
    let capacity = capacity(&world).await?;
    world.pace(capacity * LOAD);
    eprintln!("{capacity:.0} answers a second at most; {LOAD} of that from now on");

    let end = Instant::now() + time;
    tasks.spawn(changes::make(Arc::clone(&world), chance.fork(), end));
    let moments = (end - time.mul_f64(LAST_LIFE), end);
    let mut faults_chance = chance.fork();
    let passed = tokio::select! {
        made = faults::make(&world, &mut disk, &mut faults_chance, moments) => made,
        ended = async { failed(&mut tasks).await } => ended,
    };
    if let Err(error) = passed {
        return Err(error.context(world.last_words().await));
    }
    world.stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let status = balanced(&world).await?;
    world.no_fault_is_counted().await?;
    world.end().await?;
    let found = read(world.database()).await?;
    assert_eq!((&found["integrity"][0], &found["torn"]), (&json!("ok"), &json!([])));
    eprintln!("{:?}; the last life: {}", world.counts, status["ledger"]);
    assert!(world.counts.answered.load(Ordering::Relaxed) > 1000, "there was too little traffic to tell");
    Ok(())
}

/// A whole number from the environment.
fn setting(name: &str, default: u64) -> Result<u64> {
    std::env::var(name).ok().map_or(Ok(default), |text| text.parse().with_context(|| name.to_owned()))
}

/// Answers a second, of clients that do not pause.
async fn capacity(world: &World) -> Result<f64> {
    let (start, before) = (Instant::now(), world.counts.answered.load(Ordering::Relaxed));
    eventually("clients ask as fast as they can", async || Ok((start.elapsed() >= FLAT_OUT).then_some(())))
        .await?;
    let answered = world.counts.answered.load(Ordering::Relaxed) - before;
    Ok(answered as f64 / start.elapsed().as_secs_f64())
}

/// The first task that fails; never, if none does.
async fn failed(tasks: &mut JoinSet<Result<()>>) -> Result<()> {
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    std::future::pending().await
}

/// Waits until nothing is under way, and checks the ledger of the last life.
async fn balanced(world: &World) -> Result<Value> {
    let status = eventually("nothing is under way", async || {
        let status = world.api().get("/status").await?;
        let ledger = &status["ledger"];
        Ok((ledger["open"] == 0 && ledger["pending"] == 0).then_some(status))
    })
    .await?;
    let ledger = &status["ledger"];
    let count = |name: &str| ledger[name].as_u64().with_context(|| format!("{name}: {ledger}"));
    let dropped: u64 =
        ledger["dropped"].as_object().context("dropped")?.values().filter_map(Value::as_u64).sum();
    let accounted = count("stored")? + count("not_kept")? + count("sampled_out")? + dropped;
    ensure!(count("seen")? == accounted, "seen is not what became of it: {ledger}");
    Ok(status)
}
