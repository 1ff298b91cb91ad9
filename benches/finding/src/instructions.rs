//! Instructions and bytes that recording an exchange takes, under valgrind.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::body;
use crate::fill;
use crate::traffic::Traffic;

/// Exchanges of the first count; the second has twice as many, and what happens once is in both.
const NUMBER: u64 = 4096;

/// Exchanges to record, for valgrind.
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The database.
    #[arg(long)]
    database: PathBuf,
    /// Exchanges.
    #[arg(long)]
    exchanges: u64,
    /// The most bytes of a response's body.
    #[arg(long, default_value_t = body::MOST)]
    largest_body: f64,
    /// Index them as well.
    #[arg(long)]
    indexed: bool,
}

impl Record {
    pub(crate) async fn record(&self) -> Result<()> {
        fill::fill(&self.database, &Traffic::new(self.exchanges, self.largest_body), self.exchanges).await?;
        if self.indexed {
            fill::index(&self.database).await?;
        }
        Ok(())
    }
}

/// A sentence about the instructions of recording an exchange, made with its body, and of indexing it.
pub(crate) fn count() -> String {
    let each = |indexed| {
        let (once, twice) = (counted(NUMBER, indexed)?, counted(NUMBER * 2, indexed)?);
        anyhow::Ok(twice.saturating_sub(once) / NUMBER)
    };
    match each(false).and_then(|recorded| Ok((recorded, each(true)?))) {
        Ok((recorded, indexed)) => {
            let share = indexed.saturating_sub(recorded) as f64 * 100.0 / recorded.max(1) as f64;
            format!(
                "\nInstructions of making and recording an exchange: {recorded}; indexed as well: {indexed} (+{share:.1} %)"
            )
        }
        Err(error) => format!("\nInstructions could not be counted: {error:#}"),
    }
}

fn counted(number: u64, indexed: bool) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    valgrind.arg("record").arg("--database").arg(folder.path().join("counted.db"));
    valgrind.args(indexed.then_some("--indexed"));
    let output = valgrind.arg(format!("--exchanges={number}")).output().context("cannot run valgrind")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {text}");
    let line =
        text.lines().find_map(|line| line.split_once("Collected : ")).context("valgrind counted nothing")?;
    line.1.trim().parse().context("valgrind's count")
}
