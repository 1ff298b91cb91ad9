//! Kills dashcam again and again in the middle of traffic, and looks at what it left: the release build, for longer than
//! the tests do.

use std::process::Command;

use anyhow::Result;

use xtask::step::{run, run_command, step};
use xtask::{root, tools};

/// How often, unless it is said.
pub(crate) const TIMES: u32 = 200;

/// Kills it `times`.
pub(crate) fn kill(times: u32) -> Result<()> {
    step("tools for the tests", || {
        tools::programs(&[("python3", "python3-venv")]).and_then(|()| tools::python())
    })?;
    step("release build", || run(root(), "cargo build --release"))?;
    step("kills", || {
        let mut test = Command::new("cargo");
        test.args(["test", "--package", "dashcam-tests", "--test", "e2e", "killed_again_and_again"]);
        test.args(["--", "--nocapture"]);
        test.env("DASHCAM_KILLS", times.to_string())
            .env("DASHCAM_BIN", root().join("target/release/dashcam"));
        run_command(test.current_dir(root()))
    })
}
