//! Real clients: curl, and scripts in Python and Node, each of which says in JSON what it got.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use crate::binary;
use crate::eventually::within;
use crate::wire::{self, Fields};

/// How a client is to reach its servers.
#[derive(Debug, Clone)]
pub struct Way {
    /// The proxy's URL; `None`: directly.
    pub proxy: Option<String>,
    /// The root to trust.
    pub ca: PathBuf,
}

/// A request to make.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The method.
    pub method: &'static str,
    /// The whole URL.
    pub url: String,
    /// Fields besides the client's own.
    pub fields: Fields,
    /// The body.
    pub body: Option<String>,
}

/// The answer that a client got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    /// The status.
    pub status: u64,
    /// The version as the client names it; empty when it does not say.
    pub version: String,
    /// The fields in the order in which the client shows them.
    pub fields: Fields,
    /// The body.
    pub body: Vec<u8>,
}

impl Ask {
    /// `GET url`.
    #[must_use]
    pub fn get(url: String) -> Self {
        Self { method: "GET", url, fields: Fields::new(), body: None }
    }
}

/// The Python of the test tools.
///
/// # Errors
/// When they are not installed.
pub fn python() -> Result<PathBuf> {
    let python = binary::target().join("test-tools/venv/bin/python");
    ensure!(python.exists(), "the Python packages for the tests are missing: run `cargo xtask test`");
    Ok(python)
}

/// A command that runs `tests/python/SCRIPT`.
///
/// # Errors
/// When the test tools are not installed.
pub fn python_script(script: &str) -> Result<Command> {
    let mut command = Command::new(python()?);
    command.arg(binary::root().join("tests/python").join(script));
    Ok(clean(command))
}

/// A command that runs `tests/node/SCRIPT`.
///
/// # Errors
/// When the test tools are not installed.
pub fn node_script(script: &str) -> Result<Command> {
    let folder = binary::root().join("tests/node");
    ensure!(
        folder.join("node_modules").exists(),
        "the Node packages for the tests are missing: run `cargo xtask test`"
    );
    let mut command = Command::new("node");
    command.arg(folder.join(script));
    Ok(clean(command))
}

/// A command without proxy settings from outside, killed with the test.
#[must_use]
pub fn clean(mut command: Command) -> Command {
    for variable in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env_remove(variable);
    }
    command.kill_on_drop(true).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs `command` with `input` and reads its JSON.
///
/// # Errors
/// When it fails or does not end.
pub async fn run(mut command: Command, input: &Value) -> Result<Value> {
    let mut child = command.spawn().with_context(|| format!("cannot run {command:?}"))?;
    let mut stdin = child.stdin.take().context("stdin is piped")?;
    // A script that does not read its input has closed it.
    let _unread = stdin.write_all(input.to_string().as_bytes()).await;
    drop(stdin);
    let output = within("the client ends", async { Ok(child.wait_with_output().await?) }).await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} {input}: {}: {stderr}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("{command:?}: no JSON; {stderr}"))
}

/// Lets `kind` make all the requests over one connection where it can.
///
/// # Errors
/// When the client fails.
pub async fn ask(kind: &str, way: &Way, asks: &[Ask]) -> Result<Vec<Got>> {
    if let Some(options) = kind.strip_prefix("curl") {
        let mut got = Vec::new();
        for ask in asks {
            got.push(curl(options, way, ask).await?);
        }
        return Ok(got);
    }
    let command = match kind.strip_prefix("node-") {
        Some(_) => node_script("client.mjs")?,
        None => python_script("client.py")?,
    };
    let requests: Vec<Value> = asks
        .iter()
        .map(|ask| json!({"method": ask.method, "url": ask.url, "headers": ask.fields, "body": ask.body}))
        .collect();
    let input = json!({"kind": kind, "proxy": way.proxy, "ca": way.ca, "requests": requests});
    let got = run(command, &input).await?;
    got.as_array().context("no list")?.iter().map(got_from).collect()
}

fn got_from(value: &Value) -> Result<Got> {
    if let Some(error) = value["error"].as_str() {
        bail!("the client failed: {error}");
    }
    let body = value["body"].as_str().context("no body")?;
    Ok(Got {
        status: value["status"].as_u64().context("no status")?,
        version: value["version"].as_str().unwrap_or_default().to_owned(),
        fields: serde_json::from_value(value["headers"].clone())?,
        body: base64::engine::general_purpose::STANDARD.decode(body)?,
    })
}

/// Makes one request with curl; `options` are further arguments, separated by spaces.
///
/// # Errors
/// When curl fails.
pub async fn curl(options: &str, way: &Way, ask: &Ask) -> Result<Got> {
    let folder = tempfile::tempdir()?;
    let mut command = curl_command(way, &ask.url);
    command.args(options.split_whitespace()).arg("--output").arg(folder.path().join("body"));
    command.arg("--dump-header").arg(folder.path().join("head")).arg("--suppress-connect-headers");
    match ask.method {
        "HEAD" => command.arg("--head"),
        method => command.args(["--request", method]),
    };
    for (name, value) in &ask.fields {
        command.args(["--header", &format!("{name}: {value}")]);
    }
    if let Some(body) = &ask.body {
        let file = folder.path().join("sent");
        std::fs::write(&file, body)?;
        command.arg("--data-binary").arg(format!("@{}", file.display()));
    }
    let output = within("curl ends", async { Ok(command.output().await?) }).await?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    let head = std::fs::read(folder.path().join("head"))?;
    let body = std::fs::read(folder.path().join("body")).unwrap_or_default();
    from_curl(&head, if ask.method == "HEAD" { Vec::new() } else { body }).await
}

/// curl on `way` to `url`, silent, with its errors shown.
#[must_use]
pub fn curl_command(way: &Way, url: &str) -> Command {
    let mut command = clean(Command::new("curl"));
    command.args(["--silent", "--show-error", "--max-time", "60", "--cacert"]).arg(&way.ca).arg(url);
    if let Some(proxy) = &way.proxy {
        command.args(["--proxy", proxy]);
    }
    command
}

async fn from_curl(mut head: &[u8], body: Vec<u8>) -> Result<Got> {
    loop {
        let last = wire::read_head(&mut head).await?.context("curl showed no head")?;
        if last.status()? >= 200 {
            let trailers = if head.is_empty() { Fields::new() } else { wire::read_fields(&mut head).await? };
            let status = u64::from(last.status()?);
            let fields = last.fields.iter().cloned().chain(trailers).collect();
            return Ok(Got { status, version: last.word(0).to_owned(), fields, body });
        }
    }
}

/// A folder's file as a path argument.
#[must_use]
pub fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// A server in another language, which ends with the test.
pub struct Server {
    /// Where it listens on 127.0.0.1.
    pub port: u64,
    _child: tokio::process::Child,
}

/// Starts a script that prints `{"port": N}` and serves until its stdin closes.
///
/// # Errors
/// When it does not come up.
pub async fn serve(mut command: Command) -> Result<Server> {
    let mut child = command.stderr(Stdio::inherit()).spawn()?;
    let mut lines = tokio::io::BufReader::new(child.stdout.take().context("stdout is piped")?).lines();
    let line =
        within("the server's port", async { Ok(lines.next_line().await?) }).await?.context("it has ended")?;
    let port = serde_json::from_str::<Value>(&line)?["port"].as_u64().context("no port")?;
    Ok(Server { port, _child: child })
}
