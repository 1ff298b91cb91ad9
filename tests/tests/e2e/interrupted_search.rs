//! `dashcam ls` on a terminal, while it looks through bodies: it tells how far it came, and Ctrl-C shows what was found.

use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::binary;
use dashcam_tests::clients::curl_command;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::same::through;

/// As much as filters look at of a body, once it is decoded.
const LARGE: usize = 16 << 20;

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// An origin with a needle at `/needle`, and a body that takes long to look through at all other paths.
async fn origin() -> Result<Origin> {
    let (needle, hay) = (gzip(b"a needle")?, gzip(&b"hay in a stack, ".repeat(LARGE / 16))?);
    Origin::raw(move |mut stream| {
        let (needle, hay) = (needle.clone(), hay.clone());
        async move {
            let mut head = [0; 4096];
            let read = stream.read(&mut head).await?;
            let has_needle = head[..read].windows(7).any(|word| word == b"/needle");
            let body = if has_needle { needle } else { hay };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), &body].concat()).await?;
            Ok(stream.shutdown().await?)
        }
    })
    .await
}

/// Reads on until it says `word`, or to its end if that is `None`.
async fn read_until(terminal: &mut Child, said: &mut String, word: Option<&str>) -> Result<()> {
    let stdout = terminal.stdout.as_mut().context("stdout")?;
    let mut bytes = [0; 4096];
    while word.is_none_or(|word| !said.contains(word)) {
        let read = stdout.read(&mut bytes).await?;
        if read == 0 {
            ensure!(word.is_none(), "it ended without {word:?}: {said}");
            break;
        }
        said.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    Ok(())
}

/// `dashcam ARGUMENTS` on a terminal of its own; it ends with the exit code.
fn on_terminal(dashcam: &Dashcam, arguments: &str) -> Result<Child> {
    let mut command: Command = cli(dashcam.home())?;
    let line = format!("'{}' {arguments}", binary::dashcam()?.display());
    let environment: Vec<_> = command
        .as_std()
        .get_envs()
        .map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)))
        .collect();
    command = Command::new("script");
    for (name, value) in environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(["-qec", &line, "/dev/null"]).env("COLUMNS", "80").kill_on_drop(true);
    Ok(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?)
}

#[tokio::test]
async fn ctrl_c_shows_what_a_search_through_bodies_found() -> Result<()> {
    let (origin, dashcam) = (origin().await?, Dashcam::start(&[]).await?);
    for path in ["/hay/[1-120]", "/needle"] {
        let mut curl = curl_command(&through(&dashcam), &origin.url(path));
        let run = curl.stdout(Stdio::null()).status();
        ensure!(within("curl", async { Ok(run.await?) }).await?.success(), "curl failed at {path}");
    }
    dashcam.api().ended("/needle").await?;
    let search = async {
        let (mut said, mut terminal) = (String::new(), on_terminal(&dashcam, "ls body:needle")?);
        read_until(&mut terminal, &mut said, Some("Ctrl-C")).await?;
        terminal.stdin.as_mut().context("stdin")?.write_all(b"\x03").await?;
        read_until(&mut terminal, &mut said, None).await?;
        Ok((said, terminal.wait().await?.code()))
    };
    let (said, code) = within("an interrupted search", search).await?;
    assert_eq!(code, Some(130), "{said}");
    let (told, shown) = said.split_once("dashcam: interrupted; ").context(said.clone())?;
    assert!(told.contains("1 found; Ctrl-C shows them; looked at "), "{said}");
    let lines = told.split("\r\u{1b}[K").map(|line| line.trim_end_matches("^C").chars().count());
    assert!(lines.max().is_some_and(|longest| longest < 80), "{said}");
    assert!(shown.starts_with("looked at ") && !shown.contains("100 %"), "{said}");
    assert!(shown.contains("/needle") && !shown.contains("/hay"), "{said}");
    Ok(())
}
