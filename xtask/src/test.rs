//! `cargo xtask test`: what CI runs, and what anyone can run.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::step::{exists, run, run_command, step};
use crate::{advisories, bench, counts, frontend, fuzz, root, tools};

/// Everything, cheap checks first.
pub(crate) fn everything() -> Result<()> {
    let start = Instant::now();
    step("tools for the tests", tools::install)?;
    step("formatting", || run(root(), "cargo fmt --all --check"))?;
    step("clippy", || run(root(), "cargo clippy --workspace --all-targets --locked -- -D warnings"))?;
    // Members of the workspace with a feature that only they may ask for.
    step("clippy of the micro-benchmarks", || {
        run(root(), "cargo clippy --package dashcam-benches --features counts --locked -- -D warnings")
    })?;
    frontend::check()?;
    rust(&[])?;
    fuzz::smoke()?;
    counts::compare_if_possible()?;
    step("benchmark, as a smoke test", || bench::compare(&["--smoke"]))?;
    step("siege, as a smoke test", || bench::besiege(&["--smoke"]))?;
    optional("cargo-deny", &["check", "bans", "licenses", "sources"])?;
    advisories::check()?;
    optional("cargo-machete", &[])?;
    eprintln!("\nAll is well, in {:.0} s.", start.elapsed().as_secs_f64());
    Ok(())
}

/// The Rust tests, the end-to-end ones among them, whose names contain the filter.
pub(crate) fn only(filter: &[&str]) -> Result<()> {
    step("tools for the tests", tools::install)?;
    rust(filter)
}

fn rust(filter: &[&str]) -> Result<()> {
    // All targets at once: the binary under test then shares its dependencies with the tests.
    step("build", || run(root(), "cargo build --workspace --all-targets --locked"))?;
    let target = tools::folder().with_file_name("debug");
    step("tests", || {
        let mut test = Command::new("cargo");
        test.args(["test", "--workspace", "--locked", "--no-fail-fast"]).args(filter).current_dir(root());
        run_command(test.env("DASHCAM_BIN", target.join("dashcam")))
    })
}

/// A check whose tool takes long to compile: run where it is installed.
fn optional(program: &str, arguments: &[&str]) -> Result<()> {
    if !exists(program) {
        eprintln!("\n=== {program}: skipped, because it is not installed");
        return Ok(());
    }
    // By itself, not as a subcommand: cargo-machete takes its own name for a folder if this is set.
    let mut check = Command::new(program);
    check.args(arguments).current_dir(root()).env_remove("CARGO");
    step(program, || run_command(&mut check))
}
