//! Text in bodies: how soon the first hits are there, and how fast all of it is looked through; beside a plain table in
//! SQLite, grep over a file of the decoded bodies, and mitmproxy's filter.
//!
//! `cargo xtask bench --only finding bodies [--gigabytes 10] [--queries 50]`

mod coded;
mod look;
mod peers;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Args;
use dashcam_store::Store;

use crate::traffic::Traffic;
use crate::{body, fill, run};
use coded::Coded;
pub(crate) use look::Look;

/// Settings of a run.
#[derive(Debug, Args)]
pub(crate) struct Bodies {
    /// Gigabytes of bodies, decoded.
    #[arg(long, default_value_t = 10.0)]
    gigabytes: f64,
    /// Questions of each kind.
    #[arg(long, default_value_t = 50)]
    queries: u64,
    /// Seconds for a kind of questions at most.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Exchanges that are appended a second meanwhile.
    #[arg(long, default_value_t = 0)]
    rate: u64,
    /// Gigabytes for the others, which look through all of it for each question.
    #[arg(long, default_value_t = 1.0)]
    peer_gigabytes: f64,
    /// The others that are asked: plain, grep, mitmproxy.
    #[arg(long, value_delimiter = ',', default_value = "plain,grep,mitmproxy")]
    peers: Vec<String>,
    /// A folder for the databases; a temporary one if not given.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Keep the database, and ask one that is there already.
    #[arg(long)]
    keep: bool,
}

impl Bodies {
    pub(crate) async fn run(&self) -> Result<()> {
        let temporary = tempfile::tempdir()?;
        let folder = self.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
        let path = folder.join("bodies.db");
        println!("## Text in bodies, {} GB decoded", self.gigabytes);
        if !path.is_file() {
            self.fill(&path).await?;
        }
        let exchanges = coded::exchanges(self.gigabytes);
        let look = Look {
            database: path.clone(),
            exchanges,
            queries: self.queries,
            seconds: self.seconds,
            questions: Vec::new(),
        };
        println!("{}", self.ask_beside_writer(&path, look, exchanges).await?);
        if !self.keep {
            run::remove(&path);
        }
        println!("{}", peers::measure(&folder, self.peer_gigabytes, &self.peers)?);
        Ok(())
    }

    async fn fill(&self, path: &Path) -> Result<()> {
        let (began, traffic) = (Instant::now(), Coded::new(self.gigabytes));
        let decoded = coded::fill(path, &traffic).await?;
        let (exchanges, seconds) = (traffic.exchanges, began.elapsed().as_secs_f64());
        let bytes = std::fs::metadata(path)?.len() as f64 / 1e9;
        println!(
            "recorded: {exchanges} exchanges, {decoded:.2} GB of bodies decoded, {bytes:.2} GB on disk, in {seconds:.0} s"
        );
        let (steps, took) = fill::index(path).await?;
        println!("segments: {steps} steps in {:.1} s", took.as_secs_f64());
        Ok(())
    }

    /// Asks while a writer appends, if one is wanted.
    async fn ask_beside_writer(&self, path: &Path, look: Look, exchanges: u64) -> Result<String> {
        let asking = move || look.in_a_process();
        if self.rate == 0 {
            return tokio::task::spawn_blocking(asking).await.context("the questions ended early")?;
        }
        let (store, stop) = (Store::open(path).await?, AtomicBool::new(false));
        let traffic = Arc::new(Traffic::new(exchanges, body::MOST));
        let writing = fill::go_on(&store, &traffic, (exchanges + 1, self.rate), &stop);
        let asking = async {
            let answered = tokio::task::spawn_blocking(asking).await;
            stop.store(true, Ordering::Relaxed);
            answered.context("the questions ended early")?
        };
        let (appended, answered) = tokio::join!(writing, asking);
        store.close().await;
        let appended = crate::report::written("appended meanwhile", &appended?);
        Ok(format!("{appended}\n{}", answered?))
    }
}
