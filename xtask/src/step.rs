//! One step of a chore: announced before, timed after.

use std::cell::Cell;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The steps that are done, and how long each took.
static DONE: Mutex<Vec<(String, Duration)>> = Mutex::new(Vec::new());

thread_local! {
    /// Set on a thread that works beside another: its commands are shown when they end, each in one piece.
    static BESIDE: Cell<bool> = const { Cell::new(false) };
}

/// Does `work` under the heading `name`, and says how long it took.
///
/// # Errors
/// Those of `work`, with the step's name.
pub fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    if !BESIDE.get() {
        eprintln!("\n=== {name}");
    }
    let start = Instant::now();
    let result = work();
    let (outcome, took) = (if result.is_ok() { "done" } else { "FAILED" }, start.elapsed());
    eprintln!("=== {name}: {outcome} in {:.1} s", took.as_secs_f64());
    DONE.lock().unwrap_or_else(PoisonError::into_inner).push((name.to_owned(), took));
    result.with_context(|| name.to_owned())
}

/// Does `beside` on a thread of its own while `work` is done. What its commands print is shown when each ends.
///
/// # Errors
/// Those of both: that of `work` first.
pub fn at_once(beside: impl FnOnce() -> Result<()> + Send, work: impl FnOnce() -> Result<()>) -> Result<()> {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            BESIDE.set(true);
            beside()
        });
        let result = work();
        let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        result.and(other)
    })
}

/// The steps so far, the longest first, a line each.
#[must_use]
pub fn table() -> String {
    let mut done = DONE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    done.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
    let lines = done.iter().map(|(name, took)| format!("{:>7.1} s  {name}\n", took.as_secs_f64()));
    lines.collect()
}

/// Runs a command line (words separated by spaces) in `folder`, its output shown.
///
/// # Errors
/// When it can't be run, or fails.
pub fn run(folder: &Path, line: &str) -> Result<()> {
    let mut words = line.split_whitespace();
    let program = words.next().context("an empty command")?;
    run_command(Command::new(program).args(words).current_dir(folder))
}

/// Runs `command`, its output shown.
///
/// # Errors
/// When it can't be run, or fails.
pub fn run_command(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = if BESIDE.get() {
        let output = command.output().with_context(|| format!("cannot run {shown}"))?;
        let mut stderr = std::io::stderr().lock();
        stderr.write_all(&output.stdout)?;
        stderr.write_all(&output.stderr)?;
        output.status
    } else {
        command.status().with_context(|| format!("cannot run {shown}"))?
    };
    if !status.success() {
        bail!("{shown} failed: {status}");
    }
    Ok(())
}

/// Runs `command` as [`run_command`] does, on the time that nothing else on the machine wants.
///
/// # Errors
/// When it can't be run, or fails.
pub fn run_in_background(command: &Command) -> Result<()> {
    let mut nice = Command::new("nice");
    nice.args(["-n", "19"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        nice.current_dir(folder);
    }
    run_command(&mut nice)
}

/// Returns whether `program` can be found.
#[must_use]
pub fn exists(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let administrators = ["/usr/sbin".into(), "/sbin".into()];
    std::env::split_paths(&paths).chain(administrators).any(|folder| folder.join(program).is_file())
}
