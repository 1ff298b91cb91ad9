//! The dashcam that is soaked, with its upstreams, its lives and its counts.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::api::Api;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::free_address::free_address;
use dashcam_tests::origin::Origin;
use dashcam_tests::{h2, test_ca};
use tokio::sync::{Mutex, watch};

/// A text message "hello" from a client, masked with zeros, and the same from a server.
pub(super) const HELLO: &[u8] = b"\x81\x85\0\0\0\0hello";
pub(super) const HELLO_BACK: &[u8] = b"\x81\x05hello";
/// The bounds of the recording, one of them for each life.
const BOUNDS: [&[&str]; 3] =
    [&["--max-size", "48MB"], &["--max-exchanges", "5000"], &["--max-age", "20s", "--max-size", "100MB"]];

/// Errors that the faults of a soak provoke, as the log has them: those of a disk that is full.
const PROVOKED: [&str; 2] =
    ["recording is paused, traffic goes on: ", "could not be stored error=the disk is full"];

/// A run of dashcam: from its start until it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) number: u64,
    pub(super) is_up: bool,
}

/// Everything that clients, changes and faults share.
pub(super) struct World {
    pub(super) proxy: SocketAddr,
    pub(super) plain: Origin,
    pub(super) secure: Origin,
    pub(super) sockets: Origin,
    pub(super) dying: Origin,
    /// Certificates of both authorities: at the level `off` the upstream shows its own.
    pub(super) roots: PathBuf,
    pub(super) counts: Counts,
    /// True while the dying upstream resets every connection.
    pub(super) is_dead: Arc<AtomicBool>,
    pub(super) stop: AtomicBool,
    life: watch::Sender<Life>,
    /// Microseconds between two requests of a client.
    pace: AtomicU64,
    home: tempfile::TempDir,
    database: PathBuf,
    dashcam: Mutex<Option<Dashcam>>,
}

/// Counts of what happened.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) answered: AtomicU64,
    /// Requests that the upstream did not answer.
    pub(super) upstream_failed: AtomicU64,
    /// Connections that a kill cut.
    pub(super) killed: AtomicU64,
    pub(super) changes: AtomicU64,
    pub(super) faults: AtomicU64,
}

impl World {
    /// Starts dashcam with its database on `disk`, or in its home.
    pub(super) async fn start(disk: Option<&Path>) -> Result<Arc<Self>> {
        let home = tempfile::tempdir()?;
        let config = "[recorder]\nmemory = 33554432\naddress_share = 100\n";
        std::fs::write(home.path().join("config.toml"), config)?;
        let is_dead = Arc::new(AtomicBool::new(false));
        let database = disk.unwrap_or(home.path()).join("dashcam.db");
        let world = Self {
            proxy: free_address()?,
            plain: Origin::http().await?,
            secure: Origin::https().await?,
            sockets: h2::origin::upgrading(false, "101 Switching Protocols", HELLO, HELLO_BACK).await?,
            dying: super::faults::dying(Arc::clone(&is_dead)).await?,
            roots: home.path().join("roots.pem"),
            counts: Counts::default(),
            is_dead,
            stop: AtomicBool::new(false),
            life: watch::Sender::new(Life { number: 0, is_up: false }),
            pace: AtomicU64::new(0),
            home,
            database,
            dashcam: Mutex::new(None),
        };
        world.begin_life().await?;
        let [ours, theirs] =
            [world.home.path().join("ca.pem"), test_ca::shared()?.file()].map(std::fs::read_to_string);
        std::fs::write(&world.roots, ours? + &theirs?)?;
        Ok(Arc::new(world))
    }

    /// Starts dashcam where it was before.
    pub(super) async fn begin_life(&self) -> Result<()> {
        let number = self.life.borrow().number;
        let bounds = BOUNDS[usize::try_from(number % 3)?];
        let (mode, database) = (format!("forward@{}", self.proxy), self.database.display().to_string());
        let flight = ["--flight", "20s,8MB", "--min-free", "none"];
        let arguments = [&["-m", mode.as_str(), "--db", database.as_str()], bounds, &flight].concat();
        let dashcam = Dashcam::start_in(self.home.path(), &arguments).await?;
        *self.dashcam.lock().await = Some(dashcam);
        self.life.send_replace(Life { number, is_up: true });
        Ok(())
    }

    /// Kills it (SIGKILL). Requests that are under way are cut.
    pub(super) async fn kill(&self) -> Result<()> {
        self.no_fault_is_counted().await?;
        self.life.send_modify(|life| *life = Life { number: life.number + 1, is_up: false });
        let mut dashcam = self.dashcam.lock().await.take().context("it runs")?;
        dashcam.kill().await?;
        only_provoked(&dashcam.log())
    }

    /// Checks that no exchange was lost by a fault of dashcam's own.
    pub(super) async fn no_fault_is_counted(&self) -> Result<()> {
        let ledger = self.api().get("/status").await?["ledger"].take();
        ensure!(ledger["dropped"]["recorder_fault"].as_u64().unwrap_or_default() == 0, "{ledger}");
        Ok(())
    }

    /// Ends it (SIGTERM).
    pub(super) async fn end(&self) -> Result<()> {
        self.life.send_modify(|life| *life = Life { number: life.number + 1, is_up: false });
        let mut dashcam = self.dashcam.lock().await.take().context("it runs")?;
        let status = dashcam.stop().await?;
        ensure!(status.success(), "{}", dashcam.log());
        only_provoked(&dashcam.log())
    }

    /// The life in which dashcam is up, once it is.
    pub(super) async fn up(&self) -> Result<Life> {
        let mut life = self.life.subscribe();
        within("dashcam is up", async { Ok(*life.wait_for(|life| life.is_up).await?) }).await
    }

    pub(super) fn life(&self) -> Life {
        *self.life.borrow()
    }

    pub(super) fn api(&self) -> Api {
        Api::of(self.home.path())
    }

    /// The exchanges that failed last, and the end of the log: to find out why a soak failed.
    pub(super) async fn last_words(&self) -> String {
        let failed = self.api().get("/exchanges?filter=is:error&limit=5").await;
        let failed = failed.map_or_else(|error| format!("{error:#}"), |failed| failed.to_string());
        let log = self.dashcam.lock().await.as_ref().map(Dashcam::log).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(40).collect();
        let log: Vec<_> = lines.into_iter().rev().collect();
        format!("failed exchanges: {failed}\nthe end of the log:\n{}\n", log.join("\n"))
    }

    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// Bytes of memory that it uses.
    pub(super) async fn memory(&self) -> Result<u64> {
        self.dashcam.lock().await.as_ref().context("it runs")?.memory("VmRSS")
    }

    pub(super) fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// Lets clients ask `rate` times a second, all of them together.
    pub(super) fn pace(&self, rate: f64) {
        let pause = super::clients::ALL as f64 * 1e6 / rate.max(1.0);
        self.pace.store(pause as u64, Ordering::Relaxed);
    }

    /// The time between two requests of a client.
    pub(super) fn pause(&self) -> Duration {
        Duration::from_micros(self.pace.load(Ordering::Relaxed))
    }
}

/// Checks that `log` has no errors but those that were provoked.
fn only_provoked(log: &str) -> Result<()> {
    let is_error = |line: &&str| line.contains("ERROR") || line.contains("panicked at");
    let is_provoked = |line: &&str| PROVOKED.iter().any(|provoked| line.contains(provoked));
    let errors: Vec<_> = log.lines().filter(is_error).filter(|line| !is_provoked(line)).collect();
    ensure!(errors.is_empty(), "errors that nothing provoked:\n{}", errors.join("\n"));
    Ok(())
}
