//! `cargo xtask fuzz`: runs the fuzz targets, each from its seeds, on what was found in earlier runs, and on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use xtask::step::{run_command, step};
use xtask::{root, tools};

/// The targets, and the longest inputs that make sense for them.
const TARGETS: [(&str, u32); 6] = [
    ("detect", 20_000),
    ("websocket", 4096),
    ("requests", 4096),
    ("h2_requests", 4096),
    ("responses", 4096),
    ("redact", 4096),
];
/// Seconds in all when nothing else is said.
pub(crate) const MINUTE: u64 = 60;
/// An input may take this many seconds, …
const SLOW: u32 = 10;
/// … and a target this much memory in MiB.
const MEMORY: u32 = 2048;

/// Fuzzes for `seconds` in all, from where earlier runs stopped.
pub(crate) fn run(seconds: u64) -> Result<()> {
    prepare()?;
    let each = (seconds / TARGETS.len() as u64).max(1);
    for (target, longest) in TARGETS {
        step(&format!("fuzzing {target} for {each} s"), || fuzz(target, longest, each))?;
    }
    Ok(())
}

fn prepare() -> Result<()> {
    step("C++ compiler for libFuzzer", || tools::programs(&[("c++", "g++")]))?;
    step("fuzz targets, instrumented", build)
}

/// Instruments our own crates only, so that nearly all dependencies are those of every other build.
fn build() -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--workspace", "--locked"]).current_dir(root());
    build.args(TARGETS.iter().flat_map(|(target, ..)| ["--bin", target]));
    run_command(build.env("RUSTC_WORKSPACE_WRAPPER", root().join("fuzz/rustc")))
}

/// A target's folder: what it found, and what it goes on from.
fn folder(target: &str) -> PathBuf {
    tools::folder().with_file_name("fuzz").join(target)
}

fn fuzz(target: &str, longest: u32, seconds: u64) -> Result<()> {
    let found = folder(target);
    let corpus = found.join("corpus");
    fs::create_dir_all(&corpus)?;
    let binary = tools::folder().with_file_name("debug").join(target);
    let mut fuzzer = Command::new(&binary);
    fuzzer.arg(&corpus).args(inputs(target)).current_dir(root()).args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={longest}"),
        format!("-timeout={SLOW}"),
        format!("-rss_limit_mb={MEMORY}"),
        format!("-artifact_prefix={}/", found.display()),
        "-print_final_stats=1".to_owned(),
        "-dict=fuzz/http.dict".to_owned(),
        "-verbosity=0".to_owned(),
    ]);
    let result = run_command(&mut fuzzer);
    ensure!(
        result.is_ok(),
        "{target} found something: the input is named above, and shown in base64. Run it again with\n    {} INPUT\nand \
         when it is understood, keep it as fuzz/regressions/{target}/NAME: `cargo test` then runs it as well.",
        binary.display()
    );
    Ok(())
}

/// The committed inputs. They are read only: what is new goes into the corpus in the target folder.
fn inputs(target: &str) -> Vec<PathBuf> {
    let folder = |kind: &str| Path::new("fuzz").join(kind).join(target);
    ["seeds", "regressions"].map(folder).into_iter().filter(|folder| root().join(folder).is_dir()).collect()
}
