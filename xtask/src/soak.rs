//! Lets everything happen to a release build at once, for long.

use std::process::Command;

use anyhow::Result;

use xtask::step::{run, run_command, step};
use xtask::{root, tools};

/// How many minutes, unless it is said.
pub(crate) const MINUTES: u32 = 10;

/// Soaks a release build for so many `minutes`.
pub(crate) fn soak(minutes: u32) -> Result<()> {
    step("tools for the tests", || {
        tools::programs(&[("python3", "python3-venv")]).and_then(|()| tools::python())
    })?;
    step("release build", || run(root(), "cargo build --release"))?;
    let mut test = Command::new("cargo");
    test.args(["test", "--package", "dashcam-tests", "--test", "e2e", "soaked"]);
    test.env("DASHCAM_BIN", root().join("target/release/dashcam"));
    step("soak", || soaked(test, minutes))
}

/// Runs the test that `test` selects, which is ignored otherwise, for so many `minutes`.
pub(crate) fn soaked(mut test: Command, minutes: u32) -> Result<()> {
    test.args(["--", "--nocapture", "--ignored"]).env("DASHCAM_SOAK_MINUTES", minutes.to_string());
    run_command(test.current_dir(root()))
}
