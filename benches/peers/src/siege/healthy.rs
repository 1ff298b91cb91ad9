//! Healthy clients: at an even pace over HTTP/1, HTTP/2 and WebSockets, as long as the siege lasts.

mod clients;

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use self::clients::Client;
use super::options::Options;
use super::wire::Target;

/// Where they are. Hostile clients are elsewhere.
const FROM: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Longer than this nobody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Recovered is who has been fast again for so long.
const STEADY: Duration = Duration::from_millis(500);
/// How often it is looked whether clients have recovered.
const LOOK: Duration = Duration::from_millis(50);
/// In the paths of all their requests, to find them in the recording.
pub(super) const MARK: &str = "healthy";

/// The phase in which a client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    WarmingUp,
    Quiet,
    Besieged,
    Recovering,
}

/// One question and what came of it.
#[derive(Debug, Clone, Copy)]
struct Asked {
    phase: u8,
    at: Instant,
    /// From when it was due; none if it failed.
    took: Option<Duration>,
}

struct Shared {
    phase: AtomicU8,
    stop: AtomicBool,
    asked: Mutex<Vec<Asked>>,
    failures: Mutex<Vec<String>>,
}

/// Healthy clients at work.
pub(super) struct Watch {
    clients: JoinSet<u64>,
    shared: Arc<Shared>,
}

/// The observations of healthy clients.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) quiet: Times,
    pub(super) besieged: Times,
    /// Exchanges that were answered whole, of all phases.
    pub(super) exchanges: u64,
    /// Questions that failed, of all phases.
    pub(super) failed: u64,
    /// The first failures.
    pub(super) failures: Vec<String>,
}

/// How long answers took.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Times {
    pub(super) count: usize,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

impl Watch {
    /// Starts them all.
    pub(super) fn start(target: &Target, options: &Options) -> Self {
        let shared = Arc::new(Shared {
            phase: AtomicU8::new(Phase::WarmingUp as u8),
            stop: AtomicBool::new(false),
            asked: Mutex::default(),
            failures: Mutex::default(),
        });
        let mut clients = JoinSet::new();
        for (index, client) in Client::all(options).into_iter().enumerate() {
            let (target, shared) = (target.clone(), Arc::clone(&shared));
            clients.spawn(async move { work(client, index, &target, &shared).await });
        }
        Self { clients, shared }
    }

    /// Waits until every client has had an answer.
    pub(super) async fn warm_up(&self) {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.shared.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// How long after `ended` the clients were as fast as in quiet times again, nearly: every answer of half a second within
    /// one and a half times the quiet p99. None if they are not within `patience`.
    pub(super) async fn recovered(&self, ended: Instant, patience: Duration) -> Option<Duration> {
        let enough = self.times(Phase::Quiet).p99.mul_f64(1.5).max(Duration::from_millis(5));
        let mut slow = ended;
        while ended.elapsed() < patience {
            tokio::time::sleep(LOOK).await;
            let asked = lock(&self.shared.asked);
            let recent = asked.iter().rev().take_while(|asked| asked.at > ended);
            let is_slow = |asked: &&Asked| asked.took.is_none_or(|took| took > enough);
            slow = recent.filter(is_slow).map(|asked| asked.at).max().unwrap_or(slow);
            if slow.elapsed() > STEADY {
                return Some(slow.duration_since(ended));
            }
        }
        None
    }

    /// Ends them, and tells what they saw.
    pub(super) async fn stop(mut self) -> Seen {
        self.shared.stop.store(true, Ordering::Relaxed);
        let mut exchanges = 0;
        while let Some(ended) = self.clients.join_next().await {
            exchanges += ended.unwrap_or_default();
        }
        let failed = lock(&self.shared.asked).iter().filter(|asked| asked.took.is_none()).count() as u64;
        Seen {
            quiet: self.times(Phase::Quiet),
            besieged: self.times(Phase::Besieged),
            exchanges,
            failed,
            failures: std::mem::take(&mut lock(&self.shared.failures)),
        }
    }

    fn times(&self, phase: Phase) -> Times {
        let asked = lock(&self.shared.asked);
        let mut times: Vec<Duration> =
            asked.iter().filter(|asked| asked.phase == phase as u8).filter_map(|asked| asked.took).collect();
        times.sort();
        let quantile = |share: f64| {
            let index = (times.len() as f64 * share) as usize;
            times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        Times { count: times.len(), p50: quantile(0.5), p99: quantile(0.99) }
    }
}

/// Asks at the client's pace until the end; how many exchanges were whole.
async fn work(client: Client, index: usize, target: &Target, shared: &Shared) -> u64 {
    let (mut whole, mut connection) = (0, None);
    let mut due = Instant::now() + client.interval.mul_f64(index as f64 / 37.0 % 1.0);
    while !shared.stop.load(Ordering::Relaxed) {
        tokio::time::sleep_until(due.into()).await;
        let phase = shared.phase.load(Ordering::Relaxed);
        let answer = tokio::time::timeout(PATIENCE, client.ask(&mut connection, target, FROM)).await;
        let result = answer.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer within {PATIENCE:?}")));
        let took = result.is_ok().then(|| due.elapsed());
        match result {
            Ok(exchanges) => whole += exchanges,
            Err(error) => {
                connection = None;
                let mut failures = lock(&shared.failures);
                if failures.len() < 10 {
                    failures.push(format!("{client:?}: {error:#}"));
                }
            }
        }
        lock(&shared.asked).push(Asked { phase, at: Instant::now(), took });
        due = (due + client.interval).max(Instant::now() - Duration::from_secs(1));
    }
    whole
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
