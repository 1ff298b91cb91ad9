//! oha: a client that speaks CONNECT, for proxies that have to be asked.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{Latency, Outcome, Route};
use xtask::step::exists;
use xtask::tools;

/// As many connections as wrk has.
const CONNECTIONS: &str = "32";

/// The one of the system, else the one in the tools' folder.
pub(crate) fn program() -> PathBuf {
    if exists("oha") { "oha".into() } else { place().join("bin/oha") }
}

/// Where it is installed if the system has none.
pub(crate) fn place() -> PathBuf {
    tools::folder().join("oha")
}

/// Asks for `path` for so many seconds over 32 keep-alive connections, as fast as responses come.
pub(crate) fn oha(route: Route, path: &str, seconds: u32) -> Result<Outcome> {
    let mut oha = Command::new(program());
    oha.args(["--no-tui", "--output-format", "json", "--insecure", "-w", "-c", CONNECTIONS]);
    oha.args(["-z", &format!("{seconds}s")]);
    if let Some(proxy) = route.proxy {
        oha.args(["-x", &format!("http://127.0.0.1:{proxy}")]);
    }
    let output = oha.arg(route.url(path)).output().context("cannot run oha")?;
    ensure!(output.status.success(), "oha: {}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).context("oha's JSON")?;
    read(&said)
        .with_context(|| format!("oha: {}, {}", said["statusCodeDistribution"], said["errorDistribution"]))
}

fn read(said: &Value) -> Result<Outcome> {
    let codes = said["statusCodeDistribution"].as_object().context("no status codes")?;
    let errors = said["errorDistribution"].as_object().context("no list of errors")?;
    ensure!(errors.is_empty() && codes.keys().all(|code| code == "200"), "not all is well");
    let requests = codes.get("200").and_then(Value::as_u64).context("no request")?;
    let quantile = |name: &str| {
        said["latencyPercentiles"][name].as_f64().map(|seconds| seconds * 1e6).context("no quantiles")
    };
    Ok(Outcome {
        requests,
        per_second: said["summary"]["requestsPerSec"].as_f64().context("no rate")?,
        latency: Latency { p50: quantile("p50")?, p99: quantile("p99")?, p999: quantile("p99.9")? },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_read_and_errors_are_errors() {
        let said = |errors: Value| {
            json!({
                "summary": {"requestsPerSec": 250.0},
                "latencyPercentiles": {"p50": 0.001, "p99": 0.002, "p99.9": 0.003},
                "statusCodeDistribution": {"200": 500},
                "errorDistribution": errors,
            })
        };
        let outcome = read(&said(json!({}))).unwrap();
        assert_eq!((outcome.requests, outcome.latency.p99), (500, 2000.0));
        read(&said(json!({"connection closed": 1}))).unwrap_err();
    }
}
