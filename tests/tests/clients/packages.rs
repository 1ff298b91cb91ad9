//! Package managers with registries of this machine: pip, npm, cargo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use dashcam_tests::clients::{Way, python};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::{Origin, Seen};
use dashcam_tests::same::direct;
use serde_json::json;
use sha2::{Digest as _, Sha256, Sha512};

use crate::both::{both, both_tidied};
use crate::files::{finish, offer, program, tree};

type Files = BTreeMap<String, (&'static str, Vec<u8>)>;

/// Writes files by their paths below `folder`.
fn write(folder: &Path, files: &[(&str, &str)]) -> Result<()> {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().context("a parent")?)?;
        std::fs::write(path, text)?;
    }
    Ok(())
}

/// Packs `name` (a folder in `folder`) as a compressed archive.
async fn packed(folder: &Path, name: &str) -> Result<Vec<u8>> {
    let mut tar = program("tar", &direct()?, folder);
    tar.args(["--create", "--gzip", "--file", "packed.tar.gz", name]);
    finish(tar).await?;
    Ok(std::fs::read(folder.join("packed.tar.gz"))?)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A wheel (a zip with metadata) of a package that depends on nothing.
async fn wheel(folder: &Path) -> Result<Vec<u8>> {
    write(
        folder,
        &[
            ("wheel/tiny/__init__.py", "ANSWER = 42\n"),
            ("wheel/tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"),
            (
                "wheel/tiny-1.0.dist-info/WHEEL",
                "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            ),
            (
                "wheel/tiny-1.0.dist-info/RECORD",
                "tiny/__init__.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\ntiny-1.0.dist-info/RECORD,,\n",
            ),
        ],
    )?;
    let mut zip = program("python3", &direct()?, &folder.join("wheel"));
    zip.args(["-m", "zipfile", "--create", "../tiny.whl", "tiny", "tiny-1.0.dist-info"]);
    finish(zip).await?;
    Ok(std::fs::read(folder.join("tiny.whl"))?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pip() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let wheel = wheel(folder.path()).await?;
    let page = format!(
        "<!DOCTYPE html><html><body><a href='/files/tiny-1.0-py3-none-any.whl#sha256={}'>tiny-1.0-py3-none-any.whl</a></body></html>",
        sha256(&wheel)
    );
    let origin = Origin::https1().await?;
    offer(
        &origin,
        Files::from([
            ("/simple/tiny/".to_owned(), ("text/html", page.into_bytes())),
            ("/files/tiny-1.0-py3-none-any.whl".to_owned(), ("application/zip", wheel)),
        ]),
    );
    let dashcam = Dashcam::unredacted(&[]).await?;
    let python = python()?.display().to_string();
    let run = async |way: Way| {
        let home = tempfile::tempdir()?;
        let mut command = program(&python, &way, home.path());
        command.args(["-m", "pip", "install", "--isolated", "--disable-pip-version-check", "--no-cache-dir"]);
        command.args(["--no-compile", "--target", "installed", "--retries", "0", "--cert"]).arg(&way.ca);
        command.env("PIP_CONFIG_FILE", "/dev/null").args(["--index-url", &origin.url("/simple"), "tiny"]);
        if let Some(proxy) = &way.proxy {
            command.args(["--proxy", proxy]);
        }
        finish(command).await?;
        tree(home.path(), &[])
    };
    let (files, seen) = both(&origin, &dashcam, run).await?;
    assert!(files.contains_key("installed/tiny/__init__.py"), "{files:#?}");
    assert_eq!(seen.len(), 2, "{seen:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn npm() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let manifest = json!({"name": "tiny", "version": "1.0.0", "main": "index.js"});
    write(
        folder.path(),
        &[("package/package.json", &manifest.to_string()), ("package/index.js", "module.exports = 42;\n")],
    )?;
    let tarball = packed(folder.path(), "package").await?;
    let origin = Origin::https1().await?;
    let integrity = base64::engine::general_purpose::STANDARD.encode(Sha512::digest(&tarball));
    let dist =
        json!({"tarball": origin.url("/tiny/-/tiny-1.0.0.tgz"), "integrity": format!("sha512-{integrity}")});
    let mut version = manifest.clone();
    version["dist"] = dist;
    let packument = json!({"name": "tiny", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}});
    offer(
        &origin,
        Files::from([
            ("/tiny".to_owned(), ("application/json", packument.to_string().into_bytes())),
            ("/tiny/-/tiny-1.0.0.tgz".to_owned(), ("application/octet-stream", tarball)),
        ]),
    );
    let dashcam = Dashcam::unredacted(&[]).await?;
    let run = async |way: Way| {
        let home = tempfile::tempdir()?;
        write(home.path(), &[("package.json", r#"{"name": "x", "private": true}"#)])?;
        let mut command = program("npm", &way, home.path());
        command.args(["install", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]);
        command.args([
            "--userconfig=its-own",
            "--globalconfig=everybodys",
            "--cache=cache",
            "--fetch-retries=0",
        ]);
        command.arg(format!("--registry={}", origin.url("/"))).arg(format!("--cafile={}", way.ca.display()));
        if let Some(proxy) = &way.proxy {
            command.arg(format!("--proxy={proxy}")).arg(format!("--https-proxy={proxy}"));
        }
        command.arg("tiny@^1");
        finish(command).await?;
        tree(home.path(), &["cache", ".npm"])
    };
    // Each run of npm names itself.
    let tidy = |seen: &mut Seen| seen.fields.retain(|(name, _)| !name.eq_ignore_ascii_case("npm-session"));
    let (files, seen) = both_tidied(&origin, &dashcam, run, tidy).await?;
    assert!(files.contains_key("node_modules/tiny/index.js"), "{files:#?}");
    assert_eq!(seen.len(), 2, "{seen:#?}");
    Ok(())
}

/// A sparse registry with one crate.
async fn registry(origin: &Origin, folder: &Path) -> Result<Files> {
    write(
        folder,
        &[
            (
                "tiny-1.0.0/Cargo.toml",
                "[package]\nname = \"tiny\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
            ),
            ("tiny-1.0.0/src/lib.rs", "//! Tiny.\n"),
        ],
    )?;
    let archive = packed(folder, "tiny-1.0.0").await?;
    let index = json!({"name": "tiny", "vers": "1.0.0", "deps": [], "cksum": sha256(&archive), "features": {}, "yanked": false});
    let config = json!({"dl": origin.url("/crates/{crate}/{version}/download")});
    Ok(Files::from([
        ("/index/config.json".to_owned(), ("application/json", config.to_string().into_bytes())),
        ("/index/ti/ny/tiny".to_owned(), ("text/plain", format!("{index}\n").into_bytes())),
        ("/crates/tiny/1.0.0/download".to_owned(), ("application/gzip", archive)),
    ]))
}

fn rustup() -> Option<PathBuf> {
    let usual = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".rustup"));
    std::env::var_os("RUSTUP_HOME").map(PathBuf::from).or_else(usual)
}

async fn cargo_fetches(origin: Origin) -> Result<()> {
    let folder = tempfile::tempdir()?;
    offer(&origin, registry(&origin, folder.path()).await?);
    let dashcam = Dashcam::unredacted(&[]).await?;
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let cargo = cargo.display().to_string();
    let run = async |way: Way| {
        let home = tempfile::tempdir()?;
        write(
            home.path(),
            &[
                (
                    "Cargo.toml",
                    "[package]\nname = \"user\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\ntiny = { version = \"1\", registry = \"here\" }\n[workspace]\n",
                ),
                ("src/lib.rs", "//! Uses it.\n"),
                (
                    ".cargo/config.toml",
                    &format!("[registries.here]\nindex = \"sparse+{}\"\n", origin.url("/index/")),
                ),
            ],
        )?;
        let mut command = program(&cargo, &way, home.path());
        command.args(["fetch", "--quiet"]).env("CARGO_HOME", home.path().join("cargo"));
        command.env("CARGO_HTTP_CAINFO", &way.ca).env("CARGO_NET_RETRY", "0");
        if let Some(proxy) = &way.proxy {
            command.env("CARGO_HTTP_PROXY", proxy);
        }
        // rustup, where cargo is its shim, finds its toolchains in the home.
        if let Some(rustup) = rustup() {
            command.env("RUSTUP_HOME", rustup);
        }
        finish(command).await?;
        let sources = tree(&home.path().join("cargo/registry/src"), &[".cargo-ok"])?;
        Ok((std::fs::read_to_string(home.path().join("Cargo.lock"))?, sources))
    };
    let ((lock, sources), seen) = both(&origin, &dashcam, run).await?;
    assert!(lock.contains("name = \"tiny\""), "{lock}");
    assert!(sources.keys().any(|name| name.ends_with("tiny-1.0.0/src/lib.rs")), "{sources:#?}");
    assert_eq!(seen.len(), 3, "{seen:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cargo_http1() -> Result<()> {
    cargo_fetches(Origin::https1().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cargo_http2() -> Result<()> {
    cargo_fetches(Origin::https().await?).await
}
