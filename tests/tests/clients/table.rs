//! The table of clients in `docs/CLIENTS.md`: `cargo xtask clients` installs them and lets this file run them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::binary::{root, target};
use dashcam_tests::clients::clean;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::origin::Origin;
use serde::Deserialize;
use tokio::process::Command;
use tokio::time::timeout;

/// The longest time that a client may take.
const LONGEST: Duration = Duration::from_secs(40);
/// The variable that names the file to write.
const VARIABLE: &str = "DASHCAM_CLIENTS";
/// The variables that most programs know.
const USUAL: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

#[derive(Debug, Deserialize)]
struct Table {
    client: Vec<Client>,
}

/// An entry of `tests/clients.toml`, which describes the fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    group: String,
    name: String,
    package: String,
    command: Vec<String>,
    by: Option<String>,
    needs: Option<String>,
}

/// The version of a client, and the ways on which its request was on record.
#[derive(Debug)]
struct Measured {
    version: String,
    with_usual: bool,
    under_run: bool,
}

fn table() -> Result<Table> {
    Ok(toml::from_str(&std::fs::read_to_string(root().join("tests/clients.toml"))?)?)
}

/// The families that `dashcam run --clients` prints: the name, and the lines under it.
async fn families() -> Result<Vec<(String, Vec<String>)>> {
    let output = cli(Path::new("/nonexistent"))?.args(["run", "--clients"]).output().await?;
    let mut families: Vec<(String, Vec<String>)> = Vec::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        match (line.strip_prefix("  "), families.last_mut()) {
            (Some(line), Some((_, lines))) => lines.push(line.to_owned()),
            _ => families.push((line.to_owned(), Vec::new())),
        }
    }
    Ok(families)
}

fn described(families: &[(String, Vec<String>)]) -> String {
    let mut text = "\n## What `dashcam run` gives to them\n\n| programs | why | sets | lays over |\n\
                    | --- | --- | --- | --- |\n"
        .to_owned();
    for (name, lines) in families {
        let list = |label: &str| {
            let names = lines.iter().find_map(|line| line.strip_prefix(label)).unwrap_or_default();
            names
                .split(", ")
                .filter(|name| !name.is_empty())
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
        };
        let (sets, over) = (list("sets ").join(", "), list("lays over ").join(", "));
        // Writing to a String does not fail.
        let _ = writeln!(text, "| {name} | {} | {sets} | {over} |", lines.first().map_or("", String::as_str));
    }
    text
}

/// The folder in which `cargo xtask clients` installs.
fn installed() -> PathBuf {
    target().join("test-tools/clients")
}

/// The version of a package; `None` if it is not installed.
async fn version(package: &str) -> Option<String> {
    let (registry, name) = package.split_once(':')?;
    let output = async |program: &Path, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().await.ok()?;
        let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !text.is_empty()).then_some(text)
    };
    match (registry, name) {
        ("system", program) => {
            let text = output(Path::new(program), &["--version"]).await?;
            Some(text.trim_start_matches(|letter: char| !letter.is_ascii_digit()).to_owned())
        }
        ("apt", name) => output(Path::new("dpkg-query"), &["-W", "-f", "${Version}", name]).await,
        ("pip", name) => {
            let code = format!("import importlib.metadata as m; print(m.version({name:?}))");
            output(&installed().join("venv/bin/python"), &["-c", &code]).await
        }
        ("npm", "npm") => output(Path::new("npm"), &["--version"]).await,
        ("npm", name) => {
            let manifest = installed().join("npm/node_modules").join(name).join("package.json");
            let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(manifest).ok()?).ok()?;
            manifest["version"].as_str().map(str::to_owned)
        }
        _ => None,
    }
}

/// The servers that the clients ask.
struct Origins {
    tls: Origin,
    plain: Origin,
    /// At the name of this machine, for clients that use no proxy for localhost.
    named: Origin,
    name: String,
}

impl Origins {
    /// `words` with every place filled.
    fn filled(&self, words: &[String], tag: &str) -> Vec<String> {
        let places = [
            ("<PLAINPORT>", self.plain.port().to_string()),
            ("<PLAIN>", self.plain.url(&format!("/{tag}"))),
            ("<PORT>", self.tls.port().to_string()),
            ("<BASE>", self.tls.url(&format!("/{tag}"))),
            ("<URL>", self.tls.url(&format!("/{tag}"))),
            ("<WSS>", self.tls.url(&format!("/{tag}")).replacen("https", "wss", 1)),
            ("<NAMED>", self.named.url(&format!("/{tag}")).replacen("localhost", &self.name, 1)),
            ("<TAG>", tag.to_owned()),
        ];
        let fill = |text: String, (place, value): &(&str, String)| text.replace(place, value);
        let fill = |word: &String| places.iter().fold(word.clone(), fill);
        words.iter().map(fill).collect()
    }
}

/// Runs a client to its end and returns whether its request is on record.
async fn is_recorded(dashcam: &Dashcam, mut command: Command, tag: &str) -> Result<bool> {
    let home = tempfile::tempdir()?;
    let path = std::env::var("PATH")?;
    let folder = installed().display().to_string();
    command.env("HOME", home.path()).env("LANG", "C.UTF-8").current_dir(installed().join("npm"));
    command.env("PATH", format!("{folder}/venv/bin:{folder}/npm/node_modules/.bin:{path}"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    // A client that asks again and again is not waited for: its first request is there.
    if let Ok(ended) = timeout(LONGEST, command.status()).await {
        ended.with_context(|| format!("{command:?}"))?;
    }
    // The API has it from its first moment.
    let found = dashcam.api().get(&format!("/exchanges?filter={tag}")).await?;
    Ok(found["exchanges"].as_array().is_some_and(|all| !all.is_empty()))
}

/// Runs a client with the usual variables, and under `dashcam run`.
async fn measured(
    client: &Client,
    number: usize,
    dashcam: &Dashcam,
    origins: &Origins,
) -> Result<Option<Measured>> {
    let Some(version) = version(&client.package).await else { return Ok(None) };
    let mut recorded = [false; 2];
    for (way, recorded) in ["run", "usual"].into_iter().zip(&mut recorded) {
        let tag = format!("{way}{number}x");
        let words = origins.filled(&client.command, &tag);
        let mut command = if way == "run" {
            let mut command = clean(cli(dashcam.home())?);
            command.env_clear().env("DASHCAM_HOME", dashcam.home()).args(["run", "--"]).args(&words);
            command
        } else {
            let mut command = Command::new(&words[0]);
            command.env_clear().args(&words[1..]).env("SSL_CERT_FILE", dashcam.home().join("bundle.pem"));
            command.envs(USUAL.map(|name| (name, dashcam.proxy_url())));
            command
        };
        *recorded = is_recorded(dashcam, std::mem::replace(&mut command, Command::new("true")), &tag).await?;
    }
    let [under_run, with_usual] = recorded;
    eprintln!("{}: run {under_run}, usual variables {with_usual}", client.name);
    Ok(Some(Measured { version, with_usual, under_run }))
}

const INTRODUCTION: &str = "\
# Programs and `dashcam run`

`dashcam run -- PROGRAM` sets variables and writes files so that a program's traffic comes to
dashcam and the program trusts its certificate. This page lists programs that were tried.
`cargo xtask clients` installs them, runs each against a server on this machine and writes the page.

- **variables** says whether the program's request is recorded when only `HTTP_PROXY`,
  `HTTPS_PROXY`, `ALL_PROXY` and `SSL_CERT_FILE` are set.
- **run** says the same for `dashcam run`.
- The last column names the entry of the table below that brings a program, or the cure where
  `dashcam run` does not bring it.

Variables of yours that `dashcam run` needs as well (`NODE_OPTIONS`, `PYTHONPATH`, `WGETRC` and
others) keep your value, with dashcam's added. Hosts in your `NO_PROXY` are left alone.

On Linux the program gets a mount namespace in which dashcam's files lie over some of the system's.
Nobody else sees them. Two things don't work in there, and need `--no-namespace`: `sudo`, unless you
are root, and the replacement of these files, as in an upgrade of `ca-certificates`.

`dashcam run --deep -- PROGRAM` (Linux, no rights needed) captures every TCP connection of the
program, whatever it knows of a proxy, static programs too. Programs of this page that need
something work with it as they are, if they trust dashcam's certificate. Other protocols than HTTP
are relayed and listed as tunnels. `sudo` and other programs that gain rights don't work in there
unless you are root.

At the end, `dashcam run` reports a program that made no connection, or that rejected the
certificate, and shows the cure.
";

/// The page.
fn page(table: &Table, measured: &BTreeMap<usize, Measured>, families: &[(String, Vec<String>)]) -> String {
    let mut text = INTRODUCTION.to_owned();
    let count = |wanted: &dyn Fn(&Measured) -> bool| measured.values().filter(|one| wanted(one)).count();
    let _ = writeln!(
        text,
        "\nOf {} clients that ran, {} are recorded with the usual variables and {} under `dashcam run`.",
        measured.len(),
        count(&|one| one.with_usual),
        count(&|one| one.under_run)
    );
    let mut group = "";
    for (number, client) in table.client.iter().enumerate() {
        if client.group != group {
            group = &client.group;
            let _ = writeln!(
                text,
                "\n## {group}\n\n| client | version | variables | run | brought by, or needs |\n\
                 | --- | --- | --- | --- | --- |"
            );
        }
        let mark = |is: bool| if is { "recorded" } else { "–" };
        let (version, usual, run) = measured.get(&number).map_or(("not run", "", ""), |one| {
            (one.version.lines().next().unwrap_or_default(), mark(one.with_usual), mark(one.under_run))
        });
        let last = client.needs.as_ref().or(client.by.as_ref()).map_or("", String::as_str);
        let _ = writeln!(text, "| {} | {version} | {usual} | {run} | {last} |", client.name);
    }
    text + &described(families)
}

/// The clients that `dashcam run` is to bring are brought, and the page says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "`cargo xtask clients` runs it"]
async fn clients_are_measured_and_written() -> Result<()> {
    let file = std::env::var_os(VARIABLE).with_context(|| format!("${VARIABLE} names no file"))?;
    let (table, families) = (table()?, families().await?);
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")?.trim().to_owned();
    let origins = Origins {
        tls: Origin::https().await?,
        plain: Origin::http().await?,
        named: Origin::https_with(&[&name]).await?,
        name,
    };
    let dashcam = Dashcam::unredacted(&[]).await?;
    let (mut all, mut unlike) = (BTreeMap::new(), Vec::new());
    for (number, client) in table.client.iter().enumerate() {
        let Some(measured) = measured(client, number, &dashcam, &origins).await? else { continue };
        if measured.under_run == client.needs.is_some() {
            unlike.push(&client.name);
        }
        all.insert(number, measured);
    }
    std::fs::write(file, page(&table, &all, &families))?;
    ensure!(unlike.is_empty(), "tests/clients.toml says otherwise of {unlike:?}");
    Ok(())
}

/// The committed page has every client of the list, and the table of `dashcam run --clients` as it is now.
#[tokio::test]
async fn the_page_is_current() -> Result<()> {
    let (table, families) = (table()?, families().await?);
    let page = std::fs::read_to_string(root().join("docs/CLIENTS.md"))?;
    let advice = "run `cargo xtask clients` and commit docs/CLIENTS.md";
    for client in &table.client {
        assert!(page.contains(&format!("\n| {} | ", client.name)), "{}: {advice}", client.name);
        let by = client.by.as_ref();
        assert!(by.is_none_or(|by| families.iter().any(|(name, _)| name == by)), "{by:?} is no family");
    }
    assert!(page.ends_with(&described(&families)), "{advice}");
    Ok(())
}
