//! HAProxy, as a reverse proxy and as a relay.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Place;
use crate::process::Process;

/// Debian keeps it where only administrators look.
const PROGRAM: &str = "/usr/sbin/haproxy";

pub(super) fn start(place: &Place<'_>, template: &str) -> Result<Process> {
    let mut haproxy = Command::new(program());
    haproxy.arg("-db").arg("-f").arg(place.configure(template)?);
    Process::start(&haproxy, place.port, &place.folder)
}

pub(super) fn program() -> &'static str {
    if Path::new(PROGRAM).exists() { PROGRAM } else { "haproxy" }
}
