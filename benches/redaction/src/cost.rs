//! The cost of redaction: recorder and store with it and without it, in turn.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use dashcam_exchange::LastIds;
use dashcam_recorder::{Limits, Redaction, Refusal, recorder};
use dashcam_redact::{Definitions, Keys, Sets};
use dashcam_store::{Store, StoreError};

use crate::sample::Sample;
use crate::usage::Usage;

/// Exchanges that take turns, each with a credential and a body of its own.
const VARIANTS: usize = 8;

/// Measures bodies of 1 and of 10 KiB, and prints a table. The processor time is that of the whole process: of handing
/// exchanges over, which is the same with redaction and without, and of the writer's side.
///
/// # Errors
/// When the store fails.
pub(crate) fn measure(rounds: usize, exchanges: u64) -> Result<()> {
    println!("| recorder and store | µs an exchange without | with | more (median) | of rounds |");
    println!("|---|---:|---:|---:|---:|");
    for (name, size, variants) in [
        ("1 KiB of JSON, ten fields each way", 1 << 10, VARIANTS),
        ("10 KiB of JSON, ten fields each way", 10 << 10, VARIANTS),
        ("1 KiB, a credential never seen before", 1 << 10, 20_000),
    ] {
        let samples: Vec<Sample> = (0..variants).map(|number| Sample::new(number, size)).collect();
        let (mut without, mut with, mut more) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            // The first of a round is another one each time.
            let mut order = [false, true];
            order.rotate_left(round % 2);
            let mut took = [0.0; 2];
            for redacted in order {
                took[usize::from(redacted)] = round_of(&samples, exchanges, redacted)?;
            }
            without.push(took[0]);
            with.push(took[1]);
            more.push(took[1] - took[0]);
        }
        let [without, with] = [without, with].map(|mut all| at(&mut all, 0.5));
        let (low, high) = (at(&mut more, 0.0), at(&mut more, 1.0));
        println!("| {name} | {without:.2} | {with:.2} | {:.2} | {low:.2} to {high:.2} |", at(&mut more, 0.5));
    }
    Ok(())
}

/// Microseconds of processor time an exchange, in a new store.
fn round_of(samples: &[Sample], exchanges: u64, redacted: bool) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build()?;
    let store = runtime.block_on(Store::open(&folder.path().join("recording.db")))?;
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    if redacted {
        let sets = Sets::compile(&Definitions::default()).context("the default set")?;
        let redaction = Redaction::new(sets, Arc::new(Keys::new([7; 32])), Duration::from_secs(86_400));
        recorder.set_redaction(Some(Arc::new(redaction)));
    }
    let appender = store.clone();
    let append = move |records| {
        let store = appender.clone();
        async move { store.sink().append(records).await }
    };
    let writing = runtime.spawn(writer.run(append, refusal));
    let before = Usage::read()?;
    let mut sent = 0;
    while sent < exchanges {
        // A quarter of the queue, so that nothing is dropped.
        let pending = recorder.ledger().pending;
        let held = Limits::default().memory / 4 < recorder.health().queued_bytes;
        let room = (Limits::default().exchanges as u64 / 4).saturating_sub(pending).min(256);
        if held || room == 0 {
            std::thread::park_timeout(Duration::from_millis(1));
            continue;
        }
        for _ in 0..room.min(exchanges - sent) {
            samples[sent as usize % samples.len()].record(&recorder);
            sent += 1;
        }
    }
    recorder.close();
    runtime.block_on(writing).context("the writer panicked")?;
    let spent = Usage::read()?.since(before);
    let stored = recorder.ledger().stored;
    anyhow::ensure!(stored == exchanges, "{stored} of {exchanges} were stored");
    runtime.block_on(store.close());
    Ok((spent.user + spent.system).as_secs_f64() * 1e6 / exchanges as f64)
}

fn refusal(error: &StoreError) -> Refusal {
    Refusal { reason: error.gap_reason(), kept: error.keeps_batch() }
}

/// The value at that share of a list, which is sorted for it.
fn at(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}
