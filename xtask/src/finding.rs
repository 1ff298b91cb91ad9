//! `cargo xtask bench --only finding`, by a program of its own: what it measures is the store, in no proxy.

use std::process::Command;

use anyhow::Result;
use xtask::root;
use xtask::step::{run_command, step};

use crate::lint;

/// Runs the program with `words`, as a release; its smoke test as the tests are built.
pub(crate) fn measure(words: &[&str]) -> Result<()> {
    let arguments = ["--package", "dashcam-bench-finding", "--locked"];
    let mut cargo = match words.contains(&"--smoke") {
        true => lint::cargo("run --quiet"),
        false => Command::new("cargo"),
    };
    if !words.contains(&"--smoke") {
        cargo.args(["run", "--quiet", "--release"]);
    }
    cargo.args(arguments).arg("--").args(words).current_dir(root());
    step("finding", || run_command(&mut cargo))
}
