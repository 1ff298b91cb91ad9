//! `cargo xtask prose`: the words and the shape of what people read. Checks Markdown, the comments of the default
//! configuration, and the comments and texts of Rust sources.

mod markdown;
mod rules;
mod rust;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use xtask::root;

/// Pages that `cargo xtask bench --publish` writes.
const GENERATED: &str = "docs/performance/results/";
/// The rules themselves, with bad examples.
const RULES: &str = "xtask/src/prose";
/// Sources whose doc comments are the command line's help.
const HELP: &str = "app/src/cli";
/// Pages that quote bad examples.
const QUOTING: [&str; 2] = ["CONTRIBUTING.md", "docs/GLOSSARY.md"];

/// One line that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// The line's number in its file, from 1.
    line: usize,
    /// The rule, and what to write instead.
    advice: String,
}

impl Finding {
    fn new(line: usize, advice: impl Into<String>) -> Self {
        Self { line, advice: advice.into() }
    }
}

/// Checks every file that git knows; an error lists all findings.
pub(crate) fn check() -> Result<()> {
    let mut report = String::new();
    let mut count = 0;
    for path in files()? {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for Finding { line, advice } in findings(&path, &text) {
            report += &format!("\n{path}:{line}: {advice}");
            count += 1;
        }
    }
    if count > 0 {
        bail!("{count} places to reword:{report}");
    }
    Ok(())
}

/// The findings in one file, by the kind of file that its name says.
fn findings(path: &str, text: &str) -> Vec<Finding> {
    if [GENERATED, RULES].iter().any(|start| path.starts_with(start)) {
        return Vec::new();
    }
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("md") if QUOTING.contains(&path) => markdown::lines(text),
        Some("md") => markdown::check(text),
        Some("toml") if path.ends_with("config.default.toml") => rust::configuration(text),
        Some("rs") if path.starts_with(HELP) => rust::help(text),
        Some("rs") => rust::source(text),
        _ => Vec::new(),
    }
}

/// The paths of all files that are tracked, or new and not ignored.
fn files() -> Result<Vec<String>> {
    let arguments = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(arguments).current_dir(root()).output().context("git ls-files")?;
    if !output.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_file_has_its_rules() {
        let lines = |path, text| findings(path, text).iter().map(|found| found.line).collect::<Vec<_>>();
        assert_eq!(lines("docs/a.md", "Good.\n\nAt the most two.\n"), [3]);
        assert!(lines("docs/GLOSSARY.md", "Not “at the most”.\n").is_empty());
        assert_eq!(lines("app/src/a.rs", "/// What it is.\nstruct A;\n"), [1]);
        assert_eq!(lines("app/src/config.default.toml", "# Whoever may.\n#key = 1\n"), [1]);
        assert!(lines("a.png", "at the most").is_empty());
    }
}
