//! `cargo xtask bench --only finding` and `--only redaction`, by programs of their own: what they measure is in no proxy.

use std::process::Command;

use anyhow::Result;
use xtask::root;
use xtask::step::{run_command, step};

use crate::lint;

/// Runs the program of the benchmark `name` with `words`, as a release; its smoke test as the tests are built.
pub(crate) fn measure(name: &str, words: &[&str]) -> Result<()> {
    let package = format!("dashcam-bench-{name}");
    let arguments = ["--package", &package, "--locked"];
    let mut cargo = match words.contains(&"--smoke") {
        true => lint::cargo("run --quiet"),
        false => Command::new("cargo"),
    };
    if !words.contains(&"--smoke") {
        cargo.args(["run", "--quiet", "--release"]);
    }
    cargo.args(arguments).arg("--").args(words).current_dir(root());
    step(name, || run_command(&mut cargo))
}
