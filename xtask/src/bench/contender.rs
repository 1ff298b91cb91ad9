//! Who is measured, and how each is started.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::cpu;
use crate::root;

/// A way from the load generator to the origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    /// nginx, https to https, no log.
    Nginx,
    /// dashcam at that level.
    Dashcam(&'static str),
}

/// Where a contender works.
pub(crate) struct Site {
    /// Its own folder, within the benchmark's.
    pub(crate) folder: PathBuf,
    /// The origin's port.
    pub(crate) origin: u16,
}

/// A contender at work; ended when dropped.
pub(crate) struct Running {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
    home: Option<PathBuf>,
}

/// A running nginx; ended when dropped.
pub(crate) type Nginx = Running;

impl Contender {
    /// In the order in which a round runs them.
    pub(crate) const ALL: [Self; 4] =
        [Self::Nginx, Self::Dashcam("off"), Self::Dashcam("metadata"), Self::Dashcam("full")];

    /// For people.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Nginx => "nginx, no log".to_owned(),
            Self::Dashcam(level) => format!("dashcam, `{level}`"),
        }
    }

    /// For file names.
    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Dashcam(level) => level,
        }
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(self, site: &Site) -> Result<Running> {
        match self {
            Self::Nginx => Running::nginx(&site.folder, "proxy.conf", site.origin),
            Self::Dashcam(level) => Running::dashcam(site, level),
        }
    }
}

impl Running {
    /// The origin: 1 KiB for every request.
    pub(crate) fn origin(folder: &Path) -> Result<Self> {
        Self::nginx(&folder.join("origin"), "origin.conf", 0)
    }

    fn nginx(folder: &Path, template: &str, origin: u16) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let port = free_port()?;
        let config = fs::read_to_string(root().join("benches").join(template))?;
        let certificates = folder.parent().context("the benchmark's folder")?.display().to_string();
        let config = config
            .replace("@PORT@", &port.to_string())
            .replace("@ORIGIN@", &origin.to_string())
            .replace("@CERTIFICATES@", &certificates)
            .replace("@BODY@", &"x".repeat(1024));
        fs::write(folder.join("nginx.conf"), config)?;
        let mut nginx =
            Command::new(if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" });
        nginx
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .arg("-e")
            .arg(folder.join("error.log"));
        Self::spawn(nginx, port, None, folder)
    }

    fn dashcam(site: &Site, level: &str) -> Result<Self> {
        let port = free_port()?;
        let mut dashcam = Command::new(crate::tools::folder().with_file_name("release").join("dashcam"));
        let mode = format!("reverse:https://localhost:{}@127.0.0.1:{port}", site.origin);
        dashcam.args(["serve", "--ssl-insecure", "--web-port", "0", "--record", level, "--mode", &mode]);
        dashcam.arg("--home").arg(&site.folder);
        Self::spawn(dashcam, port, Some(site.folder.clone()), &site.folder)
    }

    fn spawn(mut command: Command, port: u16, home: Option<PathBuf>, folder: &Path) -> Result<Self> {
        let log = File::create(folder.join("stderr.log"))?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let running = Self { child: child.with_context(|| format!("cannot run {command:?}"))?, port, home };
        let start = Instant::now();
        while TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).is_err() {
            if start.elapsed() > Duration::from_secs(20) {
                bail!("{command:?} does not listen: {}", fs::read_to_string(folder.join("stderr.log"))?);
            }
            pause();
        }
        Ok(running)
    }

    /// CPU time so far, in microseconds.
    pub(crate) fn cpu_us(&self) -> Result<u64> {
        cpu::of_tree(self.child.id())
    }

    /// CPU time once it stands still: what is still to be written belongs to the requests.
    pub(crate) fn settled_cpu_us(&self) -> Result<u64> {
        let mut last = self.cpu_us()?;
        loop {
            (0..5).for_each(|_| pause());
            let now = self.cpu_us()?;
            if now == last {
                return Ok(now);
            }
            last = now;
        }
    }

    /// Stored and dropped exchanges, of a dashcam that records.
    pub(crate) fn recorded(&self) -> Result<Option<(u64, u64)>> {
        let Some(home) = &self.home else { return Ok(None) };
        let mut status = Command::new(crate::tools::folder().with_file_name("release").join("dashcam"));
        let output = status.args(["status", "--json", "--home"]).arg(home).output()?;
        let status: Value = serde_json::from_slice(&output.stdout).context("dashcam status --json")?;
        let ledger = &status["ledger"];
        let dropped = ledger["dropped"].as_object().context("no ledger")?;
        Ok(Some((ledger["stored"].as_u64().unwrap_or(0), dropped.values().filter_map(Value::as_u64).sum())))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGTERM, so that nginx ends its workers too.
        let _gone = Command::new("kill").arg(self.child.id().to_string()).status();
        let _reaped = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark looks at the clock: there is no condition to wait for"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}
