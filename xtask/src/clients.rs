//! Installs the clients of `tests/clients.toml`, runs them under `dashcam run`, and writes `docs/CLIENTS.md`.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use xtask::step::{exists, run, run_command, step};
use xtask::{root, tools};

/// Packages that clients need besides their own.
const BESIDE: [(&str, &str); 1] = [("pip", "h2")];

/// Installs, runs and writes.
pub(crate) fn measure() -> Result<()> {
    step("clients of apt", apt)?;
    step("clients of pip", pip)?;
    step("clients of npm", npm)?;
    step("build", || run(root(), "cargo build --package dashcam"))?;
    step("clients", || {
        let mut test = Command::new("cargo");
        test.args(["test", "--package", "dashcam-tests", "--test", "clients", "clients_are_measured"]);
        test.args(["--", "--ignored", "--nocapture"]);
        test.env("DASHCAM_CLIENTS", root().join("docs/CLIENTS.md"));
        test.env("DASHCAM_BIN", tools::target().join("debug/dashcam"));
        run_command(test.current_dir(root()))
    })
}

/// The packages of one registry.
fn packages(registry: &str) -> Result<Vec<String>> {
    let list = root().join("tests/clients.toml");
    let list: toml::Table = fs::read_to_string(&list)?.parse().with_context(|| list.display().to_string())?;
    let clients = list["client"].as_array().context("tests/clients.toml has no clients")?;
    let names = clients.iter().filter_map(|client| client.get("package")?.as_str()?.split_once(':'));
    let beside = BESIDE.iter().copied();
    let mut names: Vec<String> =
        names.chain(beside).filter(|(of, _)| *of == registry).map(|(_, name)| name.to_owned()).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Debian's, where this may install; those that are missing are not run.
fn apt() -> Result<()> {
    let missing: Vec<String> = packages("apt")?.into_iter().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() || !exists("apt-get") {
        return Ok(());
    }
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(&missing);
    run_command(install.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null())).or_else(|error| {
        eprintln!("not run, as they can't be installed: {} ({error:#})", missing.join(", "));
        Ok(())
    })
}

fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${Status}", package]).stderr(Stdio::null());
    query.output().is_ok_and(|output| output.stdout.ends_with(b" installed"))
}

fn pip() -> Result<()> {
    let venv = tools::folder().join("clients/venv");
    if !venv.join("bin/pip").exists() {
        run_command(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    let mut install = Command::new(venv.join("bin/pip"));
    run_command(install.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages("pip")?))
}

fn npm() -> Result<()> {
    let folder = tools::folder().join("clients/npm");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
    let names = packages("npm")?.into_iter().filter(|name| name != "npm");
    let mut install = Command::new("npm");
    install.args(["install", "--no-audit", "--no-fund", "--silent"]).args(names);
    run_command(install.current_dir(folder))
}
