//! `cargo xtask bench` and `cargo xtask siege`, by a program of their own: their load clients bring TLS and HTTP/2
//! along, which no other chore needs.

use std::process::Command;

use anyhow::Result;
use xtask::step::{run, run_command, step};
use xtask::{root, tools};

use crate::lint;

/// Runs the program with `words`: `bench` or `siege`, and their options. A benchmark whose figures count has load clients
/// that are optimised, so that they take less from what they measure.
pub(crate) fn measure(words: &[&str]) -> Result<()> {
    let is_measured = words.first() == Some(&"bench") && !words.contains(&"--smoke");
    let profile = if is_measured { "counts" } else { "debug" };
    step("load clients", || {
        if is_measured {
            return run(
                root(),
                "cargo build --profile counts --locked --workspace --bin dashcam-bench-peers",
            );
        }
        run_command(&mut lint::cargo("build --locked --workspace --bin dashcam-bench-peers"))
    })?;
    run_command(Command::new(tools::target().join(profile).join("dashcam-bench-peers")).args(words))
}
