//! Plays the scripts in `tests/wire/`: directly first, since a script that does not hold without a proxy
//! shows nothing; then through dashcam; then, where one asks for it, through nginx.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use dashcam_tests::binary;
use dashcam_tests::dashcam::Dashcam;

use crate::nginx::{self, Nginx};
use crate::play::play;
use crate::record;
use crate::script::Script;
use crate::way::{ScriptedOrigin, Way};

/// The time within which everything that should come at once has come, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);
/// Where it is known that nothing comes.
const KNOWN_TO_HANG: Duration = Duration::from_secs(3);
/// Fewer would mean that they are not found.
const FEWEST: usize = 60;

fn files() -> Result<Vec<PathBuf>> {
    let folder = binary::root().join("tests/wire");
    let entries = std::fs::read_dir(&folder)?.collect::<std::io::Result<Vec<_>>>()?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wire"));
    files.sort();
    // For work on one of them: WIRE=name.
    if let Ok(only) = std::env::var("WIRE") {
        files.retain(|path| path.display().to_string().contains(&only));
    } else {
        ensure!(files.len() >= FEWEST, "only {} scripts in {}", files.len(), folder.display());
    }
    Ok(files)
}

fn read(path: &Path) -> Result<Script> {
    let name = path.file_stem().and_then(|name| name.to_str()).context("a script without a name")?;
    Script::parse(name, &std::fs::read_to_string(path)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ends_see_what_they_would_see_without_dashcam() -> Result<()> {
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut failures = Vec::new();
    for path in files()? {
        let script = read(&path)?;
        if let Err(error) = compare(&script, &dashcam).await {
            failures.push(format!("{error:#}"));
        }
    }
    ensure!(!dashcam.log().contains("panicked"), "{}", dashcam.log());
    ensure!(failures.is_empty(), "{} scripts failed:\n\n{}", failures.len(), failures.join("\n\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_for_comparison() -> Result<()> {
    if !nginx::is_installed() {
        eprintln!("skipped: nginx is not installed");
        return Ok(());
    }
    let mut failures = Vec::new();
    for path in files()? {
        let script = read(&path)?;
        if script.ways.iter().any(|way| way == "nginx")
            && let Err(error) = through_nginx(&script).await
        {
            failures.push(format!("{error:#}"));
        }
    }
    ensure!(failures.is_empty(), "{} scripts failed:\n\n{}", failures.len(), failures.join("\n\n"));
    Ok(())
}

/// Says of each script whether it plays through the forward proxy at $WIRE_PROXY as it does through dashcam.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for comparison with another proxy: WIRE_PROXY=127.0.0.1:PORT"]
async fn another_proxy_for_comparison() -> Result<()> {
    let proxy = std::env::var("WIRE_PROXY").context("no $WIRE_PROXY")?.parse()?;
    for path in files()? {
        let script = read(&path)?;
        let origin = ScriptedOrigin::bind(false).await?;
        match play(&script, &Way::Other(proxy), &origin, KNOWN_TO_HANG).await {
            Ok(_) => println!("same: {}", script.name),
            Err(error) => println!("different: {error:#}\n"),
        }
    }
    Ok(())
}

async fn compare(script: &Script, dashcam: &Dashcam) -> Result<()> {
    if !script.explicit {
        let origin = ScriptedOrigin::bind(false).await?;
        play(script, &Way::Direct, &origin, PATIENCE).await?;
    }
    let origin = ScriptedOrigin::bind(false).await?;
    let after = record::newest(dashcam).await?;
    let passed = play(script, &Way::Tunnel(dashcam), &origin, PATIENCE).await?;
    record::check(script, dashcam, &origin, &passed, after)
        .await
        .with_context(|| format!("{}: the record", script.name))?;
    for way in &script.ways {
        match way.as_str() {
            "tls" => {
                let origin = ScriptedOrigin::bind(true).await?;
                play(script, &Way::Tls(dashcam), &origin, PATIENCE).await?;
            }
            "reverse" => {
                let origin = ScriptedOrigin::bind(false).await?;
                let mode = format!("reverse:http://{}", origin.address);
                let before = Dashcam::unredacted(&["--mode", &mode]).await?;
                play(script, &Way::InFront("reverse", before.proxy()), &origin, PATIENCE).await?;
            }
            "nginx" => {}
            other => bail!("{}: no way is named {other}", script.name),
        }
    }
    Ok(())
}

async fn through_nginx(script: &Script) -> Result<()> {
    let origin = ScriptedOrigin::bind(false).await?;
    let nginx = Nginx::before(origin.address).await?;
    let patience = if script.nginx_fails.is_some() { KNOWN_TO_HANG } else { PATIENCE };
    let played = play(script, &Way::InFront("nginx", nginx.address), &origin, patience).await;
    match (&script.nginx_fails, played) {
        (None, played) => played.map(drop),
        (Some(_), Err(error)) => {
            eprintln!("nginx: {error:#}");
            Ok(())
        }
        (Some(why), Ok(_)) => bail!("{}: nginx does not fail any more, though {why}", script.name),
    }
}
