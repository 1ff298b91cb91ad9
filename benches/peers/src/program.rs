//! The program that is measured, and what this process needs to measure it.

use std::path::PathBuf;

use anyhow::Result;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use xtask::step::{run, step};
use xtask::{root, tools};

use super::options::Build;

/// The dashcam of this tree: optimised, or as the tests build it.
pub(crate) fn built(smoke: bool) -> Result<Build> {
    let (profile, line) = if smoke {
        ("debug", "cargo build --locked --workspace --bin dashcam")
    } else {
        ("release", "cargo build --release --locked")
    };
    step("build", || run(root(), line))?;
    let program: PathBuf = tools::folder().with_file_name(profile).join("dashcam");
    Ok(Build { name: "dashcam".to_owned(), program })
}

/// Thousands of connections are files too, here and in the peers, which inherit the limit.
pub(crate) fn raise_limit() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        eprintln!("the limit on open files could not be raised: {error}");
    }
}
