//! One step of a chore: said before, timed after.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// Does `work` under the heading `name`, and says how long it took.
pub(crate) fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    eprintln!("\n=== {name}");
    let start = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "done" } else { "FAILED" };
    eprintln!("=== {name}: {outcome} in {:.1} s", start.elapsed().as_secs_f64());
    result.with_context(|| name.to_owned())
}

/// Runs a command line (words separated by spaces) in `folder`, its output shown.
pub(crate) fn run(folder: &Path, line: &str) -> Result<()> {
    let mut words = line.split_whitespace();
    let program = words.next().context("an empty command")?;
    run_command(Command::new(program).args(words).current_dir(folder))
}

/// Runs `command`, its output shown.
pub(crate) fn run_command(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown} failed: {status}");
    }
    Ok(())
}

/// Whether `program` can be found.
pub(crate) fn exists(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let administrators = ["/usr/sbin".into(), "/sbin".into()];
    std::env::split_paths(&paths).chain(administrators).any(|folder| folder.join(program).is_file())
}
