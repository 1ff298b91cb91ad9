//! The page: its checks, and what is generated and committed, so that users need only Cargo.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use xtask::step::{run, run_command, step};
use xtask::{root, tools};

use crate::lint;

const STALE: &str = "run `cargo xtask frontend` and commit what it changes";

fn folder() -> PathBuf {
    root().join("web-ui/frontend")
}

/// Generates everything again: the API's description, the page's types, the page's build.
pub(crate) fn regenerate() -> Result<()> {
    step("npm packages", || tools::npm("web-ui/frontend"))?;
    step("openapi.json", || {
        let mut update = Command::new("cargo");
        update.args(["test", "--package", "dashcam-web-ui", "--test", "openapi"]).env("UPDATE", "1");
        run_command(update.current_dir(root()))
    })?;
    step("types", || run(&folder(), "npm run --silent types"))?;
    step("dist", || run(&folder(), "npm run --silent build"))
}

/// Takes the screenshots of the README and docs/ from a demonstration.
pub(crate) fn screenshots() -> Result<()> {
    step("npm packages", || tools::npm("web-ui/frontend"))?;
    step("build", || run_command(&mut lint::cargo("build --workspace --bins --locked")))?;
    let mut node = Command::new("node");
    node.arg("bench/screenshots.mjs").current_dir(folder());
    node.env("DASHCAM_BIN", tools::target().join("debug/dashcam"))
        .env("SCREENSHOTS", root().join("docs/screenshots"));
    step("screenshots", || run_command(&mut node))
}

/// Types, lint and unit tests of the page.
pub(crate) fn quick() -> Result<()> {
    step("front end: types, lint and formatting", || run(&folder(), "npm run --silent check"))?;
    step("front end: unit tests", || run(&folder(), "npm run --silent test"))
}

/// Checks and tests the page, and that what is committed is current.
pub(crate) fn check() -> Result<()> {
    quick()?;
    step("front end: generated types are current", types_are_current)?;
    step("front end: committed build is current", dist_is_current)?;
    // The build that goes on beside this makes it; here it is waited for.
    step("front end: dashcam", || run_command(&mut lint::cargo("build --workspace --bins --locked")))?;
    // Over the committed build, so only once that is known to be current.
    step("front end: end-to-end tests", || {
        let mut test = Command::new("npm");
        test.args(["run", "--silent", "e2e"]).current_dir(folder());
        run_command(test.env("DASHCAM_BIN", tools::target().join("debug/dashcam")))
    })
}

fn types_are_current() -> Result<()> {
    let fresh = tools::folder().join("schema.ts");
    let mut generate = Command::new("npx");
    generate.args(["--no-install", "openapi-typescript", "../openapi.json", "--output"]).arg(&fresh);
    run_command(generate.current_dir(folder()))?;
    let committed = fs::read(folder().join("src/api/schema.ts"))?;
    ensure!(fs::read(fresh)? == committed, "web-ui/frontend/src/api/schema.ts is stale: {STALE}");
    Ok(())
}

fn dist_is_current() -> Result<()> {
    let fresh = tools::folder().join("dist");
    let mut build = Command::new("npx");
    build
        .args(["--no-install", "vite", "build", "--logLevel", "warn", "--emptyOutDir", "--outDir"])
        .arg(&fresh);
    run_command(build.current_dir(folder()))?;
    let (fresh, committed) = (files(&fresh)?, files(&folder().join("dist"))?);
    let names = fresh.keys().chain(committed.keys());
    let different: Vec<&str> = names
        .filter(|name| fresh.get(*name) != committed.get(*name))
        .filter_map(|name| name.to_str())
        .collect();
    ensure!(different.is_empty(), "web-ui/frontend/dist is stale ({}): {STALE}", different.join(", "));
    Ok(())
}

/// All files below `folder` with their contents, by their paths within it.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder)?.to_owned(), fs::read(&path)?);
            }
        }
    }
    Ok(found)
}
