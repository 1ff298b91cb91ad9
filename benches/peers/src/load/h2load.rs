//! h2load: a client that speaks HTTP/2.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::{Outcome, Route, crew};

/// Asks for `path` for so many seconds, 8 connections with 16 streams each. `log` is a file for its notes.
pub(crate) fn h2load(route: Route, path: &str, seconds: u32, log: &Path) -> Result<Outcome> {
    // h2load appends.
    let _none = fs::remove_file(log);
    let mut h2load = Command::new("h2load");
    h2load.args(["-t", "1", "-c", "8", "-m", "16", "-D", &seconds.to_string()]);
    let output =
        h2load.arg("--log-file").arg(log).arg(route.url(path)).output().context("cannot run h2load")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "h2load: {text} {}", String::from_utf8_lossy(&output.stderr));
    ensure!(text.contains("Application protocol: h2\n"), "not HTTP/2: {text}");
    ensure!(text.contains(" 0 failed, 0 errored, 0 timeout"), "h2load saw errors: {text}");
    let times: Result<Vec<Duration>> = fs::read_to_string(log)?.lines().map(time).collect();
    crew::outcome(times?, Duration::from_secs(seconds.into()))
}

/// The time that a line of the log tells: start, status and duration, in microseconds.
fn time(line: &str) -> Result<Duration> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[_, status, duration] = fields.as_slice() else { anyhow::bail!("h2load's log: {line}") };
    ensure!(status == "200", "status {status}");
    Ok(Duration::from_micros(duration.parse()?))
}
