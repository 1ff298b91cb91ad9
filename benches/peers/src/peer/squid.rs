//! Squid with `ssl_bump`: it reads what clients send through CONNECT.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::Place;
use crate::process::Process;
use xtask::step::run_command;

/// Debian keeps it where only administrators look.
const PROGRAM: &str = "/usr/sbin/squid";

/// The program that issues certificates for it, wherever distributions put it.
const CERTGEN: [&str; 3] = [
    "/usr/lib/squid/security_file_certgen",
    "/usr/lib64/squid/security_file_certgen",
    "/usr/libexec/squid/security_file_certgen",
];

pub(super) fn start(place: &Place<'_>) -> Result<Process> {
    let config = place.configure("squid.conf")?;
    let certgen = certgen().context("Squid without security_file_certgen: squid-openssl is wanted")?;
    let text = std::fs::read_to_string(&config)?.replace("@CERTGEN@", &certgen.display().to_string());
    std::fs::write(&config, text)?;
    let mut database = Command::new(&certgen);
    database.arg("-c").arg("-s").arg(place.folder.join("ssl_db")).args(["-M", "4MB"]);
    run_command(database.stdout(Stdio::null()))?;
    // Started by root it becomes the user `proxy`, and needs the folder then.
    let mut owner = Command::new("chown");
    let _only_root_may = owner.arg("-R").arg("proxy").arg(&place.folder).stderr(Stdio::null()).status();
    let mut squid = Command::new(program());
    squid.arg("-N").arg("-f").arg(config);
    Process::start(&squid, place.port, &place.folder)
}

pub(super) fn program() -> &'static str {
    if Path::new(PROGRAM).exists() { PROGRAM } else { "squid" }
}

fn certgen() -> Option<PathBuf> {
    CERTGEN.iter().map(PathBuf::from).find(|file| file.is_file())
}
