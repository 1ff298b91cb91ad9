//! The trial before the program starts: a process of our own under the same filter must reach us where it connected to
//! somewhere else.

use std::ffi::OsString;
use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use super::gateway::Gateway;
use super::handover::Handover;
use super::shown_files::ShownFiles;
use super::supervisor::Supervisor;
use super::words;
use crate::ca_key;
use crate::cli::ProbeArgs;
use crate::home::random_token;

/// The name of the subcommand.
const COMMAND: &str = "probe-connect";
/// An address that nobody has (RFC 5737).
const NOBODY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 9);
/// How long it may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Tries it.
pub(super) async fn probe(folder: &Path, lays: &[OsString], shows_files: bool) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let gateway = Gateway::silent(listener.local_addr()?);
    let supervisor = Arc::new(Supervisor::new(gateway, Vec::new(), ShownFiles::default()));
    let handover = Handover::bind(folder.join("probe.sock"))?;
    let word = random_token();
    let mut line = words(lays, &handover, shows_files)?;
    line.extend([std::env::current_exe()?.into_os_string(), COMMAND.into()]);
    line.extend([NOBODY.to_string().into(), (&word).into()]);
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]).env_remove(ca_key::VARIABLE).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let supervising = async {
        // A process that can't be supervised says why.
        if let Ok(listener) = handover.receive().await {
            supervisor.serve(listener).await?;
        }
        std::future::pending::<std::io::Result<()>>().await
    };
    let answering = async {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(word.as_bytes()).await?;
        drop(stream);
        std::future::pending::<std::io::Result<()>>().await
    };
    let tried = async {
        tokio::select! {
            output = command.output() => Ok(output?),
            ended = supervising => Err(anyhow!("the supervisor ended: {ended:?}")),
            ended = answering => Err(anyhow!("the listener ended: {ended:?}")),
        }
    };
    let output = timeout(LIMIT, tried).await.context("a trial connection took too long")??;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().trim_start_matches("dashcam: ");
    // The supervisor knows better why the connection went elsewhere.
    match supervisor.missed() {
        Some(missed) => bail!("{missed}"),
        None => bail!("{said}"),
    }
}

/// The process of the trial: connects, and expects a word; the exit code.
pub(crate) fn connect(args: &ProbeArgs) -> u8 {
    match received(args.address) {
        Ok(word) if word == args.word => 0,
        Ok(_) => {
            eprintln!("dashcam: a trial connection was not captured");
            1
        }
        Err(error) => {
            eprintln!("dashcam: a trial connection was not captured: {error}");
            1
        }
    }
}

fn received(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT / 5)?;
    stream.set_read_timeout(Some(LIMIT / 5))?;
    let mut word = String::new();
    stream.read_to_string(&mut word)?;
    Ok(word)
}

/// Where only ancestors may look at a process (Yama), processes whose parents have ended become our children.
pub(super) fn stays_ours() {
    let scope = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    if scope.is_ok_and(|scope| scope.trim() != "0")
        && let Err(error) = rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
    {
        tracing::debug!("processes that outlive their parents are not captured: {error}");
    }
}
