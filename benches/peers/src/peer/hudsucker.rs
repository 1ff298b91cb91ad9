//! hudsucker, the Rust library for intercepting proxies, with handlers that do nothing: what the usual stack costs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::Place;
use crate::process::Process;
use xtask::tools;

pub(super) fn start(place: &Place<'_>) -> Result<Process> {
    let mut hudsucker = Command::new(program());
    hudsucker.arg(place.port.to_string()).arg(&place.site.folder);
    Process::start(&hudsucker, place.port, &place.folder)
}

/// Where `benches/hudsucker` is built.
pub(crate) fn target() -> PathBuf {
    tools::folder().with_file_name("bench-tools").join("hudsucker")
}

pub(crate) fn program() -> PathBuf {
    target().join("release/dashcam-bench-hudsucker")
}
