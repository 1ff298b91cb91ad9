//! A run of the corpus: dashcam between its client and its origin.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use dashcam_secrets::case::Case;
use dashcam_secrets::marked::Class;
use dashcam_secrets::search::Search;
use dashcam_tests::dashcam::{Dashcam, command};
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::{self, Proxies, Way};
use crate::origin::{self, Cases};

/// Exchanges under way at once, besides those that wait in the middle.
const AT_ONCE: usize = 24;

/// Exchanges, each with the way on which it is sent, and the search for their secrets.
pub(crate) struct Corpus {
    /// The exchanges by their numbers.
    pub(crate) cases: Cases,
    ways: Vec<Way>,
    /// The search for their secrets.
    pub(crate) search: Search,
    /// Of each secret, the number of its exchange and its kind.
    pub(crate) secrets: Vec<(usize, String)>,
}

impl Corpus {
    /// Those of `rounds`, each of which has secrets of its own and is sent on another way.
    pub(crate) fn new(rounds: std::ops::Range<u64>) -> Result<Self> {
        let (mut cases, mut ways) = (Vec::new(), Vec::new());
        for round in rounds {
            let way = Way::ALL[round as usize % Way::ALL.len()];
            let suiting = dashcam_secrets::cases(round).map_err(anyhow::Error::msg)?;
            for case in suiting.into_iter().filter(|case| way.suits(case)) {
                cases.push(case);
                ways.push(way);
            }
        }
        let numbered = cases.iter().enumerate();
        let secrets: Vec<(usize, String, &[u8])> = numbered
            .flat_map(|(number, case)| {
                case.marked(Class::Secret).map(move |(mark, value)| (number, mark.kind.clone(), value))
            })
            .collect();
        let search = Search::of(secrets.iter().map(|(_, _, value)| *value));
        let secrets = secrets.into_iter().map(|(number, kind, _)| (number, kind)).collect();
        Ok(Self { cases: Arc::new(cases), ways, search, secrets })
    }

    /// Its name, and the way on which it was sent.
    pub(crate) fn name(&self, number: usize) -> String {
        format!("{} ({:?})", self.cases[number].name, self.ways[number])
    }
}

/// dashcam with the corpus's origin behind it.
pub(crate) struct Run {
    /// The program.
    pub(crate) dashcam: Dashcam,
    proxies: Proxies,
    _origin: Arc<Origin>,
}

impl Run {
    /// Starts both.
    pub(crate) async fn start(home: &Path, corpus: &Corpus, arguments: &[&str]) -> Result<Self> {
        let origin = Arc::new(origin::start(Arc::clone(&corpus.cases)).await?);
        Self::with(home, origin, arguments).await
    }

    async fn with(home: &Path, origin: Arc<Origin>, arguments: &[&str]) -> Result<Self> {
        let modes = [
            format!("upstream:http://{}@127.0.0.1:0", origin.address()),
            format!("reverse:https://localhost:{}@127.0.0.1:0", origin.port()),
        ];
        let modes = ["-m", modes[0].as_str(), "-m", modes[1].as_str()];
        let mut starting = command(home, &[&modes[..], arguments].concat())?;
        starting.env("RUST_LOG", "debug");
        let dashcam = Dashcam::start_command(home, starting).await?;
        let status = dashcam.api().get("/status").await?;
        let listener = |number: usize| {
            let address = status["listeners"][number]["address"].as_str().context("a listener")?;
            address.parse().context("an address")
        };
        let proxies = Proxies { forward: listener(0)?, reverse: listener(1)?, ca: dashcam.ca() };
        Ok(Self { dashcam, proxies, _origin: origin })
    }

    /// Starts to send all exchanges, as fast as they pass.
    pub(crate) fn send(&self, corpus: &Corpus) -> JoinSet<Result<()>> {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut sending = JoinSet::new();
        for (number, way) in corpus.ways.iter().copied().enumerate() {
            let (cases, proxies, places) =
                (Arc::clone(&corpus.cases), self.proxies.clone(), Arc::clone(&places));
            sending.spawn(async move {
                let case = &cases[number];
                // One that waits takes nobody's place.
                let _place = if waits(case) { None } else { Some(places.acquire().await?) };
                let sent = client::send(&proxies, way, number, case).await;
                sent.with_context(|| format!("{} on {way:?}", case.name))
            });
        }
        sending
    }

    /// Waits until all that passed is stored.
    pub(crate) async fn stored(&self) -> Result<()> {
        eventually("all exchanges are stored", async || {
            let status = self.dashcam.api().get("/status").await?;
            let ledger = &status["ledger"];
            Ok((ledger["open"] == 0 && ledger["pending"] == 0).then_some(()))
        })
        .await
    }
}

fn waits(case: &Case) -> bool {
    !(case.request.gates.is_empty() && case.response.gates.is_empty())
}
