//! Clients that ask one after the other, all the time, and take down how long each answer took.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use crate::eventually::eventually;
use crate::origin::Origin;
use crate::raw;

/// Clients at work.
pub struct Load {
    clients: JoinSet<Result<()>>,
    shared: Arc<Shared>,
}

struct Shared {
    stop: AtomicBool,
    asked: AtomicU64,
    /// When each answer was there, what was asked for, and how long it took.
    answers: Mutex<Vec<Answered>>,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// When it was there.
    pub at: Instant,
    /// The target that was asked for.
    pub target: String,
    /// How long it took.
    pub took: Duration,
}

impl Load {
    /// Starts `clients` that ask `origin` through `proxy` for `bytes` bytes, again and again.
    #[must_use]
    pub fn start(proxy: SocketAddr, origin: &Origin, clients: usize, bytes: usize) -> Self {
        let (stop, asked, answers) = (AtomicBool::new(false), AtomicU64::new(0), Mutex::default());
        let shared = Arc::new(Shared { stop, asked, answers });
        let (base, host) = (origin.url(""), origin.address().to_string());
        let mut all = JoinSet::new();
        for _ in 0..clients {
            let (shared, base, host) = (Arc::clone(&shared), base.clone(), host.clone());
            all.spawn(async move {
                let mut io = raw::open(proxy).await?;
                while !shared.stop.load(Ordering::Relaxed) {
                    let start = Instant::now();
                    let target = format!("/bytes/{bytes}?n={}", shared.asked.fetch_add(1, Ordering::Relaxed));
                    let answer = raw::get(&mut io, &format!("{base}{target}"), &host).await?;
                    ensure!(
                        answer.head.status()? == 200 && answer.body.len() == bytes,
                        "{}",
                        answer.head.start
                    );
                    let at = Instant::now();
                    let answered = Answered { at, target, took: at - start };
                    shared.answers.lock().expect("no panic while locked").push(answered);
                }
                Ok(())
            });
        }
        Self { clients: all, shared }
    }

    /// The answers so far.
    #[must_use]
    pub fn answers(&self) -> Vec<Answered> {
        self.shared.answers.lock().expect("no panic while locked").clone()
    }

    /// How many answers there were so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.shared.answers.lock().expect("no panic while locked").len() as u64
    }

    /// Waits for `more` answers.
    ///
    /// # Errors
    /// When they don't come.
    pub async fn more(&self, more: u64) -> Result<()> {
        let wanted = self.count() + more;
        eventually(&format!("{more} more answers"), async || Ok((self.count() >= wanted).then_some(()))).await
    }

    /// Waits until it has gone on for `time`.
    ///
    /// # Errors
    /// When that is longer than a test may wait.
    pub async fn go_on(&self, time: Duration) -> Result<()> {
        let start = Instant::now();
        eventually("the load goes on", async || Ok((start.elapsed() >= time).then_some(()))).await
    }

    /// Ends it; how many answers there were. Every one was whole.
    ///
    /// # Errors
    /// When a request failed.
    pub async fn stop(mut self) -> Result<u64> {
        self.shared.stop.store(true, Ordering::Relaxed);
        while let Some(client) = self.clients.join_next().await {
            client??;
        }
        Ok(self.count())
    }

    /// Its answers until its proxy was killed.
    pub async fn killed(mut self) -> Vec<Answered> {
        while self.clients.join_next().await.is_some() {}
        self.answers()
    }
}

/// Of how long answers took, the value that `share` of them did not exceed.
#[must_use]
pub fn quantile(answers: &[Answered], share: f64) -> Duration {
    let mut took: Vec<_> = answers.iter().map(|answer| answer.took).collect();
    took.sort_unstable();
    let place = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
    took.get(place).copied().unwrap_or_default()
}
