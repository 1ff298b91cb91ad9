//! `cargo xtask bench --only redaction`: how well dashcam and scanners of others find the secrets of `tests/secrets`, and
//! what redaction costs where exchanges are recorded.

mod cost;
mod dashcam;
mod findings;
mod peers;
mod sample;
mod score;
mod usage;

use anyhow::Result;
use clap::Parser;
use dashcam_secrets::case::Case;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures precision, recall and cost of redaction.
#[derive(Parser)]
struct Options {
    /// Only what needs no peer, and a moment of the cost.
    #[arg(long)]
    smoke: bool,
    /// Name dashcam's misses and false finds.
    #[arg(long)]
    misses: bool,
    /// Without the cost.
    #[arg(long)]
    no_cost: bool,
    /// Rounds of the cost, with redaction and without in turn.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Exchanges in a round.
    #[arg(long, default_value_t = 60_000)]
    exchanges: u64,
}

fn main() -> Result<()> {
    let options = Options::parse();
    for (name, cases) in [
        ("The corpus that recognition is made with", dashcam_secrets::cases(0)),
        ("Formats of vendors, held out at first", dashcam_secrets::learnt(0)),
        ("Held out: exchanges written before recognition had seen them", dashcam_secrets::held_out(0)),
    ] {
        // Bodies that are large so that they pass in parts are no matter of recognition.
        let cases = cases.map_err(anyhow::Error::msg)?;
        let cases: Vec<Case> = cases.into_iter().filter(|case| !case.name.starts_with("parts:")).collect();
        let mut rows = vec![dashcam::score(&cases, options.misses)?];
        if !options.smoke {
            rows.extend(peers::scores(&cases)?);
        }
        println!("{name}:");
        score::print(&rows, &cases);
    }
    match (options.no_cost, options.smoke) {
        (true, _) => Ok(()),
        (false, true) => cost::measure(1, 200),
        (false, false) => cost::measure(options.rounds, options.exchanges),
    }
}
