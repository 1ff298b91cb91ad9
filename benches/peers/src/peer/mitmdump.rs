//! `mitmdump -w`: the recording proxy that people know.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::Place;
use crate::process::Process;
use xtask::step::exists;
use xtask::tools;

pub(super) fn start(place: &Place<'_>) -> Result<Process> {
    let mut mitmdump = Command::new(program());
    mitmdump.args(["-q", "--ssl-insecure", "--listen-host", "127.0.0.1", "-p", &place.port.to_string()]);
    mitmdump.arg("-w").arg(flows(place));
    mitmdump.arg("--set").arg(format!("confdir={}", place.folder.display()));
    Process::start(&mitmdump, place.port, &place.folder)
}

/// Where it records.
pub(super) fn flows(place: &Place<'_>) -> PathBuf {
    place.folder.join("flows")
}

/// The one of the system, else the one in the tools' folder.
pub(crate) fn program() -> PathBuf {
    if exists("mitmdump") { "mitmdump".into() } else { venv().join("bin/mitmdump") }
}

/// Where it is installed if the system has none.
pub(crate) fn venv() -> PathBuf {
    tools::folder().join("mitmproxy")
}
