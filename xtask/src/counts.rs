//! `cargo xtask counts`: how many instructions the parts of a request's path take (`benches/micro`), beside what they
//! took when the baseline was accepted. Counts don't depend on how busy a machine is; docs/performance/methodology.md explains them.

mod baseline;
mod callgrind;

use std::process::Command;

use anyhow::{Result, bail, ensure};

use baseline::{Baseline, Judged};
use xtask::step::{exists, run_command, step};
use xtask::{root, tools};

/// Counts, prints the table and compares, or with `accept` makes what was counted the baseline.
pub(crate) fn compare(accept: bool) -> Result<()> {
    step("valgrind", install)?;
    step("build", || run_command(&mut build()))?;
    let mut counts = Vec::new();
    step("counting", || {
        for (case, times) in callgrind::cases()? {
            let count = callgrind::count(&case, times)?;
            counts.push((case, count));
        }
        Ok(())
    })?;
    let counted = Baseline::counted(counts)?;
    if accept {
        println!("{}", counted.table(None));
        return counted.write();
    }
    let baseline = Baseline::read()?;
    println!("{}", counted.table(Some(&baseline)));
    verdict(&counted, &baseline)
}

/// The command that builds what is counted.
pub(crate) fn build() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--profile", "counts", "--workspace", "--bin", "counts", "--locked"]);
    cargo.current_dir(root());
    cargo
}

/// The same as a part of all tests: left out where valgrind can't be had.
pub(crate) fn compare_if_possible() -> Result<()> {
    if let Err(error) = install() {
        eprintln!("\n=== counts of instructions: SKIPPED, because there is no valgrind: {error:#}");
        return Ok(());
    }
    step("counts of instructions", || compare(false))
}

fn verdict(counted: &Baseline, baseline: &Baseline) -> Result<()> {
    for (what, now, then) in counted.made_otherwise(baseline) {
        eprintln!("The baseline was made with another {what}: {then}, and this is {now}.");
    }
    if !counted.is_comparable(baseline) {
        eprintln!("=== counts of instructions: NOT COMPARED, because the baseline is another processor's");
        return Ok(());
    }
    let judged = counted.judge(baseline);
    let named = |wanted| {
        let names = judged.iter().filter(|(_, judged)| *judged == wanted).map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let (worse, better) = (named(Judged::Worse), named(Judged::Better));
    let changed = [named(Judged::New), named(Judged::Gone)].join(" ");
    if !better.is_empty() {
        eprintln!(
            "Better by more than {} %: {better}. Keep it: cargo xtask counts --accept",
            baseline::TOLERATED
        );
    }
    if !worse.is_empty() {
        bail!(
            "{worse}: more than {} % above the baseline. Where: callgrind_annotate {}/CASE. If it is worth it: cargo \
             xtask counts --accept",
            baseline::TOLERATED,
            callgrind::folder().display()
        );
    }
    ensure!(
        changed.trim().is_empty(),
        "{}: not in the baseline, or only there. Say so: cargo xtask counts --accept",
        changed.trim()
    );
    Ok(())
}

fn install() -> Result<()> {
    if exists("valgrind") { Ok(()) } else { tools::programs(&[("valgrind", "valgrind")]) }
}
