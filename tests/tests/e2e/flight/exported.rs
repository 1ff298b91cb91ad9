//! Snapshots on the command line: shown, listed and exported, with everything that passed.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use dashcam_tests::dashcam::cli;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::read_response;
use serde_json::{Value, json};

use super::{get, in_ring, numbered, snapshot, start, stored};

/// The body of `message`, a request's or a response's in a HAR.
fn body(content: &Value) -> Result<Vec<u8>> {
    let text = content["text"].as_str().with_context(|| format!("no text in {content}"))?;
    match content["encoding"].as_str() {
        Some("base64") => Ok(base64::engine::general_purpose::STANDARD.decode(text)?),
        _ => Ok(text.as_bytes().to_vec()),
    }
}

#[tokio::test]
async fn it_is_shown_listed_and_exported_with_its_bodies() -> Result<()> {
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    let dashcam = start(home.path(), &[]).await?;
    get(&dashcam, &origin, &numbered(3)).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url("/digest?upload"), origin.address());
    let upload = format!(
        "POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello ring\n"
    );
    raw::send(&mut io, &upload).await?;
    let answer = within("an answer", read_response(&mut io, "POST")).await?;
    in_ring(&dashcam, 4).await?;
    let (done, text) = snapshot(home.path(), &["--reason", "INC-9", "--after", "50ms"]).await?;
    ensure!(done, "{text}");
    let taken = stored(&dashcam).await?;
    let name = taken["name"].as_str().context("a name")?;
    // Others that are stored, and even pinned, do not belong to it.
    dashcam.api().change(&json!({"level": "full"})).await?;
    get(&dashcam, &origin, &["/bytes/1?outside".to_owned()]).await?;
    let outside = dashcam.api().ended("?outside").await?;
    dashcam.api().call("PUT", &format!("/exchanges/{}/pin", outside["id"]), &Value::Null).await?;

    let (done, text) = snapshot(home.path(), &["show", name, "--json"]).await?;
    let shown: Value = serde_json::from_str(&text).with_context(|| text.clone())?;
    ensure!(done && shown["exchanges"] == 4 && shown["name"] == name, "{text}");

    let output = cli(home.path())?.args(["ls", "--json", &format!("snapshot:{name}")]).output().await?;
    let listed = String::from_utf8(output.stdout)?;
    let listed: Vec<Value> = listed.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let urls: Vec<_> = listed.iter().filter_map(|row| row["url"].as_str()).collect();
    ensure!(urls.len() == 4 && urls.iter().all(|url| !url.ends_with("?outside")), "{urls:?}");

    let file = home.path().join("inc-9.har");
    let output = file.display().to_string();
    let (done, text) = snapshot(home.path(), &["export", name, "-o", &output]).await?;
    ensure!(done, "{text}");
    let har: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    let entries = har["log"]["entries"].as_array().context("entries")?;
    ensure!(entries.len() == 4, "{} entries", entries.len());
    for row in &listed {
        let entry = entries.iter().find(|entry| entry["request"]["url"] == row["url"]).context("an entry")?;
        let stored = dashcam.api().bytes(&format!("/exchanges/{}/response/body", row["id"])).await?;
        ensure!(body(&entry["response"]["content"])? == stored && !stored.is_empty(), "{entry}");
    }
    let upload = entries.iter().find(|entry| entry["request"]["method"] == "POST").context("the upload")?;
    assert_eq!(upload["request"]["postData"]["text"], "hello ring\n");
    assert_eq!(body(&upload["response"]["content"])?, answer.body);

    // A file is not replaced unasked, and a snapshot that there is not makes none.
    let (done, text) = snapshot(home.path(), &["export", name, "-o", &output]).await?;
    ensure!(!done && text.contains("--force"), "{text}");
    let none = home.path().join("none.har");
    let (done, text) = snapshot(home.path(), &["export", "nope", "-o", &none.display().to_string()]).await?;
    ensure!(!done && text.contains("There is no snapshot") && !none.exists(), "{text}");
    Ok(())
}
