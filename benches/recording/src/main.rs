//! Drives the recorder directly, with a real store behind it, and says what an exchange costs.
//!
//! `cargo run --release -p dashcam-bench-recording -- --body 1024 --seconds 10 [--rate 40000]`

mod report;
mod sample;
mod usage;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use dashcam_exchange::LastIds;
use dashcam_recorder::{Limits, Recorder, Refusal, recorder};
use dashcam_store::{Packing, Retention, Store, StoreError};
use report::Report;
use sample::Sample;
use usage::Usage;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the cost of recording an exchange, with no proxy around it.
#[derive(Parser)]
struct Options {
    /// Bytes of each response's body.
    #[arg(long, default_value_t = 1024)]
    body: usize,
    /// How long, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Exchanges a second; as many as the store takes without a loss if not given.
    #[arg(long)]
    rate: Option<u64>,
    /// Different clients and answers that take turns: 1 is one client that asks the same again and again.
    #[arg(long, default_value_t = 8)]
    variants: usize,
    /// Each body in a row of its own, as it is.
    #[arg(long)]
    plain_bodies: bool,
    /// The most bytes of the database; beyond them the oldest exchanges go.
    #[arg(long)]
    max_size: Option<u64>,
    /// Where the database is written; a temporary folder if not given.
    #[arg(long)]
    folder: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let temporary = tempfile::tempdir()?;
    let folder = options.folder.as_deref().unwrap_or(temporary.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build()?;
    let store = runtime.block_on(Store::open(&folder.join("recording.db")))?;
    let bounds = Retention { size: options.max_size, ..Retention::default() };
    runtime.block_on(store.admin().set_retention(bounds))?;
    if options.plain_bodies {
        runtime.block_on(store.admin().set_packing(Packing::Plain))?;
    }
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let (appender, batches) = (store.clone(), Arc::new(Mutex::new(Vec::new())));
    let timed = Arc::clone(&batches);
    let append = move |records| {
        let (store, timed) = (appender.clone(), Arc::clone(&timed));
        async move {
            let began = Instant::now();
            let appended = store.sink().append(records).await;
            timed.lock().expect("nobody panics with it").push(began.elapsed());
            appended
        }
    };
    let writing = runtime.spawn(writer.run(append, refusal));

    let samples: Vec<Sample> =
        (0..options.variants).map(|number| Sample::new(number, options.body)).collect();
    let before = Usage::read()?;
    let Seconds { stored, sizes } = drive(&recorder, &samples, &options, store.path())?;
    recorder.close();
    runtime.block_on(writing).context("the writer panicked")?;
    let spent = Usage::read()?.since(before);
    let path = store.path().to_owned();
    runtime.block_on(store.close());
    let bytes = std::fs::metadata(path)?.len();
    let batches = std::mem::take(&mut *batches.lock().expect("nobody panics with it"));
    let (ledger, seconds) = (recorder.ledger(), options.seconds);
    println!("body {} bytes, {} variants, {seconds} s", options.body, options.variants);
    Report { ledger, stored, sizes, batches, spent, bytes, seconds, max_size: options.max_size }.print();
    Ok(())
}

/// The counts of each second.
#[derive(Default)]
struct Seconds {
    /// Exchanges that were stored.
    stored: Vec<u64>,
    /// Bytes of the database's file.
    sizes: Vec<u64>,
}

/// Hands samples over.
fn drive(
    recorder: &Recorder,
    samples: &[Sample],
    options: &Options,
    database: &Path,
) -> anyhow::Result<Seconds> {
    let start = Instant::now();
    let mut seconds = Seconds::default();
    let (mut sent, mut stored) = (0_u64, 0);
    loop {
        let elapsed = start.elapsed();
        let due = options.rate.map(|rate| (elapsed.as_secs_f64() * rate as f64) as u64);
        let ledger = recorder.ledger();
        if elapsed.as_secs() > seconds.stored.len() as u64 {
            seconds.stored.push(ledger.stored - stored);
            seconds.sizes.push(std::fs::metadata(database)?.len());
            stored = ledger.stored;
        }
        if elapsed >= Duration::from_secs(options.seconds) {
            return Ok(seconds);
        }
        // A quarter of the queue: what a rate asks for beyond it is dropped, as in traffic.
        let room = (Limits::default().exchanges as u64 / 4).saturating_sub(ledger.pending);
        let held = Limits::default().memory / 4 < recorder.health().queued_bytes;
        let now = due.map_or(if held { 0 } else { room.min(256) }, |due| due - sent.min(due));
        if now == 0 {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        for _ in 0..now {
            samples[sent as usize % samples.len()].record(recorder);
            sent += 1;
        }
    }
}

fn refusal(error: &StoreError) -> Refusal {
    Refusal { reason: error.gap_reason(), kept: error.keeps_batch() }
}
