//! `counts CASE N`: does one thing N times, in memory, so that valgrind can count its instructions. Without arguments:
//! the cases, each with the N that makes its count steady. `cargo xtask counts` runs it. `counts rule FILTER N` passes N
//! exchanges under one rule with that filter.

mod exchange;
mod filters;
mod flight;
mod hand_off;
mod heads;
mod leaf;
mod rules;
mod sample;
mod store;
mod turns;

use anyhow::{Context as _, Result, bail};
use dashcam_control::Settings;
use dashcam_exchange::Level;
use tokio::runtime::{Builder, Runtime};

/// The allocator that dashcam has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Case {
    name: &'static str,
    /// How often it is done, so that what varies evens out.
    times: u32,
    run: fn(u32) -> Result<()>,
}

const CASES: [Case; 13] = [
    Case { name: "exchange_off", times: 4096, run: |times| exchange::run(at(Level::Off), times) },
    Case { name: "exchange_full", times: 4096, run: |times| exchange::run(at(Level::Full), times) },
    Case { name: "exchange_rules_20", times: 4096, run: |times| exchange::run(rules::settings()?, times) },
    Case { name: "hand_off", times: 8192, run: |times| hand_off::run(&[&sample::BODY], times) },
    Case { name: "body_tap", times: 4096, run: |times| hand_off::run(&[sample::PIECE; 4], times) },
    Case { name: "head_to_wire", times: 16384, run: heads::to_wire },
    Case { name: "head_to_json", times: 16384, run: heads::to_json },
    Case { name: "filters_20", times: 4096, run: filters::run },
    Case { name: "flight_append", times: 8192, run: flight::run },
    Case { name: "leaf", times: 1024, run: leaf::run },
    Case { name: "store_batch", times: 6, run: store::run },
    Case { name: "store_turns", times: 4096, run: turns::store_only },
    Case { name: "record_turns", times: 4096, run: turns::record_and_store },
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => CASES.iter().for_each(|case| println!("{} {}", case.name, case.times)),
        [name, times] => {
            let case = CASES.iter().find(|case| case.name == *name).context("no such case")?;
            (case.run)(times.parse()?)?;
        }
        ["rule", filter, times] => exchange::run(rules::one(filter)?, times.parse()?)?,
        _ => bail!("usage: counts [CASE N | rule FILTER N]"),
    }
    Ok(())
}

/// Settings with no rules.
fn at(level: Level) -> Settings {
    Settings { level, ..Settings::default() }
}

/// A runtime whose clock moves only when nothing else can, so that the same happens every time.
fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_time().start_paused(true).build()?)
}
