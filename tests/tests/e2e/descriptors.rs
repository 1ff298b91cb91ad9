//! The types of Protocol Buffers that `dashcam descriptors` keeps.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

/// A set as `protoc` writes it: `shop.Order` with the field `sku`, and the service `shop.Orders`, which finds one by another.
const SET: &str = "\n\x51\n\x07a.proto\x12\x04shop\
    \x22\x14\n\x05Order\x12\x0b\n\x03sku\x18\x01\x20\x01\x28\x09\
    \x32\x2a\n\x06Orders\x12\x20\n\x04Find\x12\x0b.shop.Order\x1a\x0b.shop.Order";

/// Runs `dashcam descriptors ARGUMENTS` with `input`: its output, its errors, and whether it went well.
async fn descriptors(home: &Path, arguments: &[&str], input: &[u8]) -> Result<(String, String, bool)> {
    let mut command = cli(home)?;
    command.arg("descriptors").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = async {
        let mut child = command.spawn()?;
        child.stdin.take().context("it has an input")?.write_all(input).await?;
        Ok(child.wait_with_output().await?)
    };
    let output = within(&format!("{arguments:?}"), run).await?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok((text(&output.stdout), text(&output.stderr), output.status.success()))
}

#[tokio::test]
async fn a_set_is_kept_listed_used_and_removed() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let home = dashcam.home();
    let (said, _, ok) = descriptors(home, &[], b"").await?;
    assert!(ok && said.contains("`dashcam descriptors set FILE` keeps one"), "{said}");
    let file = home.join("shop.binpb");
    std::fs::write(&file, SET)?;
    let path = file.to_str().context("a path")?;
    let (said, error, ok) = descriptors(home, &["set", path], b"").await?;
    assert!(ok && said.starts_with("kept 1 file, 1 message, 1 method"), "{said}{error}");

    let (said, ..) = descriptors(home, &["ls"], b"").await?;
    let lines: Vec<_> = said.lines().skip(1).collect();
    assert_eq!(lines, ["file     a.proto", "message  shop.Order", "method   shop.Orders/Find"], "{said}");
    // The dashcam that runs has it at once.
    let expect = json!({"size": SET.len(), "files": ["a.proto"], "messages": ["shop.Order"],
        "methods": ["shop.Orders/Find"]});
    assert_eq!(dashcam.api().get("/descriptors").await?, expect);
    let (said, ..) = descriptors(home, &["ls", "--json"], b"").await?;
    assert_eq!(serde_json::from_str::<Value>(&said)?, expect);

    // Two sets, one behind the other, are one; what is none leaves the one that is there.
    let both = format!("{SET}\n\x05\x22\x03\n\x01A");
    let (said, error, ok) = descriptors(home, &["set", "-"], both.as_bytes()).await?;
    assert!(ok && said.starts_with("kept 2 files, 2 messages, 1 method"), "{said}{error}");
    for (arguments, message) in
        [(["set", "-"], "protoc --include_imports"), (["set", "no-such-file"], "no-such-file")]
    {
        let (_, error, ok) = descriptors(home, &arguments, b"syntax = \"proto3\";").await?;
        assert!(!ok && error.contains(message), "{arguments:?}: {error}");
    }
    assert_eq!(dashcam.api().get("/descriptors").await?["messages"], json!(["A", "shop.Order"]));

    let (said, _, ok) = descriptors(home, &["rm"], b"").await?;
    assert!(ok && said.contains("is gone"), "{said}");
    assert_eq!(dashcam.api().get("/descriptors").await?["size"], 0);
    let (_, error, ok) = descriptors(home, &["rm"], b"").await?;
    assert!(!ok && error.contains("no descriptor set is kept"), "{error}");
    Ok(())
}

#[tokio::test]
async fn no_dashcam_need_be_running() -> Result<()> {
    let place = tempfile::tempdir()?;
    let (said, error, ok) = descriptors(place.path(), &["set", "-"], SET.as_bytes()).await?;
    assert!(ok && said.contains("1 message"), "{said}{error}");
    let kept = place.path().join("descriptors.binpb");
    assert_eq!(std::fs::read(&kept)?, SET.as_bytes());
    std::fs::write(&kept, "none")?;
    let (_, error, ok) = descriptors(place.path(), &[], b"").await?;
    assert!(!ok && error.contains("replace it with `dashcam descriptors set FILE`"), "{error}");
    std::fs::remove_file(&kept)?;
    std::fs::create_dir(&kept)?;
    let (_, error, ok) = descriptors(place.path(), &["set", "-"], SET.as_bytes()).await?;
    assert!(!ok && error.contains("descriptors.binpb is a folder: remove it first"), "{error}");
    let (_, error, ok) = descriptors(&place.path().join("none"), &["set", "-"], SET.as_bytes()).await?;
    assert!(!ok && error.contains("start `dashcam` once"), "{error}");
    Ok(())
}
