//! `cargo xtask check [CRATE…]`: an answer in less than a minute while one works, before `cargo xtask test`.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use xtask::root;
use xtask::step::{run, run_command, step, table};

use crate::{frontend, lint};

/// The crates by their folders, deeper ones first. `tests` has no quick tests, and is only compiled.
const CRATES: [(&str, &str); 26] = [
    ("benches/finding", "dashcam-bench-finding"),
    ("benches/micro", "dashcam-benches"),
    ("benches/peers", "dashcam-bench-peers"),
    ("benches/recording", "dashcam-bench-recording"),
    ("benches/redaction", "dashcam-bench-redaction"),
    ("app", "dashcam"),
    ("ca", "dashcam-ca"),
    ("changes", "dashcam-changes"),
    ("control", "dashcam-control"),
    ("demo", "dashcam-demo"),
    ("exchange", "dashcam-exchange"),
    ("filter", "dashcam-filter"),
    ("flight", "dashcam-flight"),
    ("fuzz", "dashcam-fuzz"),
    ("governor", "dashcam-governor"),
    ("programs", "dashcam-programs"),
    ("proxy", "dashcam-proxy"),
    ("recorder", "dashcam-recorder"),
    ("redact", "dashcam-redact"),
    ("store", "dashcam-store"),
    ("syscalls", "dashcam-syscalls"),
    ("tests/secrets", "dashcam-secrets"),
    ("tests", "dashcam-tests"),
    ("views", "dashcam-views"),
    ("web-ui", "dashcam-web-ui"),
    ("xtask", "xtask"),
];
/// Where the page is.
const PAGE: &str = "web-ui/frontend";

/// Formatting, lints and types of everything; unit tests of the crates named, or else of those that differ from the last
/// commit; the page's checks if the page does.
pub(crate) fn check(named: &[&str]) -> Result<()> {
    let changed = if named.is_empty() { changed()? } else { BTreeSet::new() };
    let crates = if named.is_empty() { crates_of(&changed) } else { known(named)? };
    step("formatting", || run(root(), "cargo fmt --all --check"))?;
    step("clippy", || run(root(), "cargo clippy --workspace --all-targets --locked -- -D warnings"))?;
    for name in
        crates.iter().filter(|name| !matches!(**name, "dashcam-tests" | "dashcam-fuzz" | "dashcam-benches"))
    {
        step(&format!("unit tests of {name}"), || {
            let kinds = match *name {
                "dashcam"
                | "dashcam-bench-finding"
                | "dashcam-bench-peers"
                | "dashcam-bench-recording"
                | "dashcam-bench-redaction" => "--bins",
                "xtask" => "--lib --bins",
                _ => "--lib",
            };
            run_command(&mut lint::cargo(&format!("test --quiet --locked --package {name} {kinds}")))
        })?;
    }
    if named.is_empty() && changed.iter().any(|path| path.starts_with(PAGE)) {
        frontend::quick()?;
    }
    eprintln!("\n{}", table());
    Ok(())
}

fn known(named: &[&str]) -> Result<BTreeSet<&'static str>> {
    let find = |wanted: &&str| {
        let found = CRATES.iter().find(|(folder, name)| folder == wanted || name == wanted);
        let Some((_, name)) = found else {
            let folders: Vec<&str> = CRATES.iter().map(|(folder, _)| *folder).collect();
            bail!("unknown crate {wanted:?}; expected one of {}", folders.join(", "));
        };
        Ok(*name)
    };
    named.iter().map(find).collect()
}

fn crates_of(paths: &BTreeSet<String>) -> BTreeSet<&'static str> {
    let of = |path: &String| {
        let found = CRATES
            .iter()
            .find(|(folder, _)| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
        found.filter(|_| !path.starts_with(PAGE)).map(|(_, name)| *name)
    };
    paths.iter().filter_map(of).collect()
}

/// The files that differ from the last commit.
fn changed() -> Result<BTreeSet<String>> {
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--no-renames", "--untracked-files=all"]).current_dir(root());
    let output = git.output().context("cannot run git")?;
    ensure!(output.status.success(), "git status: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().filter_map(|line| line.get(3..)).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_crates() {
        let paths = [
            "proxy/src/body.rs",
            "benches/micro/src/main.rs",
            "web-ui/frontend/src/main.ts",
            "docs/API.md",
            "tests/x",
        ];
        let paths = paths.into_iter().map(str::to_owned).collect();
        let crates: Vec<_> = crates_of(&paths).into_iter().collect();
        assert_eq!(crates, ["dashcam-benches", "dashcam-proxy", "dashcam-tests"]);
        assert_eq!(known(&["proxy", "dashcam"]).unwrap().len(), 2);
        assert!(known(&["nothing"]).is_err());
    }

    /// Each member of the workspace is known.
    #[test]
    fn crates_are_those_of_the_workspace() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let members = manifest["workspace"]["members"].as_array().unwrap();
        let members: BTreeSet<_> = members.iter().filter_map(toml::Value::as_str).collect();
        assert_eq!(members, CRATES.iter().map(|(folder, _)| *folder).collect());
    }
}
