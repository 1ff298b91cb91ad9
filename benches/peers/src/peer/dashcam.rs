//! dashcam itself: how it is started, and asked what it has recorded.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{Place, Recording, Running, Way, variant};
use crate::options::Build;
use crate::process::{Process, pause};

/// How long the writer may take to catch up.
const CATCH_UP: Duration = Duration::from_secs(300);

/// A running dashcam, to be asked questions.
#[derive(Clone)]
pub(crate) struct Dashcam {
    program: PathBuf,
    home: PathBuf,
}

/// The account of the exchanges so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub(crate) seen: u64,
    pub(crate) stored: u64,
    pub(crate) dropped: u64,
    /// Exchanges that the rules did not keep.
    pub(crate) not_kept: u64,
    /// Exchanges that the database has.
    pub(crate) kept: u64,
    /// Open, or on their way to the disk.
    pub(crate) under_way: u64,
}

impl Dashcam {
    pub(super) fn start(place: &Place<'_>, build: &Build, way: Way, level: &str) -> Result<Running> {
        let mode = match way {
            Way::Reverse => format!("reverse:https://localhost:{}@127.0.0.1:{}", place.origin, place.port),
            Way::Forward => format!("forward@127.0.0.1:{}", place.port),
        };
        let mut command = Command::new(&build.program);
        command.args(["serve", "--ssl-insecure", "--web-port", "0", "--mode", &mode]);
        let level = variant::apply(level, &mut command, &place.folder)?;
        command.args(["--record", level]);
        command.args(["--max-connections-per-address", "0", "--home"]).arg(&place.folder);
        let process = Process::start(&command, place.port, &place.folder)?;
        let dashcam = Self { program: build.program.clone(), home: place.folder.clone() };
        let recording = Some(Recording::Database(dashcam.clone()));
        Ok(Running { process: Some(process), route: place.route(way), dashcam: Some(dashcam), recording })
    }

    /// The ledger as it is now.
    pub(crate) fn ledger(&self) -> Result<Ledger> {
        let status: Value =
            serde_json::from_slice(&self.say(&["status", "--json"])?).context("dashcam status --json")?;
        let ledger = &status["ledger"];
        let dropped = ledger["dropped"].as_object().context("no ledger")?;
        let count = |name: &str| ledger[name].as_u64().with_context(|| format!("no {name} in the ledger"));
        Ok(Ledger {
            seen: count("seen")?,
            stored: count("stored")?,
            dropped: dropped.values().filter_map(Value::as_u64).sum(),
            // Older builds do not know the word.
            not_kept: ledger["not_kept"].as_u64().unwrap_or_default(),
            kept: status["database"]["exchanges"].as_u64().context("no count of exchanges")?,
            under_way: count("open")? + count("pending")?,
        })
    }

    /// Bytes of the database that are in use.
    pub(super) fn used(&self) -> Result<u64> {
        let status: Value = serde_json::from_slice(&self.say(&["status", "--json"])?)?;
        status["retention"]["used"].as_u64().context("no bytes in use in dashcam status --json")
    }

    /// Bytes of the database's files: it, and what SQLite keeps beside it.
    pub(super) fn file_bytes(&self) -> Result<u64> {
        let files = fs::read_dir(&self.home)?.map(|entry| {
            let entry = entry?;
            let is_database = entry.file_name().to_string_lossy().contains(".db");
            Ok(if is_database { entry.metadata()?.len() } else { 0 })
        });
        files.sum::<std::io::Result<u64>>().context("the recording's files")
    }

    /// Bytes of all exchanges as HAR.
    pub(super) fn har_bytes(&self) -> Result<u64> {
        Ok(self.say(&["export", "--har", "--output", "-"])?.len() as u64)
    }

    /// The output of one of its commands.
    fn say(&self, words: &[&str]) -> Result<Vec<u8>> {
        let output = Command::new(&self.program).args(words).arg("--home").arg(&self.home).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "dashcam {}: {said}", words.join(" "));
        Ok(output.stdout)
    }

    /// The ledger when nothing is under way any more; an error if it does not balance then.
    pub(crate) fn final_ledger(&self) -> Result<Ledger> {
        let start = Instant::now();
        loop {
            let ledger = self.ledger()?;
            if ledger.under_way == 0 {
                let balanced = ledger.seen == ledger.stored + ledger.dropped + ledger.not_kept
                    && ledger.stored == ledger.kept;
                ensure!(balanced, "the ledger is wrong: {ledger:?}");
                return Ok(ledger);
            }
            if start.elapsed() > CATCH_UP {
                bail!("exchanges stay under way: {ledger:?}");
            }
            pause();
        }
    }
}
