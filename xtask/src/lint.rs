//! Clippy while the workspace is built: our own crates are compiled once, linted and ready to run.

use std::process::Command;

use anyhow::Result;
use xtask::root;
use xtask::step::run_command;

/// A cargo command that lints what it compiles of ours, and fails for what clippy says.
pub(crate) fn cargo(words: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(words.split_whitespace()).current_dir(root());
    // As `cargo clippy` runs it, but for code that is to run. The arguments are separated by that word.
    cargo.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", "-Dwarnings__CLIPPY_HACKERY__");
    cargo
}

/// Builds all that is tested.
pub(crate) fn build() -> Result<()> {
    run_command(&mut cargo("build --workspace --all-targets --locked"))
}
