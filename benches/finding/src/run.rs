//! A run: each contender's database is made, asked, and deleted.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use clap::Args;
use dashcam_store::Store;

use crate::ask::{Answered, Ask};
use crate::body;
use crate::dashcam;
use crate::fill::{self, Appended};
use crate::question::Kind;
use crate::traffic::Traffic;
use crate::{instructions, mitmproxy, plain, report};

const ALL: [Kind; 8] =
    [Kind::Newest, Kind::Range, Kind::Url, Kind::Count, Kind::Facets, Kind::Header, Kind::Json, Kind::Body];

/// Settings of a run.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Exchanges that are stored.
    #[arg(long, default_value_t = 1_000_000)]
    exchanges: u64,
    /// Questions of each kind.
    #[arg(long, default_value_t = 200)]
    queries: u64,
    /// Exchanges that are appended a second meanwhile.
    #[arg(long, default_value_t = 2000)]
    rate: u64,
    /// Seconds for a kind of questions at most.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The most bytes of a response's body; sizes are spread from 200 to this.
    #[arg(long, default_value_t = body::MOST)]
    largest_body: f64,
    /// Only these kinds of questions.
    #[arg(long, value_enum, value_delimiter = ',')]
    kinds: Vec<Kind>,
    /// The others that are asked the same: plain, mitmproxy.
    #[arg(long, value_delimiter = ',', default_value = "plain,mitmproxy")]
    peers: Vec<String>,
    /// Exchanges for mitmproxy, which holds them all in memory.
    #[arg(long, default_value_t = 100_000)]
    mitmproxy_exchanges: u64,
    /// A folder for the databases, which have some gigabytes; a temporary one if not given.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// A recording with so many exchanges that was made before (`record`): it is asked as it is, and kept.
    #[arg(long)]
    kept: Option<PathBuf>,
    /// A short form that checks that everything is answered.
    #[arg(long)]
    smoke: bool,
}

impl Run {
    pub(crate) async fn run(mut self) -> Result<()> {
        if self.smoke {
            (self.exchanges, self.queries, self.seconds, self.largest_body) = (5000, 5, 5, 2000.0);
            self.peers.retain(|peer| peer == "plain");
        }
        if self.kinds.is_empty() {
            self.kinds = ALL.to_vec();
        }
        let temporary = tempfile::tempdir()?;
        let folder = self.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
        let traffic = Arc::new(Traffic::new(self.exchanges, self.largest_body));
        println!("## Finding, among {} exchanges", self.exchanges);
        match &self.kept {
            Some(kept) => self.ask_dashcam(kept, &traffic).await?,
            None => self.measure_dashcam(&folder.join("finding.db"), &traffic).await?,
        }
        if self.wants("plain") {
            self.measure_plain(&folder.join("plain.db"), &traffic)?;
        }
        if self.wants("mitmproxy") {
            let number = self.exchanges.min(self.mitmproxy_exchanges);
            match mitmproxy::measure(&folder, &traffic, number, &self.kinds) {
                Ok(table) => println!("{table}"),
                Err(error) => println!("\nmitmproxy could not be asked: {error:#}"),
            }
        }
        if !self.smoke {
            println!("{}", instructions::count());
        }
        Ok(())
    }

    fn wants(&self, peer: &str) -> bool {
        self.peers.iter().any(|wanted| wanted == peer)
    }

    async fn measure_dashcam(&self, path: &Path, traffic: &Arc<Traffic>) -> Result<()> {
        let filled = fill::fill(path, traffic, self.exchanges).await?;
        let bytes = std::fs::metadata(path)?.len();
        println!("\n{}", report::written("recorded", &filled));
        let each = bytes as f64 / self.exchanges as f64;
        println!("on disk: {:.2} GB, {each:.0} bytes an exchange", bytes as f64 / 1e9);
        let (steps, took) = fill::index(path).await?;
        let more = std::fs::metadata(path)?.len().saturating_sub(bytes) as f64;
        let (seconds, share) = (took.as_secs_f64(), more * 100.0 / bytes as f64);
        println!("indexed: {steps} steps in {seconds:.1} s; {share:.2} % more on disk");
        self.ask_dashcam(path, traffic).await?;
        remove(path);
        Ok(())
    }

    async fn ask_dashcam(&self, path: &Path, traffic: &Arc<Traffic>) -> Result<()> {
        let kinds = self.kinds.iter().copied().filter(|kind| dashcam::ANSWERED.contains(kind)).collect();
        let (answered, appended) = self.ask_beside_writer(path, traffic, self.ask(path, kinds)).await?;
        println!("{}", report::written("appended meanwhile", &appended));
        println!("{}", report::table("dashcam", &answered));
        Ok(())
    }

    /// Asks while a writer appends.
    async fn ask_beside_writer(
        &self,
        path: &Path,
        traffic: &Arc<Traffic>,
        ask: Ask,
    ) -> Result<(Vec<Answered>, Appended)> {
        let store = Store::open(path).await?;
        let stop = AtomicBool::new(false);
        let last = store.reader().last_ids().await?.exchange;
        let (first, rate) = (last.0.unsigned_abs() + 1, self.rate);
        let writing = fill::go_on(&store, traffic, (first, rate), &stop);
        let asking = async {
            let answered = tokio::task::spawn_blocking(move || ask.in_a_process()).await;
            stop.store(true, Ordering::Relaxed);
            answered.context("the questions ended early")?
        };
        let (appended, answered, indexed) =
            tokio::join!(writing, asking, fill::go_on_indexing(&store, &stop));
        store.close().await;
        indexed?;
        Ok((answered?, appended?))
    }

    fn measure_plain(&self, path: &Path, traffic: &Traffic) -> Result<()> {
        plain::fill(path, traffic, self.exchanges)?;
        let bytes = std::fs::metadata(path)?.len() as f64 / 1e9;
        let answered = Ask { plain: true, ..self.ask(path, self.kinds.clone()) }.in_a_process()?;
        let bodies = self.exchanges.min(plain::BODIES);
        let title =
            format!("A plain table in SQLite ({bytes:.2} GB; bodies of {bodies} exchanges; nobody writes)");
        println!("{}", report::table(&title, &answered));
        remove(path);
        Ok(())
    }

    fn ask(&self, path: &Path, kinds: Vec<Kind>) -> Ask {
        Ask {
            database: path.to_owned(),
            plain: false,
            exchanges: self.exchanges,
            queries: self.queries,
            seconds: self.seconds,
            kinds,
        }
    }
}

/// Deletes a database: the next one may need its room.
pub(crate) fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm", ".lock", "-lock"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        let _gone = std::fs::remove_file(PathBuf::from(name));
    }
}
