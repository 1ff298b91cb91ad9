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
}

impl Record {
    pub(crate) async fn record(&self) -> Result<()> {
        fill::fill(&self.database, &Traffic::new(self.exchanges, body::MOST), self.exchanges).await?;
        Ok(())
    }
}

/// A sentence about the instructions of recording an exchange, made with its body.
pub(crate) fn count() -> String {
    let counted = counted(NUMBER).and_then(|once| Ok((once, counted(NUMBER * 2)?)));
    match counted {
        Ok((once, twice)) => {
            let each = twice.saturating_sub(once) / NUMBER;
            format!("\nInstructions of making and recording an exchange: {each}")
        }
        Err(error) => format!("\nInstructions could not be counted: {error:#}"),
    }
}

fn counted(number: u64) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    valgrind.arg("record").arg("--database").arg(folder.path().join("counted.db"));
    let output = valgrind.arg(format!("--exchanges={number}")).output().context("cannot run valgrind")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {text}");
    let line =
        text.lines().find_map(|line| line.split_once("Collected : ")).context("valgrind counted nothing")?;
    line.1.trim().parse().context("valgrind's count")
}
