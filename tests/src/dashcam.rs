//! The program under test: started with a home of its own, ended with the test.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};

use crate::api::Api;
use crate::eventually::{eventually, within};
use crate::{binary, test_ca};

/// The user that owns nothing.
pub const NOBODY: u32 = 65_534;

/// A running instance. Killed when dropped.
pub struct Dashcam {
    child: Child,
    home: PathBuf,
    log: PathBuf,
    proxy: SocketAddr,
    page: SocketAddr,
    folder: Option<tempfile::TempDir>,
}

impl Dashcam {
    /// Starts one with `arguments` after the usual ones, in a new home.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(arguments: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut dashcam = Self::start_in(folder.path(), arguments).await?;
        dashcam.folder = Some(folder);
        Ok(dashcam)
    }

    /// Starts one that records secrets as they pass, for tests of what is recorded of all else.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn unredacted(arguments: &[&str]) -> Result<Self> {
        Self::start(&[arguments, &["--redaction", "off"]].concat()).await
    }

    /// Starts one with `config` for its `config.toml`, in a new home.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_with(config: &str, arguments: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("config.toml"), config)?;
        let mut dashcam = Self::start_in(folder.path(), arguments).await?;
        dashcam.folder = Some(folder);
        Ok(dashcam)
    }

    /// Starts one in `home`, which outlives it.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_in(home: &Path, arguments: &[&str]) -> Result<Self> {
        Self::start_command(home, command(home, arguments)?).await
    }

    /// Starts the one that `command` is, in `home`.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_command(home: &Path, command: Command) -> Result<Self> {
        Self::start_logging(home, &home.join("stderr.log"), command).await
    }

    /// Starts the one that `command` is, in `home`, with its log in a file that may be elsewhere.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_logging(home: &Path, log: &Path, mut command: Command) -> Result<Self> {
        let child = command.stderr(File::create(log)?).spawn()?;
        let (home, log, none) = (home.to_owned(), log.to_owned(), SocketAddr::from(([0, 0, 0, 0], 0)));
        let mut dashcam = Self { child, home, log, proxy: none, page: none, folder: None };
        let api = dashcam.api();
        dashcam.proxy = eventually("dashcam's control socket answers", async || {
            if let Some(status) = dashcam.child.try_wait()? {
                bail!("dashcam ended at once with {status}: {}", dashcam.log());
            }
            let Ok(status) = api.get("/status").await else { return Ok(None) };
            Ok(status["listeners"][0]["address"].as_str().and_then(|address| address.parse().ok()))
        })
        .await
        .with_context(|| format!("dashcam said: {}", dashcam.log()))?;
        dashcam.page =
            eventually("dashcam says where its page is", async || Ok(page_address(&dashcam.log())))
                .await
                .with_context(|| format!("dashcam said: {}", dashcam.log()))?;
        Ok(dashcam)
    }

    /// The first listener.
    #[must_use]
    pub fn proxy(&self) -> SocketAddr {
        self.proxy
    }

    /// The first listener as a URL.
    #[must_use]
    pub fn proxy_url(&self) -> String {
        format!("http://{}", self.proxy)
    }

    /// The page's listener; unspecified if it has no address.
    #[must_use]
    pub fn page(&self) -> SocketAddr {
        self.page
    }

    /// Its home.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The certificate that clients are to trust.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.home.join("ca.pem")
    }

    /// Its API.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::of(&self.home)
    }

    /// Its stderr so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its stderr so far, once that has `text`: a line is often written a moment after its cause was seen.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn says(&self, text: &str) -> Result<String> {
        eventually(&format!("the log has \u{201c}{text}\u{201d}"), async || {
            Ok(Some(self.log()).filter(|log| log.contains(text)))
        })
        .await
        .with_context(|| self.log())
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// A field of /proc/PID/status in bytes: `VmRSS` now, `VmHWM` the most so far.
    ///
    /// # Errors
    /// When it does not run.
    pub fn memory(&self, field: &str) -> Result<u64> {
        let pid = self.child.id().context("dashcam has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find(|line| line.starts_with(field)).context("no such field")?;
        let kib: u64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kib * 1024)
    }

    /// Asks it to end (SIGTERM) and waits for it.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        let pid = self.child.id().context("dashcam has ended")?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        within("dashcam ends after SIGTERM", async { Ok(self.child.wait().await?) })
            .await
            .with_context(|| format!("dashcam said: {}", self.log()))
    }

    /// Kills it (SIGKILL) and waits for it.
    ///
    /// # Errors
    /// When it has ended before.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// dashcam on free ports, trusting the test CA, with its home in `home`.
///
/// # Errors
/// When it does not build.
pub fn command(home: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = placed(home, &["--web-port", "0"])?;
    command.args(arguments);
    Ok(command)
}

/// As [`command`], with the page where `arguments` say.
///
/// # Errors
/// When it does not build.
pub fn placed(home: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = cli(home)?;
    command.args(["serve", "-p", "0", "--upstream-ca"]).arg(test_ca::shared()?.file());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    Ok(command)
}

/// dashcam on free ports, with its home in `home`, where it may have so many files and sockets open.
///
/// # Errors
/// When it does not build.
pub fn with_open_files(home: &Path, open_files: u32, arguments: &[&str]) -> Result<Command> {
    let dashcam = command(home, arguments)?;
    let dashcam = dashcam.as_std();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {open_files} && exec \"$0\" \"$@\"")]);
    command.arg(dashcam.get_program()).args(dashcam.get_args());
    for (name, value) in dashcam.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

/// dashcam on free ports, with its home in `home`, run by a user to whom permissions matter. `None`, said aloud, where
/// that can't be.
///
/// # Errors
/// When it does not build.
pub fn as_nobody(home: &Path, arguments: &[&str]) -> Result<Option<Command>> {
    let mut try_it = std::process::Command::new(binary::dashcam()?);
    let runs = try_it.arg("--version").stdout(Stdio::null()).uid(NOBODY).gid(NOBODY).status();
    if !runs.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED, no program can be run by another user here");
        return Ok(None);
    }
    let mut command = cli(home)?;
    command.args(["serve", "-p", "0", "--web-port", "0"]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).uid(NOBODY).gid(NOBODY);
    Ok(Some(command))
}

/// `dashcam --home HOME`, for any subcommand.
///
/// # Errors
/// When it does not build.
pub fn cli(home: &Path) -> Result<Command> {
    let mut command = Command::new(binary::dashcam()?);
    command.env("DASHCAM_HOME", home).env_remove("RUST_LOG").env_remove("SSLKEYLOGFILE").kill_on_drop(true);
    for variable in
        ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY"]
    {
        command.env_remove(variable);
    }
    Ok(command)
}

/// Finds `page is on http://ADDRESS/` in the log.
fn page_address(log: &str) -> Option<SocketAddr> {
    if log.contains("the page is on the socket") || log.contains("there is no page") {
        return Some(([0, 0, 0, 0], 0).into());
    }
    let (_, rest) = log.split_once("the page is on http")?;
    rest.trim_start_matches('s').strip_prefix("://")?.split_once('/')?.0.parse().ok()
}
