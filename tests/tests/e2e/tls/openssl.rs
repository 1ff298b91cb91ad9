//! OpenSSL's own server and client: peers that can be as old, weak or odd as is wanted.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::clean;
use dashcam_tests::eventually::within;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

/// `openssl s_server -www`: answers every GET with a page on its TLS. Ends with the test.
pub(super) struct Server {
    pub(super) port: u16,
    _child: Child,
}

/// Starts one with the certificate and key in the PEM files, and `options`.
pub(super) async fn server((certificate, key): (&Path, &Path), options: &str) -> Result<Server> {
    let mut command = clean(Command::new("openssl"));
    command
        .args(["s_server", "-www", "-accept", "127.0.0.1:0", "-cert"])
        .arg(certificate)
        .arg("-key")
        .arg(key);
    let mut child = command.args(options.split_whitespace()).stderr(Stdio::inherit()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("stdout is piped")?).lines();
    let port = within("s_server's port", async {
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix("ACCEPT ") {
                return Ok(address.rsplit(':').next().unwrap_or_default().parse()?);
            }
        }
        anyhow::bail!("openssl s_server {options} has ended")
    })
    .await?;
    Ok(Server { port, _child: child })
}

/// Runs `openssl ARGUMENTS`, which must succeed, in `folder`.
pub(super) async fn run(folder: &Path, arguments: &str) -> Result<()> {
    let mut command = clean(Command::new("openssl"));
    command.args(arguments.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    let output = within("openssl ends", async { Ok(command.output().await?) }).await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "openssl {arguments}: {stderr}");
    Ok(())
}

/// `openssl s_client` with `options`, which sends `request` and reads until the server closes: all that it printed.
pub(super) async fn client(options: &str, request: &str) -> Result<String> {
    let mut command = clean(Command::new("openssl"));
    let mut child = command.arg("s_client").args(options.split_whitespace()).spawn()?;
    let (mut stdin, mut stdout) =
        (child.stdin.take().context("piped")?, child.stdout.take().context("piped")?);
    let mut stderr = child.stderr.take().context("piped")?;
    // A client whose handshake failed does not read it.
    let _unread = stdin.write_all(request.as_bytes()).await;
    let (mut printed, mut errors) = (Vec::new(), Vec::new());
    within("s_client ends", async {
        tokio::try_join!(stdout.read_to_end(&mut printed), stderr.read_to_end(&mut errors))?;
        Ok(child.wait().await?)
    })
    .await?;
    Ok(String::from_utf8_lossy(&printed).into_owned() + &String::from_utf8_lossy(&errors))
}
