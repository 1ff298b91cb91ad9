//! The certificate authority as an operator wants it: bounded, under a passphrase, with its key outside, replaced.

use std::path::Path;
use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, Way, ask, curl};
use dashcam_tests::dashcam::{Dashcam, cli, command};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;

use crate::same::{direct, through};

/// Runs `dashcam ARGUMENTS` with `home`, and with `variables`.
async fn run(home: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Output> {
    let mut command = cli(home)?;
    command.args(arguments).envs(variables.iter().copied());
    within(&format!("dashcam {arguments:?}"), async { Ok(command.output().await?) }).await
}

/// The same, which must go well; its stdout.
async fn says(home: &Path, arguments: &[&str]) -> Result<String> {
    let output = run(home, arguments, &[]).await?;
    ensure!(output.status.success(), "dashcam {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The same, which must fail with `code`; its stderr.
async fn refuses(home: &Path, arguments: &[&str], code: i32) -> Result<String> {
    let output = run(home, arguments, &[]).await?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.code() == Some(code), "dashcam {arguments:?}: {}: {said}", output.status);
    Ok(said)
}

async fn sh(folder: &Path, line: &str) -> Result<String> {
    let output = tokio::process::Command::new("sh").args(["-c", line]).current_dir(folder).output().await?;
    ensure!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The hosts that the root may issue for are read; all others pass as if dashcam were not there.
#[tokio::test]
async fn a_root_for_some_hosts_only() -> Result<()> {
    let origin = Origin::https1().await?;
    let home = tempfile::tempdir()?;
    let made = says(home.path(), &["ca", "new", "--permit", "localhost,10.0.0.0/8", "--days", "30"]).await?;
    assert!(made.contains("SHA-256      ") && made.contains("only for     localhost, 10.0.0.0/8"), "{made}");
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?permitted"))]).await?;
    assert_eq!(dashcam.api().ended("/json?permitted").await?["status"], 200);
    // The client sees the site's own certificate, which dashcam's root did not sign.
    let other = origin.url("/json?other").replace("localhost", "127.0.0.1");
    let unread = Way { proxy: Some(dashcam.proxy_url()), ..direct()? };
    assert_eq!(curl("--http1.1", &unread, &Ask::get(other)).await?.status, 200);
    let connection = dashcam.api().connection("a tunnel", |row| row["verdict"] == "tunnel").await?;
    assert!(
        connection["destination"].as_str().is_some_and(|to| to.starts_with("127.0.0.1:")),
        "{connection}"
    );
    assert!(dashcam.api().ending_in("/json?other").await?.is_empty());
    dashcam.says("tunnelled unread").await.map(drop)
}

/// A reverse listener has nothing to tunnel to: the failure says what is wrong.
#[tokio::test]
async fn a_reverse_listener_whose_host_is_not_permitted() -> Result<()> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    says(home.path(), &["ca", "new", "--permit", "example.com"]).await?;
    let mode = format!("reverse:{}", origin.url(""));
    let dashcam = Dashcam::start_in(home.path(), &["-m", &mode]).await?;
    let url = format!("https://{}/", dashcam.proxy());
    assert!(curl("--http1.1", &Way { proxy: None, ca: dashcam.ca() }, &Ask::get(url)).await.is_err());
    let failed = dashcam.api().connection("the failure", |row| !row["failure"].is_null()).await?;
    let message = failed["failure"]["message"].as_str().context("a message")?;
    assert!(message.contains("it permits example.com") && message.contains("--permit"), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_key_under_a_passphrase() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let origin = Origin::https1().await?;
    let (home, place) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let file = place.path().join("passphrase");
    std::fs::write(&file, "correct horse\n")?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
    let named = file.to_str().context("a path in UTF-8")?;
    says(home.path(), &["ca", "new", "--ca-passphrase-file", named]).await?;
    let key = std::fs::read_to_string(home.path().join("ca-key.pem"))?;
    assert!(key.contains("BEGIN ENCRYPTED PRIVATE KEY"), "{key}");
    let serve = ["serve", "-p", "0", "--web-port", "0"];
    let locked = refuses(home.path(), &serve, 2).await?;
    assert!(locked.contains("--ca-passphrase-file") && locked.contains("DASHCAM_CA_PASSPHRASE"), "{locked}");
    let output = run(home.path(), &serve, &[("DASHCAM_CA_PASSPHRASE", "wrong")]).await?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not open"));
    // What is to be trusted can be shown without it.
    assert!(says(home.path(), &["ca"]).await?.contains("SHA-256"));
    let mut dashcam = Dashcam::start_in(home.path(), &["--ca-passphrase-file", named]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?opened"))]).await?;
    assert_eq!(dashcam.api().ended("/json?opened").await?["status"], 200);
    dashcam.stop().await?;
    let mut with_variable = command(home.path(), &[])?;
    with_variable.env("DASHCAM_CA_PASSPHRASE", "correct horse");
    Dashcam::start_command(home.path(), with_variable).await?;
    Ok(())
}

#[tokio::test]
async fn a_key_outside() -> Result<()> {
    let origin = Origin::https1().await?;
    let (home, place) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let make = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem && openssl pkey -in k.pem -pubout -out p.pem";
    sh(place.path(), make).await?;
    let signs = format!("openssl dgst -sha256 -sign '{}'", place.path().join("k.pem").display());
    let public = place.path().join("p.pem").display().to_string();
    says(home.path(), &["ca", "new", "--ca-sign-cmd", &signs, "--public-key", &public]).await?;
    assert!(!home.path().join("ca-key.pem").exists());
    let dashcam = Dashcam::start_in(home.path(), &["--ca-sign-cmd", &signs]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?signed"))]).await?;
    assert_eq!(dashcam.api().ended("/json?signed").await?["status"], 200);
    let other = tempfile::tempdir()?;
    std::fs::copy(home.path().join("ca.pem"), other.path().join("ca.pem"))?;
    let refused =
        refuses(other.path(), &["serve", "-p", "0", "--web-port", "0", "--ca-sign-cmd", "false"], 2).await?;
    assert!(refused.contains("--ca-sign-cmd did not sign"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn another_root_in_its_place() -> Result<()> {
    let home = tempfile::tempdir()?;
    says(home.path(), &["ca", "new"]).await?;
    let before = std::fs::read(home.path().join("ca.pem"))?;
    assert!(refuses(home.path(), &["ca", "new"], 2).await?.contains("--replace"));
    assert_eq!(std::fs::read(home.path().join("ca.pem"))?, before);
    let made = says(home.path(), &["ca", "new", "--replace"]).await?;
    let kept = made.lines().find_map(|line| line.strip_prefix("kept         ")).context("what was kept")?;
    assert_eq!(std::fs::read(kept)?, before);
    assert_ne!(std::fs::read(home.path().join("ca.pem"))?, before);
    Ok(())
}

/// Looking at a root, or installing one, makes none; and sudo does not make it root's.
#[tokio::test]
async fn install_takes_the_root_that_is_there() -> Result<()> {
    let home = tempfile::tempdir()?;
    for arguments in [&["ca"][..], &["ca", "install"]] {
        let refused = refuses(home.path(), arguments, 1).await?;
        assert!(refused.contains("dashcam ca new"), "{refused}");
    }
    assert_eq!(std::fs::read_dir(home.path())?.count(), 0, "nothing was made");
    says(home.path(), &["ca", "new"]).await?;
    let shown = sh(home.path(), "openssl x509 -noout -fingerprint -sha256 -in ca.pem").await?;
    let fingerprint = shown.trim().split_once('=').context("a fingerprint")?.1.to_owned();
    let plan = says(home.path(), &["ca", "install"]).await?;
    assert!(plan.contains(&fingerprint) && plan.contains("Nothing was done"), "{plan}");
    let of_daemon = sh(home.path(), "getent passwd daemon | cut -d: -f6").await?;
    let mut command = cli(home.path())?;
    command.args(["ca", "install"]).env_remove("DASHCAM_HOME").env("SUDO_USER", "daemon");
    let output = within("dashcam ca install", async { Ok(command.output().await?) }).await?;
    if sh(home.path(), "id -u").await?.trim() != "0" {
        eprintln!("SKIPPED, only root is called by sudo");
        return Ok(());
    }
    let (out, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("of daemon, who called sudo"), "{out}");
    assert!(said.contains(&format!("in {}/.dashcam yet", of_daemon.trim())), "{said}");
    Ok(())
}
