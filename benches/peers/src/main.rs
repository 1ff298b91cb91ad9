//! The program behind `cargo xtask bench` and `cargo xtask siege`: dashcam beside its peers, on one machine in one run.

mod background;
mod case;
mod compare;
mod install;
mod load;
mod measured;
mod options;
mod peer;
mod process;
mod program;
mod report;
mod run;
mod sample;
mod siege;
mod sink;
mod site;
mod statistics;
mod trusting;
mod usage;

use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ndashcam-bench-peers: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    match words {
        ["bench", words @ ..] => compare::compare(words),
        ["siege", words @ ..] => siege::besiege(words),
        _ => bail!("run it with `cargo xtask bench` or `cargo xtask siege`"),
    }
}
