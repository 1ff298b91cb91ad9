//! A recording of an older dashcam: it is looked at as it is, and brought up to date by who changes it.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Result, ensure};
use dashcam_tests::dashcam::cli;
use dashcam_tests::eventually::within;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::read_only::Viewer;

/// Of the first schema.
const FIRST: &[u8] = include_bytes!("../../../store/tests/kept/schema-1.db.gz");

/// `dashcam --db DATABASE ARGUMENTS`, that succeeds.
async fn says(database: &Path, arguments: &[&str]) -> Result<String> {
    let home = tempfile::tempdir()?;
    let mut command = cli(home.path())?;
    command.arg("--db").arg(database).args(arguments);
    let output = within(&format!("dashcam {arguments:?}"), async { Ok(command.output().await?) }).await?;
    ensure!(output.status.success(), "dashcam {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[tokio::test]
async fn who_looks_changes_nothing_and_who_changes_it_brings_it_up_to_date() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("old.db");
    let mut before = Vec::new();
    GzDecoder::new(FIRST).read_to_end(&mut before)?;
    std::fs::write(&database, &before)?;

    for (arguments, expect) in [
        (["ls"].as_slice(), "https://a/b"),
        (&["ls", "https://a/b"], "https://a/b"),
        (&["show", "8"], "GET /b HTTP/2"),
        (&["show", "8", "--body"], "body"),
        (&["export", "-o", "-"], "\"https://a/b\""),
        (&["gaps"], "  3  "),
        (&["db", "info"], "version 1,"),
        (&["db", "check", "--thorough"], "sound\n"),
        (&["db", "repair"], "sound\n"),
    ] {
        let said = says(&database, arguments).await?;
        assert!(said.contains(expect), "{arguments:?}: {said}");
    }
    let viewer = Viewer::of(&database).await?;
    let (status, exchange) = viewer.call("GET", "/exchanges/8").await?;
    assert_eq!((status, &exchange["url"], &exchange["pinned"]), (200, &"https://a/b".into(), &false.into()));
    assert_eq!(viewer.number().await?, 2);
    assert!(std::fs::read(&database)? == before);

    says(&database, &["pin", "8"]).await?;
    let info: Value = serde_json::from_str(&says(&database, &["db", "info", "--json"]).await?)?;
    assert!(info["schema"].as_i64() > Some(1) && info["pinned"] == 1, "{info}");
    // Who was looking goes on.
    assert_eq!(viewer.call("GET", "/exchanges/8").await?.1["pinned"], true);
    Ok(())
}
