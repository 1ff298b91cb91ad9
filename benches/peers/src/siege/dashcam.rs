//! The dashcam that is besieged: as it comes, recording in full, with its page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::healthy::MARK;
use super::report::Outcome;
use super::wire::Target;
use crate::process::{Process, free_port, pause};
use crate::site::Site;

/// How long the writer may take to catch up.
const CATCH_UP: Duration = Duration::from_secs(30);

/// A dashcam at work.
pub(super) struct Dashcam {
    program: PathBuf,
    pub(super) process: Process,
    target: Target,
}

impl Dashcam {
    pub(super) fn start(site: &Site, program: &Path) -> Result<Self> {
        let folder = site.folder.join("dashcam");
        fs::create_dir_all(&folder)?;
        let (port, page) = (free_port()?, free_port()?);
        let mode = format!("reverse:https://localhost:{}@127.0.0.1:{port}", site.sink);
        let mut command = Command::new(program);
        command.args(["serve", "--ssl-insecure", "--record", "full", "--mode", &mode]);
        command.args(["--web-port", &page.to_string(), "--home"]).arg(&folder);
        let process = Process::start(&command, port, &folder)?;
        let token = fs::read_to_string(folder.join("token"))?.trim().to_owned();
        let target = Target::new("dashcam", port, Some((page, token)))?;
        Ok(Self { program: program.to_owned(), process, target })
    }

    pub(super) fn target(&self) -> Target {
        self.target.clone()
    }

    /// Exchanges of healthy clients that were answered and are not on record.
    pub(super) fn dropped(&self, outcome: &Outcome) -> Result<u64> {
        let start = Instant::now();
        loop {
            let list = self.say(&["ls", MARK, "--json", "--number", "10000000"])?;
            let found = list.iter().filter(|byte| **byte == b'\n').count() as u64;
            let missing = outcome.healthy.exchanges.saturating_sub(found);
            if missing == 0 || start.elapsed() > CATCH_UP {
                return Ok(missing);
            }
            pause();
        }
    }

    /// The numbers of what dashcam refused and dropped.
    pub(super) fn limits(&self) -> Result<Vec<String>> {
        let status: Value =
            serde_json::from_slice(&self.say(&["status", "--json"])?).context("dashcam status --json")?;
        let counts = [&status["ledger"]["dropped"], &status["limited"]];
        let named = counts.into_iter().filter_map(Value::as_object).flatten();
        Ok(named.filter(|(_, count)| **count != 0).map(|(name, count)| format!("{name} {count}")).collect())
    }

    /// The output of one of its commands.
    fn say(&self, words: &[&str]) -> Result<Vec<u8>> {
        let output =
            Command::new(&self.program).args(words).arg("--home").arg(&self.process.folder).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "dashcam {}: {said}", words.join(" "));
        Ok(output.stdout)
    }
}
