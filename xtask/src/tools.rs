//! The programs that the tests need besides Rust: installed where that needs no questions, else asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::root;
use crate::step::{exists, run, run_command};

/// Programs that the tests run, and the Debian packages that have them.
const PROGRAMS: [(&str, &str); 19] = [
    ("c++", "g++"),
    ("certutil", "libnss3-tools"),
    ("chromium", "chromium"),
    ("curl", "curl"),
    ("git", "git"),
    ("haproxy", "haproxy"),
    ("ip", "iproute2"),
    ("iptables", "iptables"),
    ("java", "default-jdk-headless"),
    ("javac", "default-jdk-headless"),
    ("nft", "nftables"),
    ("nginx", "nginx-light"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("openssl", "openssl"),
    ("python3", "python3-venv"),
    ("squid", "squid"),
    ("tshark", "tshark"),
    ("wget", "wget"),
];

/// Cargo's target folder.
#[must_use]
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where the tools for the tests are kept: in Cargo's target folder, so that `cargo clean` removes them.
#[must_use]
pub fn folder() -> PathBuf {
    target().join("test-tools")
}

/// Installs everything that the tests need.
///
/// # Errors
/// When something can't be installed; it names what.
pub fn install() -> Result<()> {
    programs(&PROGRAMS)?;
    node()?;
    python()?;
    npm("tests/node")?;
    npm("web-ui/frontend")
}

/// Sees to it that the programs are there, through apt-get where this is allowed.
///
/// # Errors
/// When one is missing and can't be installed.
pub fn programs(wanted: &[(&str, &str)]) -> Result<()> {
    let has_own_browser = std::env::var_os("CHROMIUM").is_some();
    let there = |program: &str| exists(program) || (has_own_browser && program == "chromium");
    let missing = wanted.iter().filter(|(program, _)| !there(program));
    let mut packages: Vec<&str> = missing.map(|(_, package)| *package).collect();
    if wanted.iter().any(|(program, _)| *program == "python3") && !has_venv() {
        packages.push("python3-venv");
    }
    packages.dedup();
    if packages.is_empty() {
        return Ok(());
    }
    if !(is_root() && exists("apt-get")) {
        bail!("please install {} (a Chromium elsewhere is named by $CHROMIUM)", packages.join(", "));
    }
    run(root(), "apt-get update --quiet")?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(&packages);
    // tshark would ask whether everybody may capture.
    run_command(install.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()))
        .with_context(|| format!("the tests need {}", packages.join(", ")))
}

/// Debian has Python's venv in a package of its own.
fn has_venv() -> bool {
    let check = Command::new("python3").args(["-c", "import ensurepip"]).stderr(Stdio::null()).status();
    check.is_ok_and(|status| status.success())
}

/// The front end's tools and the clients need a Node that is not too old, as Debian's may be.
fn node() -> Result<()> {
    let version = Command::new("node").arg("--version").output().context("cannot run node")?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!(
            "the tests need Node.js 20.19 or newer, and `node --version` says {version}: install one from nodejs.org"
        );
    }
    Ok(())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The Python packages that the tests need, in an environment of their own.
///
/// # Errors
/// When they can't be installed.
pub fn python() -> Result<()> {
    let requirements = root().join("tests/python/requirements.txt");
    let venv = folder().join("venv");
    unless_current(&requirements, &venv, || {
        run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))
            .context("is python3-venv installed?")?;
        let mut pip = Command::new(venv.join("bin/pip"));
        run_command(
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"])
                .arg(&requirements),
        )
    })
}

/// `npm ci` in `project`, unless its packages are as its lock file says.
///
/// # Errors
/// When they can't be installed.
pub fn npm(project: &str) -> Result<()> {
    let project = root().join(project);
    let lock = project.join("package-lock.json");
    unless_current(&lock, &project.join("node_modules"), || run(&project, "npm ci --no-audit --no-fund"))
}

/// Runs `install` unless `place` was installed from `list` as it is now; a copy of the list in `place` tells.
fn unless_current(list: &Path, place: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = fs::read(list).with_context(|| list.display().to_string())?;
    let stamp = place.join(".installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    Ok(fs::write(stamp, wanted)?)
}
