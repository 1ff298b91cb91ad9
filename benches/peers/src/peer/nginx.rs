//! nginx: the yardstick, and the origin.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Place;
use crate::process::Process;

/// Debian keeps it where only administrators look.
const PROGRAM: &str = "/usr/sbin/nginx";

pub(super) fn start(place: &Place<'_>, template: &str) -> Result<Process> {
    run(Path::new(program()), place, template)
}

/// The same with a program from elsewhere.
pub(super) fn run(program: &Path, place: &Place<'_>, template: &str) -> Result<Process> {
    let config = place.configure(template)?;
    let mut nginx = Command::new(program);
    nginx.arg("-p").arg(&place.folder).arg("-c").arg(config).arg("-e").arg(place.folder.join("error.log"));
    Process::start(&nginx, place.port, &place.folder)
}

pub(super) fn program() -> &'static str {
    if Path::new(PROGRAM).exists() { PROGRAM } else { "nginx" }
}
