//! The house rules that a compiler does not check: which crate may know which.

mod decisions;
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::binary::root;
use serde_json::Value;

/// The crates that each crate may know; `docs/ARCHITECTURE.md` says why.
const MAY_KNOW: [(&str, &[&str]); 26] = [
    ("dashcam-demo", &["ca"]),
    ("dashcam-exchange", &[]),
    ("dashcam-filter", &["exchange"]),
    ("dashcam-flight", &["exchange", "filter"]),
    ("dashcam-ca", &[]),
    ("dashcam-changes", &["exchange", "filter", "control", "store"]),
    ("dashcam-control", &["exchange", "filter", "redact"]),
    ("dashcam-governor", &["exchange", "control"]),
    ("dashcam-programs", &["exchange"]),
    ("dashcam-recorder", &["exchange", "filter", "control", "redact"]),
    ("dashcam-redact", &["exchange"]),
    ("dashcam-store", &["exchange", "filter"]),
    ("dashcam-proxy", &["exchange", "filter", "control", "ca", "programs", "recorder"]),
    ("dashcam-syscalls", &[]),
    ("dashcam-views", &["exchange", "filter", "redact", "store"]),
    (
        "dashcam-web-ui",
        &[
            "exchange", "filter", "flight", "changes", "control", "governor", "recorder", "redact", "store",
            "proxy", "views",
        ],
    ),
    (
        "dashcam",
        &[
            "exchange", "filter", "flight", "changes", "control", "demo", "governor", "ca", "recorder",
            "redact", "store", "syscalls", "proxy", "views", "web-ui",
        ],
    ),
    ("dashcam-secrets", &[]),
    ("dashcam-tests", &["secrets"]),
    ("dashcam-fuzz", &["proxy", "redact"]),
    ("dashcam-bench-finding", &["exchange", "filter", "store", "views"]),
    ("dashcam-bench-recording", &["exchange", "control", "recorder", "store"]),
    ("dashcam-bench-redaction", &["exchange", "control", "recorder", "redact", "secrets", "store"]),
    ("dashcam-benches", &["exchange", "filter", "flight", "control", "ca", "recorder", "store", "proxy"]),
    ("dashcam-bench-peers", &[]),
    ("xtask", &[]),
];

/// Crates that only one of ours names (the tests make certificates for their origins themselves).
const ONLY: [(&str, &[&str]); 7] = [
    ("sqlx", &["dashcam-store"]),
    ("rusqlite", &["dashcam-store", "dashcam-bench-finding"]),
    ("rcgen", &["dashcam-ca", "dashcam-tests"]),
    ("axum", &["dashcam-web-ui"]),
    ("utoipa", &["dashcam-views", "dashcam-web-ui"]),
    ("rust-embed", &["dashcam-web-ui"]),
    ("clap", &["dashcam", "dashcam-bench-finding", "dashcam-bench-recording", "dashcam-bench-redaction"]),
];

/// The only file with unsafe code.
const UNSAFE: &str = "syscalls/src/kernel.rs";

/// Crates that do no I/O: nothing that could opens a file or a socket is among their dependencies.
const NO_IO: [&str; 4] = ["dashcam-exchange", "dashcam-filter", "dashcam-control", "dashcam-redact"];

/// The dependencies of each member, tests aside.
fn dependencies() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--locked"];
    let output = Command::new(cargo).args(arguments).current_dir(root()).output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    packages.iter().map(|package| Ok((text(&package["name"])?, names(&package["dependencies"])?))).collect()
}

fn names(dependencies: &Value) -> Result<BTreeSet<String>> {
    let all = dependencies.as_array().context("no dependencies")?;
    all.iter().filter(|one| one["kind"] != "dev").map(|one| text(&one["name"])).collect()
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("no text")?.to_owned())
}

#[test]
fn crates_know_only_whom_they_may() -> Result<()> {
    let dependencies = dependencies()?;
    let members: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(
        members,
        MAY_KNOW.iter().map(|(name, _)| *name).collect(),
        "a crate is missing in the table above"
    );
    for (name, allowed) in MAY_KNOW {
        let allowed: BTreeSet<String> = allowed.iter().map(|name| format!("dashcam-{name}")).collect();
        let known = dependencies[name].iter().filter(|known| known.starts_with("dashcam"));
        for known in known {
            assert!(allowed.contains(known), "{name} must not know {known}");
        }
    }
    Ok(())
}

#[test]
fn some_crates_are_named_in_one_place_only() -> Result<()> {
    for (name, known) in dependencies()? {
        for (only, places) in ONLY {
            assert!(!known.contains(only) || places.contains(&name.as_str()), "{name} must not name {only}");
        }
    }
    Ok(())
}

/// All other crates forbid unsafe code, and within this one no other file allows it.
#[test]
fn unsafe_code_is_in_one_file() -> Result<()> {
    let output = Command::new("git").args(["ls-files", "*.rs"]).current_dir(root()).output()?;
    let mut allow = Vec::new();
    for name in String::from_utf8(output.stdout)?.lines() {
        let text = std::fs::read_to_string(root().join(name)).unwrap_or_default();
        let is_allowed = |line: &&str| line.contains("unsafe_code") && line.contains("allow(");
        if !name.starts_with("fuzz/")
            && !name.starts_with("tests/")
            && text.lines().any(|line| is_allowed(&line))
        {
            allow.push(name.to_owned());
        }
    }
    assert_eq!(allow, [UNSAFE]);
    Ok(())
}

#[test]
fn the_vocabulary_does_no_io() -> Result<()> {
    let dependencies = dependencies()?;
    for name in NO_IO {
        for io in ["hyper", "tokio-rustls", "rustls", "socket2", "tempfile"] {
            assert!(!dependencies[name].contains(io), "{name} must not name {io}");
        }
    }
    Ok(())
}

/// Each source that `docs/ARCHITECTURE.md` names is there; without a crate before it, it is the proxy's or the
/// store's.
#[test]
fn the_sources_that_are_documented_exist() -> Result<()> {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md"))?;
    let named = text.split('`').skip(1).step_by(2).filter(|name| name.ends_with(".rs") && name.contains('/'));
    let mut missing = Vec::new();
    for name in named {
        let folders = ["", "proxy/src", "store/src"];
        if !folders.iter().any(|folder| root().join(folder).join(name).is_file()) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "docs/ARCHITECTURE.md names what is not there: {}", missing.join(", "));
    Ok(())
}
