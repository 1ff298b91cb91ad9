//! Drives the recorder directly, with a real store behind it, and says what an exchange costs.
//!
//! `cargo run --release -p dashcam-bench-recording -- --body 1024 --seconds 10 [--rate 40000]`

mod sample;
mod usage;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use dashcam_exchange::LastIds;
use dashcam_recorder::{Ledger, Limits, Recorder, Refusal, recorder};
use dashcam_store::{Packing, Retention, Store, StoreError};
use sample::Sample;
use usage::Usage;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What it costs to record an exchange, with no proxy around it.
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
    /// Bytes of the database, at the most; the oldest exchanges go then.
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
    runtime.block_on(store.set_retention(bounds))?;
    if options.plain_bodies {
        runtime.block_on(store.set_packing(Packing::Plain))?;
    }
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let appender = store.clone();
    let append = move |records| {
        let store = appender.clone();
        async move { store.append(records).await }
    };
    let writing = runtime.spawn(writer.run(append, refusal));

    let samples: Vec<Sample> =
        (0..options.variants).map(|number| Sample::new(number, options.body)).collect();
    let before = Usage::read()?;
    let windows = drive(&recorder, &samples, &options);
    recorder.close();
    runtime.block_on(writing).context("the writer panicked")?;
    let spent = Usage::read()?.since(before);
    let path = store.path().to_owned();
    runtime.block_on(store.close());
    let bytes = std::fs::metadata(path)?.len();
    report(&recorder.ledger(), &windows, spent, bytes, &options);
    Ok(())
}

/// Hands samples over; says how many exchanges were stored in each second.
fn drive(recorder: &Recorder, samples: &[Sample], options: &Options) -> Vec<u64> {
    let start = Instant::now();
    let mut windows = Vec::new();
    let (mut sent, mut stored) = (0_u64, 0);
    loop {
        let elapsed = start.elapsed();
        let due = options.rate.map(|rate| (elapsed.as_secs_f64() * rate as f64) as u64);
        let ledger = recorder.ledger();
        if elapsed.as_secs() > windows.len() as u64 {
            windows.push(ledger.stored - stored);
            stored = ledger.stored;
        }
        if elapsed >= Duration::from_secs(options.seconds) {
            return windows;
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

fn report(ledger: &Ledger, windows: &[u64], spent: Usage, bytes: u64, options: &Options) {
    let stored = ledger.stored.max(1) as f64;
    let dropped: u64 = ledger.dropped.iter().map(|(_, exchanges)| exchanges).sum();
    let each = |duration: Duration| duration.as_secs_f64() * 1e6 / stored;
    let mut sorted = windows.to_vec();
    sorted.sort_unstable();
    let (least, median) = (sorted[0], sorted[sorted.len() / 2]);
    println!("body {} bytes, {} variants, {} s", options.body, options.variants, options.seconds);
    println!(
        "  exchanges seen {}, stored {}, dropped {dropped}, truncated {}",
        ledger.seen, ledger.stored, ledger.truncated
    );
    println!(
        "  stored in a second: median {median}, worst {least} ({:.0} %)",
        least as f64 * 100.0 / median.max(1) as f64
    );
    println!(
        "  CPU an exchange: {:.2} us = {:.2} user + {:.2} system",
        each(spent.user + spent.system),
        each(spent.user),
        each(spent.system)
    );
    println!(
        "  on disk: {:.0} bytes an exchange, {:.1} MB/s",
        bytes as f64 / stored,
        bytes as f64 / 1e6 / options.seconds as f64
    );
}

fn refusal(error: &StoreError) -> Refusal {
    Refusal { reason: error.gap_reason(), kept: error.keeps_batch() }
}
