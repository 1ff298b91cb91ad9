//! `cargo xtask fuzz`: runs the fuzz targets, each from its seeds, on what was found in earlier runs, and on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use xtask::step::{at_once, run_command, step};
use xtask::{root, tools};

/// A target, the longest inputs that make sense for it, and how many it runs where all is tested.
type Target = (&'static str, u32, u32);

const TARGETS: [Target; 5] = [
    ("detect", 20_000, 400_000),
    ("websocket", 4096, 60_000),
    ("requests", 4096, 30_000),
    ("h2_requests", 4096, 30_000),
    ("responses", 4096, 30_000),
];
/// Seconds in all when nothing else is said.
pub(crate) const MINUTE: u64 = 60;
/// An input may take this many seconds, …
const SLOW: u32 = 10;
/// … and a target this much memory in MiB.
const MEMORY: u32 = 2048;
const SMOKE_CORPUS: &str = "smoke";

/// Fuzzes for `seconds` in all, from where earlier runs stopped.
pub(crate) fn run(seconds: u64) -> Result<()> {
    prepare()?;
    let each = (seconds / TARGETS.len() as u64).max(1);
    for (target, longest, _) in TARGETS {
        step(&format!("fuzzing {target} for {each} s"), || {
            fuzz(target, longest, "corpus", &[format!("-max_total_time={each}")])
        })?;
    }
    Ok(())
}

/// Runs what has been found before, and a number of inputs that are the same each time: whether a change passes is no
/// matter of luck.
pub(crate) fn smoke() -> Result<()> {
    prepare()?;
    // Each takes one processor.
    let (first, second) = TARGETS.split_at(3);
    at_once(|| second.iter().try_for_each(smoke_one), || first.iter().try_for_each(smoke_one))
}

fn smoke_one((target, longest, runs): &Target) -> Result<()> {
    step(&format!("fuzzing {target} {runs} times"), || {
        let corpus = folder(target).join(SMOKE_CORPUS);
        if corpus.exists() {
            fs::remove_dir_all(corpus)?;
        }
        fuzz(target, *longest, SMOKE_CORPUS, &[format!("-runs={runs}"), "-seed=1".to_owned()])
    })
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

fn fuzz(target: &str, longest: u32, corpus: &str, amount: &[String]) -> Result<()> {
    let found = folder(target);
    let corpus = found.join(corpus);
    fs::create_dir_all(&corpus)?;
    let binary = tools::folder().with_file_name("debug").join(target);
    let mut fuzzer = Command::new(&binary);
    fuzzer.arg(&corpus).args(inputs(target)).current_dir(root()).args(amount).args([
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
