//! Decisions are carried: only the places that decide ask what is in force.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dashcam_tests::binary::root;

/// The files of the proxy that ask the policy: for a connection, and for an exchange.
const DECIDING: [&str; 2] = ["serve/decision.rs", "exchange/service.rs"];
/// The file that waits for changes, and wakes the connections.
const WAKING: [&str; 1] = ["proxy.rs"];
/// Settings are for those who show or store them.
const NOBODY: [&str; 0] = [];

/// The sources under `folder`, tests apart.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a name")?;
        match name {
            "tests" | "tests.rs" => {}
            _ if path.is_dir() => sources(&path, found)?,
            // Tests have inputs beside them.
            _ if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            _ => {}
        }
    }
    Ok(())
}

/// The files of the proxy that call `method` outside of their tests.
fn callers(method: &str) -> Result<Vec<String>> {
    let folder = root().join("proxy/src");
    let mut files = Vec::new();
    sources(&folder, &mut files)?;
    let mut callers = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if code.contains(method) {
            callers.push(file.strip_prefix(&folder)?.display().to_string());
        }
    }
    callers.sort();
    Ok(callers)
}

#[test]
fn only_those_who_decide_ask_the_policy() -> Result<()> {
    let check = |method: &str, expect: &[&str]| -> Result<()> {
        let mut expect = expect.to_vec();
        expect.sort_unstable();
        assert_eq!(callers(method)?, expect, "{method}: carry the decision (docs/ARCHITECTURE.md)");
        Ok(())
    };
    check(".policy()", &DECIDING)?;
    check(".for_connection(", &DECIDING[..1])?;
    check(".for_exchange(", &DECIDING[1..])?;
    check(".subscribe()", &WAKING)?;
    check("control.settings()", &NOBODY)
}
