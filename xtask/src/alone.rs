//! `cargo xtask bench --only finding`, `redaction` and `page`, by programs of their own: what they measure is in no proxy.

use std::process::Command;

use anyhow::Result;
use xtask::step::{run_command, step};
use xtask::{root, tools};

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

/// Measures the page in Chromium, over a release of dashcam, beside mitmweb.
pub(crate) fn page(words: &[&str]) -> Result<()> {
    step("npm packages", || tools::npm("web-ui/frontend"))?;
    step("release builds", || {
        let mut cargo = Command::new("cargo");
        cargo.args([
            "build",
            "--release",
            "--locked",
            "--workspace",
            "--bin",
            "dashcam",
            "--bin",
            "dashcam-bench-finding",
        ]);
        run_command(cargo.current_dir(root()))
    })?;
    let mut node = Command::new("node");
    node.arg("bench/page.mjs").args(words).current_dir(root().join("web-ui/frontend"));
    node.env("DASHCAM_RELEASE", tools::target().join("release")).env("DASHCAM_TOOLS", tools::folder());
    node.env("MITMPROXY_FLOWS", root().join("benches/finding/mitmproxy_flows.py"));
    step("page", || run_command(&mut node))
}
