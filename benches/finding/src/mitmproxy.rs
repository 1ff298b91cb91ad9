//! mitmproxy's own filter over its dump: written and asked by its own Python API.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use dashcam_exchange::{Exchange, Headers};
use serde_json::json;
use xtask::step::run_command;
use xtask::tools;

use crate::ask::Answered;
use crate::question::{Kind, Question};
use crate::report;
use crate::traffic::Traffic;

/// The version that is asked: the last that runs on Python 3.11.
const VERSION: &str = "mitmproxy==11.0.2";
/// Questions of each kind: it needs a second for one.
const QUESTIONS: u64 = 5;

/// Exchanges to print.
#[derive(Debug, Args)]
pub(crate) struct Lines {
    /// How many.
    #[arg(long)]
    exchanges: u64,
    /// The most bytes of a response's body.
    #[arg(long, default_value_t = 2000.0)]
    largest_body: f64,
}

impl Lines {
    /// Prints a line of JSON for each.
    pub(crate) fn print(&self) -> Result<()> {
        let traffic = Traffic::new(self.exchanges, self.largest_body);
        put_lines(BufWriter::new(std::io::stdout().lock()), &traffic, self.exchanges)
    }
}

/// Writes a dump of `number` exchanges, asks, and says how long it took, as a table.
pub(crate) fn measure(folder: &Path, traffic: &Traffic, number: u64, kinds: &[Kind]) -> Result<String> {
    install()?;
    let dump = folder.join("mitmproxy.flows");
    write(&dump, traffic, number)?;
    let bytes = std::fs::metadata(&dump)?.len() as f64 / 1e9;
    let asked = ask(&dump, traffic, number, kinds);
    std::fs::remove_file(&dump)?;
    let Asked { answered, load_seconds } = asked?;
    let title = format!(
        "mitmproxy's filter, among {number} flows (a dump of {bytes:.2} GB, read into memory in {load_seconds:.0} s before)"
    );
    Ok(report::table(&title, &answered))
}

#[derive(serde::Deserialize)]
struct Asked {
    answered: Vec<Answered>,
    load_seconds: f64,
}

fn venv() -> PathBuf {
    tools::folder().join("finding-mitmproxy")
}

fn install() -> Result<()> {
    if venv().join("bin/mitmdump").is_file() {
        return Ok(());
    }
    run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv()))?;
    let mut pip = Command::new(venv().join("bin/pip"));
    run_command(pip.args(["install", "--quiet", "--disable-pip-version-check", VERSION]))
}

/// A run of the script beside this file.
fn script(part: &str, dump: &Path) -> Command {
    let mut python = Command::new(venv().join("bin/python"));
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("mitmproxy_flows.py")).arg(part).arg(dump);
    python.stdin(Stdio::piped());
    python
}

fn write(dump: &Path, traffic: &Traffic, number: u64) -> Result<()> {
    let mut python = script("write", dump).spawn()?;
    let lines = BufWriter::new(python.stdin.take().context("the script reads nothing")?);
    put_lines(lines, traffic, number)?;
    ensure!(python.wait()?.success(), "the dump could not be written");
    Ok(())
}

/// Writes exchanges `1..=number`, a line each.
fn put_lines(mut to: impl Write, traffic: &Traffic, number: u64) -> Result<()> {
    for id in 1..=number {
        serde_json::to_writer(&mut to, &line(&traffic.exchange(id)))?;
        to.write_all(b"\n")?;
    }
    Ok(to.flush()?)
}

fn line(exchange: &Exchange) -> serde_json::Value {
    let headers = |headers: &Headers| serde_json::to_value(headers).unwrap_or_default();
    json!({
        "started_at": exchange.started_at.0,
        "duration_us": exchange.timings.end_us,
        "method": exchange.request.method,
        "url": exchange.url(),
        "request_headers": headers(&exchange.request.headers),
        "request_body": String::from_utf8_lossy(&exchange.request_body.rest),
        "status": exchange.response.as_ref().map(|head| head.status),
        "response_headers": exchange.response.as_ref().map(|head| headers(&head.headers)),
        "response_body": String::from_utf8_lossy(&exchange.response_body.rest),
        "error": exchange.failure.as_ref().map(|failure| &failure.message),
    })
}

fn ask(dump: &Path, traffic: &Traffic, number: u64, kinds: &[Kind]) -> Result<Asked> {
    let asked: Vec<_> = kinds.iter().filter_map(|kind| questions(*kind, traffic, number)).collect();
    let mut python = script("ask", dump).stdout(Stdio::piped()).spawn()?;
    let input = python.stdin.take().context("the script reads nothing")?;
    serde_json::to_writer(input, &asked)?;
    let output = python.wait_with_output()?;
    ensure!(output.status.success(), "mitmproxy's filter could not be asked");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Questions of a kind in mitmproxy's language, if it has words for them.
fn questions(kind: Kind, traffic: &Traffic, number: u64) -> Option<serde_json::Value> {
    let text = |question: Question| match kind {
        Kind::Range => Some(format!("~d ^{}$ & ~c {}", question.host, question.status)),
        Kind::Url | Kind::Count => Some(format!("~u {}", question.expression)),
        Kind::Header => Some(format!("~hq \"x-tenant: {}\\s\"", question.tenant)),
        Kind::Body => Some(format!("~bs {}", question.text)),
        Kind::Newest | Kind::Facets | Kind::Json => None,
    };
    let drawn = (0..QUESTIONS).map(|at| text(Question::draw(kind, at, number, traffic)));
    Some(json!({ "kind": kind, "filters": drawn.collect::<Option<Vec<String>>>()? }))
}
