//! Known vulnerabilities of what the program is made of, by `cargo deny` and RustSec's database.

use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail};

use xtask::root;
use xtask::step::exists;

/// The outcome of a check.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing is known against any crate.
    Clean,
    /// Something is.
    Found,
    /// The database can't be had, as without a network.
    Unavailable,
}

/// The messages of cargo-deny where it has no database.
const NO_DATABASE: [&str; 4] = [
    "failed to fetch advisory database",
    "failed to load advisory database",
    "unable to load advisory database",
    "unable to fetch advisory database",
];

/// Checks all crates; where the database can't be had, says so and goes on.
pub(crate) fn check() -> Result<()> {
    if !exists("cargo-deny") {
        eprintln!("\n=== advisories: NOT CHECKED, because cargo-deny is not installed");
        return Ok(());
    }
    let mut deny = Command::new("cargo-deny");
    let output = deny.args(["check", "advisories"]).current_dir(root()).env_remove("CARGO").output();
    report(&output.context("cannot run cargo-deny")?)
}

fn report(output: &Output) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    match outcome(output.status.success(), &said) {
        Outcome::Clean => eprintln!("\n=== advisories: none for these crates"),
        Outcome::Unavailable => {
            let why = said.lines().find(|line| NO_DATABASE.iter().any(|what| line.contains(what)));
            let why = why.unwrap_or_default();
            eprintln!("\n=== advisories: NOT CHECKED, because their database can't be had here: {why}");
        }
        Outcome::Found => {
            eprintln!("{said}");
            bail!("an advisory concerns a crate that dashcam is made of, or cargo-deny failed (see above)");
        }
    }
    Ok(())
}

fn outcome(success: bool, said: &str) -> Outcome {
    match success {
        true => Outcome::Clean,
        false if NO_DATABASE.iter().any(|what| said.contains(what)) => Outcome::Unavailable,
        false => Outcome::Found,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn only_a_missing_database_is_passed_over() {
        let check = |code: i32, said: &str, ok: bool| {
            let output = Output {
                status: ExitStatus::from_raw(code << 8),
                stdout: Vec::new(),
                stderr: said.as_bytes().to_vec(),
            };
            assert_eq!(report(&output).is_ok(), ok, "{said}");
        };
        check(0, "advisories ok", true);
        check(
            1,
            "2026-11-29 [ERROR] failed to fetch advisory database https://github.com/rustsec/advisory-db",
            true,
        );
        check(1, "error[vulnerability]: a crate\n advisories FAILED", false);
        check(101, "panicked", false);
        assert_eq!(outcome(false, "error[yanked]: detected yanked crate"), Outcome::Found);
    }
}
