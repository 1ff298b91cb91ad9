//! `cargo xtask test`: what CI runs, and what anyone can run.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use xtask::step::{at_once, exists, run, run_command, run_in_background, step, table};
use xtask::{root, tools};

use crate::{advisories, again, alone, counts, frontend, lint, peers, prose, soak};

/// Everything, cheap checks first. Beside what keeps the processor busy goes what waits.
pub(crate) fn everything() -> Result<()> {
    let start = Instant::now();
    let result = all();
    eprintln!("\n{}", table());
    for name in result? {
        eprintln!("UNSTEADY: {name} passed only by itself. Mend what makes it depend on the machine's load.");
    }
    eprintln!("All is well, in {:.0} s.", start.elapsed().as_secs_f64());
    Ok(())
}

/// Returns the tests that passed only by themselves.
fn all() -> Result<Vec<String>> {
    step("formatting", || run(root(), "cargo fmt --all --check"))?;
    step("prose", prose::check)?;
    at_once(
        || {
            step("tools for the tests", tools::install)?;
            frontend::check()
        },
        || step("build and clippy", lint::build),
    )?;
    let mut unsteady = Vec::new();
    at_once(builds, || {
        step("tests", || {
            unsteady = again::test(tests, &mut std::io::stdout())?;
            Ok(())
        })
    })?;
    at_once(soak_for_a_moment, || {
        counts::compare_if_possible()?;
        step("benchmark, as a smoke test", || {
            peers::measure(&["bench", "--smoke", "--dashcam", &dashcam()])
        })?;
        alone::measure("finding", &["--smoke"])?;
        alone::measure("redaction", &["--smoke"])
    })?;
    step("siege, as a smoke test", || peers::measure(&["siege", "--smoke", "--dashcam", &dashcam()]))?;
    optional("cargo-deny", &["check", "bans", "licenses", "sources"])?;
    advisories::check()?;
    optional("cargo-machete", &[])?;
    Ok(unsteady)
}

/// Builds of which no test needs anything, while the tests wait for each other.
fn builds() -> Result<()> {
    // With the features that it has by itself, which are fewer than those of the whole workspace.
    step("dashcam alone, as users build it", || {
        run_in_background(Command::new("cargo").args(["check", "--locked"]).current_dir(root()))
    })?;
    step("counts of instructions: build", || run_in_background(&counts::build()))
}

/// Everything that can happen to dashcam, for two minutes.
fn soak_for_a_moment() -> Result<()> {
    let mut test = lint::cargo("test --workspace --locked --test e2e soaked");
    test.env("DASHCAM_BIN", dashcam());
    step("soak, two minutes", || soak::soaked(test, 2))
}

/// The Rust tests, the end-to-end ones among them, whose names contain the filter.
pub(crate) fn only(filter: &[&str]) -> Result<()> {
    at_once(|| step("tools for the tests", tools::install), || step("build and clippy", lint::build))?;
    step("tests", || run_command(tests().args(filter)))
}

fn tests() -> Command {
    let mut test = lint::cargo("test --workspace --locked --no-fail-fast");
    test.env("DASHCAM_BIN", dashcam());
    test
}

/// The binary that is tested.
fn dashcam() -> String {
    tools::target().join("debug/dashcam").display().to_string()
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
