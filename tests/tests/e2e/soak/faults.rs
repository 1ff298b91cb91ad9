//! Faults: disks that fill up and hang, upstreams that die, kills.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::disk::Disk;
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw::send;
use dashcam_tests::wire::read_head;
use serde_json::Value;
use tokio::io::BufReader;
use tokio::time::interval;

use super::chance::Chance;
use super::world::World;
use crate::disk::read;

/// How long a fault lasts, and how long it is quiet after it.
const LASTS: Duration = Duration::from_secs(3);

/// A fault.
#[derive(Debug, Clone, Copy)]
enum Fault {
    DiskFull,
    DiskHangs,
    UpstreamDies,
    Kill,
}

/// An upstream that answers, and while `is_dead` closes every connection without a word.
pub(super) async fn dying(is_dead: Arc<AtomicBool>) -> Result<Origin> {
    Origin::raw(move |stream| {
        let is_dead = Arc::clone(&is_dead);
        async move {
            let mut io: dashcam_tests::origin::Stream = BufReader::new(Box::new(stream));
            while read_head(&mut io).await?.is_some() {
                ensure!(!is_dead.load(Ordering::Relaxed), "dead");
                send(&mut io, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalive").await?;
            }
            Ok(())
        }
    })
    .await
}

/// Makes one fault after the other until `end`; kills only before `last_life`.
pub(super) async fn make(
    world: &World,
    disk: &mut Option<Disk>,
    chance: &mut Chance,
    (last_life, end): (Instant, Instant),
) -> Result<()> {
    let mut ticks = interval(LASTS);
    ticks.tick().await;
    let mut memory = None;
    while Instant::now() + LASTS * 2 < end {
        ticks.tick().await;
        let may_kill = Instant::now() < last_life;
        if !may_kill && memory.is_none() {
            memory = Some(world.memory().await?);
        }
        let fault = match chance.below(if may_kill { 4 } else { 3 }) {
            0 if disk.is_some() => Fault::DiskFull,
            1 if disk.is_some() => Fault::DiskHangs,
            0..=2 => Fault::UpstreamDies,
            _ => Fault::Kill,
        };
        begin(fault, world, disk).await.with_context(|| format!("{fault:?}"))?;
        world.counts.faults.fetch_add(1, Ordering::Relaxed);
        ticks.tick().await;
        mend(fault, world, disk).await.with_context(|| format!("after {fault:?}"))?;
    }
    if let Some(before) = memory {
        let after = world.memory().await?;
        eprintln!("memory: {} MiB, and {} MiB at the end", before >> 20, after >> 20);
        ensure!(
            after < before + before / 4 + super::MORE_MEMORY,
            "memory grew from {before} to {after} bytes"
        );
    }
    Ok(())
}

async fn begin(fault: Fault, world: &World, disk: &mut Option<Disk>) -> Result<()> {
    match (fault, disk) {
        (Fault::DiskFull, Some(disk)) => disk.fill(256 << 10),
        (Fault::DiskHangs, Some(disk)) => disk.freeze(),
        (Fault::Kill, _) => world.kill().await,
        (_, _) => {
            world.is_dead.store(true, Ordering::Relaxed);
            Ok(())
        }
    }
}

async fn mend(fault: Fault, world: &World, disk: &mut Option<Disk>) -> Result<()> {
    match (fault, disk) {
        (Fault::DiskFull, Some(disk)) => disk.empty()?,
        (Fault::DiskHangs, Some(disk)) => disk.thaw()?,
        (Fault::Kill, _) => {
            let found = read(world.database()).await?;
            let (integrity, torn) = (&found["integrity"], &found["torn"]);
            ensure!(integrity[0] == "ok", "{integrity}");
            ensure!(*torn == Value::Array(Vec::new()), "half exchanges look whole: {torn}");
            world.begin_life().await?;
        }
        (_, _) => world.is_dead.store(false, Ordering::Relaxed),
    }
    eventually("recording goes on", async || {
        let status = world.api().get("/status").await?;
        Ok((status["recording"]["state"] != "paused").then_some(()))
    })
    .await
}
