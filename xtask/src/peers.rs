//! `cargo xtask bench` and `cargo xtask siege`, by a program of their own: their load clients bring TLS and HTTP/2
//! along, which no other chore needs.

use std::process::Command;

use anyhow::Result;
use xtask::step::{run_command, step};
use xtask::tools;

use crate::lint;

/// Runs the program with `words`: `bench` or `siege`, and their options.
pub(crate) fn measure(words: &[&str]) -> Result<()> {
    step("load clients", || {
        run_command(&mut lint::cargo("build --locked --workspace --bin dashcam-bench-peers"))
    })?;
    run_command(Command::new(tools::target().join("debug/dashcam-bench-peers")).args(words))
}
