//! `SSLKEYLOGFILE`: captured traffic of both sides can be decrypted.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Way, clean};
use dashcam_tests::dashcam::{self, Dashcam};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use tokio::process::{Child, Command};

use super::curl;

/// Writes the loopback device's traffic to and from `ports` to `file`, until this is dropped.
async fn capture(file: &Path, ports: &[u16]) -> Result<Child> {
    let filter = ports.iter().map(|port| format!("tcp port {port}")).collect::<Vec<_>>().join(" or ");
    let mut command = clean(Command::new("dumpcap"));
    command.args(["-q", "-i", "lo", "-f", &filter, "-w"]).arg(file);
    let mut child = command.spawn().context("dumpcap (of tshark) is missing")?;
    // The file's head is written when the device is open.
    eventually("dumpcap captures; it takes root, or the capability to capture", async || {
        if let Some(status) = child.try_wait()? {
            anyhow::bail!("dumpcap ended with {status}: it takes root, or the capability to capture");
        }
        Ok(std::fs::metadata(file).is_ok_and(|metadata| metadata.len() > 0).then_some(()))
    })
    .await?;
    Ok(child)
}

/// The ports and targets of the HTTP requests that tshark finds.
async fn decrypted(file: &Path, keys: &Path, ports: &[u16]) -> Result<Vec<String>> {
    let mut command = clean(Command::new("tshark"));
    command.args(["-r"]).arg(file).args(["-o", &format!("tls.keylog_file:{}", keys.display())]);
    for port in ports {
        command.args(["-d", &format!("tcp.port=={port},tls")]);
    }
    command.args(["-Y", "http.request", "-T", "fields", "-e", "tcp.dstport", "-e", "http.request.uri"]);
    let output = within("tshark ends", async { Ok(command.output().await?) }).await?;
    // That the file's last packet may be cut short does not matter here.
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(|line| line.replace('\t', " ")).collect())
}

#[tokio::test]
async fn both_sides_can_be_decrypted() -> Result<()> {
    let (home, origin) = (tempfile::tempdir()?, Origin::https1().await?);
    let keys = home.path().join("keys.log");
    let mode = format!("reverse:{}@127.0.0.1:0", origin.url(""));
    let mut command = dashcam::command(home.path(), &["-m", &mode])?;
    command.env("SSLKEYLOGFILE", &keys);
    let dashcam = Dashcam::start_command(home.path(), command).await?;
    ensure!(
        dashcam.log().contains(&format!("TLS keys are written to {}", keys.display())),
        "{}",
        dashcam.log()
    );
    let ports = [dashcam.proxy().port(), origin.port()];
    let packets = home.path().join("packets.pcapng");
    let _capturing = capture(&packets, &ports).await?;
    let way = Way { proxy: None, ca: dashcam.ca() };
    for (version, target) in [("--tls-max 1.2", "/json?secret=1"), ("--tlsv1.3", "/json?secret=2")] {
        let url = format!("https://localhost:{}{target}", ports[0]);
        assert_eq!(curl(version, &way, url).await?.0, 200);
        eventually("tshark shows the request on both sides", async || {
            let found = decrypted(&packets, &keys, &ports).await?;
            let shown = |port: &u16| found.contains(&format!("{port} {target}"));
            Ok(ports.iter().all(shown).then_some(()))
        })
        .await?;
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&keys)?.permissions());
    assert_eq!(mode & 0o777, 0o600);
    // Without the keys there is nothing to see: it was them.
    let none = super::write(home.path(), "none.log", "")?;
    assert!(decrypted(&packets, &none, &ports).await?.is_empty());
    Ok(())
}

/// A file that can't be written is said, and keeps nobody from working.
#[tokio::test]
async fn a_file_that_can_not_be_written() -> Result<()> {
    let (home, origin) = (tempfile::tempdir()?, Origin::https1().await?);
    let mut command = dashcam::command(home.path(), &[])?;
    command.env("SSLKEYLOGFILE", home.path().join("missing/keys.log"));
    let dashcam = Dashcam::start_command(home.path(), command).await?;
    assert!(dashcam.log().contains("no TLS keys are written"), "{}", dashcam.log());
    assert_eq!(curl("", &crate::same::through(&dashcam), origin.url("/json")).await?.0, 200);
    Ok(())
}

/// Without the variable there is no file and no line.
#[tokio::test]
async fn unasked_nothing_is_written() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    assert!(!dashcam.log().contains("TLS keys"), "{}", dashcam.log());
    Ok(())
}
