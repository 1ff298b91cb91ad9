//! wrk: the cheapest client, for proxies that are taken for the origin.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{Latency, Outcome, Route};
use xtask::root;

/// How wrk is to ask.
#[derive(Debug, Clone)]
pub(crate) struct Wrk {
    /// Without its first slash.
    pub(crate) path: String,
    pub(crate) connections: usize,
    /// Further fields of each request.
    pub(crate) headers: Vec<String>,
    /// How long a connection rests before it asks again, in milliseconds.
    pub(crate) rest: Option<u32>,
}

impl Wrk {
    /// 32 connections, nothing special.
    pub(crate) fn get(path: &str) -> Self {
        Self { path: path.to_owned(), connections: 32, headers: Vec::new(), rest: None }
    }
}

/// Asks for so many seconds, as fast as responses come.
pub(crate) fn wrk(route: Route, how: &Wrk, seconds: u32) -> Result<Outcome> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t", "1", "-c", &how.connections.to_string(), "-d", &format!("{seconds}s"), "-s"]);
    wrk.arg(root().join("benches/latency.lua"));
    wrk.args(how.headers.iter().flat_map(|header| ["-H", header]));
    wrk.arg(route.url(&how.path));
    wrk.args(how.rest.iter().flat_map(|rest| ["--".to_owned(), rest.to_string()]));
    let output = wrk.output().context("cannot run wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk: {text} {}", String::from_utf8_lossy(&output.stderr));
    let last = text.lines().rfind(|line| line.starts_with('{')).context("wrk said no figures")?;
    read(last).with_context(|| text.into_owned())
}

fn read(line: &str) -> Result<Outcome> {
    let said: Value = serde_json::from_str(line)?;
    let figure = |name: &str| said[name].as_f64().with_context(|| format!("wrk said no {name}"));
    ensure!(figure("errors")? == 0.0, "wrk saw errors");
    let requests = figure("requests")?;
    Ok(Outcome {
        requests: requests as u64,
        per_second: requests / figure("duration")? * 1e6,
        latency: Latency { p50: figure("p50")?, p99: figure("p99")?, p999: figure("p999")? },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_errors_are_errors() {
        let line = |errors| {
            format!(
                r#"{{"requests": 500, "duration": 2000000, "errors": {errors}, "p50": 10, "p99": 20, "p999": 30}}"#
            )
        };
        let outcome = read(&line(0)).unwrap();
        assert_eq!((outcome.requests, outcome.per_second), (500, 250.0));
        read(&line(1)).unwrap_err();
    }
}
