//! The process that answers: it asks, and says how long each kind took.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::question::{Kind, Question};
use crate::traffic::Traffic;
use crate::{dashcam, memory, plain};

/// Questions to put.
#[derive(Debug, Clone, Args)]
pub(crate) struct Ask {
    /// The database.
    #[arg(long)]
    pub(crate) database: PathBuf,
    /// Ask plain SQLite, rather than dashcam.
    #[arg(long)]
    pub(crate) plain: bool,
    /// Exchanges that are stored.
    #[arg(long)]
    pub(crate) exchanges: u64,
    /// Questions of each kind.
    #[arg(long)]
    pub(crate) queries: u64,
    /// Seconds for a kind at most: fewer questions are put then.
    #[arg(long)]
    pub(crate) seconds: u64,
    /// The kinds.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) kinds: Vec<Kind>,
}

/// How long a kind of questions took. Times are microseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) kind: Kind,
    pub(crate) questions: u64,
    pub(crate) p50: u64,
    pub(crate) p95: u64,
    pub(crate) longest: u64,
    /// Processor time of one, on average.
    pub(crate) cpu: u64,
    /// Rows that were found, of all questions.
    pub(crate) rows: u64,
    /// Bytes of memory at most, meanwhile.
    pub(crate) peak: u64,
}

impl Ask {
    /// Puts the questions in a process of its own, so that its memory is that of answering.
    pub(crate) fn in_a_process(&self) -> Result<Vec<Answered>> {
        let kinds: Vec<String> = self.kinds.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect();
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("ask").arg("--database").arg(&self.database);
        for (name, value) in
            [("exchanges", self.exchanges), ("queries", self.queries), ("seconds", self.seconds)]
        {
            command.arg(format!("--{name}={value}"));
        }
        command.arg(format!("--kinds={}", kinds.join(",")));
        if self.plain {
            command.arg("--plain");
        }
        let output =
            command.stderr(std::process::Stdio::inherit()).output().context("cannot run the questions")?;
        ensure!(output.status.success(), "the questions failed: {}", output.status);
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Puts the questions, and prints the answers' times as JSON.
    pub(crate) async fn put(&self, traffic: &Traffic) -> Result<()> {
        let mut all = Vec::new();
        for kind in &self.kinds {
            memory::forget_peak()?;
            let before = memory::cpu()?;
            let (times, rows) = if self.plain {
                self.put_plainly(*kind, traffic)?
            } else {
                self.put_to_dashcam(*kind, traffic).await?
            };
            all.push(summed(*kind, times, rows, memory::cpu()?.saturating_sub(before))?);
        }
        println!("{}", serde_json::to_string(&all)?);
        Ok(())
    }

    async fn put_to_dashcam(&self, kind: Kind, traffic: &Traffic) -> Result<(Vec<Duration>, u64)> {
        let store = dashcam::open(&self.database).await?;
        let (began, mut times, mut rows) = (Instant::now(), Vec::new(), 0);
        for question in self.questions(kind, traffic) {
            let asked = Instant::now();
            rows += dashcam::ask(&store, &question).await?;
            times.push(asked.elapsed());
            if began.elapsed().as_secs() >= self.seconds {
                break;
            }
        }
        store.close().await;
        Ok((times, rows))
    }

    fn put_plainly(&self, kind: Kind, traffic: &Traffic) -> Result<(Vec<Duration>, u64)> {
        let connection = plain::open(Path::new(&self.database))?;
        let (began, mut times, mut rows) = (Instant::now(), Vec::new(), 0);
        for question in self.questions(kind, traffic) {
            let asked = Instant::now();
            rows += plain::ask(&connection, &question)?;
            times.push(asked.elapsed());
            if began.elapsed().as_secs() >= self.seconds {
                break;
            }
        }
        Ok((times, rows))
    }

    fn questions(&self, kind: Kind, traffic: &Traffic) -> impl Iterator<Item = Question> {
        // The plain table has the bodies of some.
        let exchanges = if matches!(kind, Kind::Body | Kind::Json) && self.plain {
            self.exchanges.min(plain::BODIES)
        } else {
            self.exchanges
        };
        (0..self.queries).map(move |number| Question::draw(kind, number, exchanges, traffic))
    }
}

fn summed(kind: Kind, mut times: Vec<Duration>, rows: u64, cpu: Duration) -> Result<Answered> {
    times.sort_unstable();
    let at = |share: f64| {
        let place = (times.len() as f64 * share).ceil() as usize;
        times.get(place.saturating_sub(1)).map_or(0, |time| time.as_micros() as u64)
    };
    let (p50, p95, longest) = (at(0.5), at(0.95), at(1.0));
    let questions = times.len() as u64;
    let cpu = cpu.as_micros() as u64 / questions.max(1);
    Ok(Answered { kind, questions, p50, p95, longest, cpu, rows, peak: memory::peak()? })
}
