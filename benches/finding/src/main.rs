//! How soon an exchange is found among a million, while two thousand more are recorded each second; beside a plain table
//! in SQLite, and mitmproxy's own filter over its dump.
//!
//! `cargo xtask bench --only finding [--exchanges 1000000] [--queries 200] [--peers plain,mitmproxy]`

mod ask;
mod bodies;
mod body;
mod dashcam;
mod fill;
mod instructions;
mod load;
mod memory;
mod mitmproxy;
mod plain;
mod question;
mod random;
mod report;
mod run;
mod traffic;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures how soon exchanges are found.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    run: run::Run,
}

/// Parts of a run, each in a process of its own.
#[derive(Subcommand)]
enum Part {
    /// Answers questions.
    Ask(ask::Ask),
    /// Looks for text in bodies.
    Bodies(bodies::Bodies),
    /// Answers questions about bodies.
    Look(bodies::Look),
    /// Records, so that its instructions can be counted.
    Record(instructions::Record),
    /// Prints exchanges as mitmproxy_flows.py reads them.
    Lines(mitmproxy::Lines),
    /// Sends requests through a proxy at a steady rate.
    Load(load::Load),
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match options.part {
        Some(Part::Ask(ask)) => {
            let traffic = traffic::Traffic::new(ask.exchanges, body::MOST);
            runtime.block_on(ask.put(&traffic))
        }
        Some(Part::Bodies(bodies)) => runtime.block_on(bodies.run()),
        Some(Part::Look(look)) => runtime.block_on(look.put()),
        Some(Part::Record(record)) => runtime.block_on(record.record()),
        Some(Part::Lines(lines)) => lines.print(),
        Some(Part::Load(load)) => runtime.block_on(load.send()),
        None => runtime.block_on(options.run.run()),
    }
}
