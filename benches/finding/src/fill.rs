//! Recordings for the benchmark, written through the store's own sink, and a writer that goes on.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use dashcam_exchange::Record;
use dashcam_store::Store;

use crate::traffic::Traffic;

/// Exchanges of a batch.
const BATCH: u64 = 500;
/// How often the writer that goes on appends: as often as the recorder does.
const APPEND: Duration = Duration::from_millis(50);

/// Appends that were made, and how long they took.
#[derive(Debug, Default)]
pub(crate) struct Appended {
    pub(crate) exchanges: u64,
    pub(crate) seconds: f64,
    pub(crate) longest: Duration,
}

/// Writes exchanges `1..=number` to a new recording.
pub(crate) async fn fill(path: &Path, traffic: &Traffic, number: u64) -> Result<Appended> {
    let store = Store::open(path).await?;
    let (began, mut appended, mut first) = (Instant::now(), Appended::default(), 1);
    while first <= number {
        let last = number.min(first + BATCH - 1);
        append(&store, traffic, first..=last, &mut appended).await?;
        first = last + 1;
    }
    appended.seconds = began.elapsed().as_secs_f64();
    store.close().await;
    Ok(appended)
}

/// Indexes all that is stored; says how many steps that took, and how long.
pub(crate) async fn index(path: &Path) -> Result<(u64, Duration)> {
    let store = Store::open(path).await?;
    let (began, mut steps) = (Instant::now(), 0);
    while store.admin().index().await? {
        steps += 1;
    }
    let took = began.elapsed();
    store.close().await;
    Ok((steps, took))
}

/// Indexes as dashcam does beside its writer, until it is to stop.
pub(crate) async fn go_on_indexing(store: &Store, stop: &AtomicBool) -> Result<()> {
    while !stop.load(Ordering::Relaxed) {
        let pause = if store.admin().index().await? { 10 } else { 1000 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    Ok(())
}

/// Appends `rate` exchanges a second from number `first` on, until it is to stop.
pub(crate) async fn go_on(
    store: &Store,
    traffic: &Traffic,
    (first, rate): (u64, u64),
    stop: &AtomicBool,
) -> Result<Appended> {
    let (began, mut appended, mut next) = (Instant::now(), Appended::default(), first);
    while !stop.load(Ordering::Relaxed) {
        let due = first + (began.elapsed().as_secs_f64() * rate as f64) as u64;
        if due > next {
            let last = due.min(next + BATCH);
            append(store, traffic, next..=last - 1, &mut appended).await?;
            next = last;
        }
        tokio::time::sleep(APPEND).await;
    }
    appended.seconds = began.elapsed().as_secs_f64();
    Ok(appended)
}

async fn append(
    store: &Store,
    traffic: &Traffic,
    ids: std::ops::RangeInclusive<u64>,
    appended: &mut Appended,
) -> Result<()> {
    let mut records = Vec::new();
    for id in ids {
        records.extend(traffic.connection(id).map(|connection| Record::Connection(Box::new(connection))));
        records.push(Record::Finished(Arc::new(traffic.exchange(id))));
        appended.exchanges += 1;
    }
    let began = Instant::now();
    store.sink().append(records).await?;
    appended.longest = appended.longest.max(began.elapsed());
    Ok(())
}
