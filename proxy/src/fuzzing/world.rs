//! Everything that a connection needs: the service in memory, its record, and a clock that stands still.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use dashcam_ca::Authority;
use dashcam_control::Settings;
use dashcam_exchange::{Exchange, GapReason, LastIds, Record, State};
use dashcam_recorder::{Limits, Recorder, recorder};
use tokio::io::DuplexStream;
use tokio::task::JoinSet;

use crate::config::ListenerConfig;
use crate::exchange::route::Route;
use crate::in_memory;
use crate::meter::Outcomes;
use crate::net::io::Io;
use crate::serve::client_record::ClientRecord;
use crate::serve::server::Server;
use crate::serve::{h1, h2};

/// Longer than everything that the service may wait for.
const HUNG: Duration = Duration::from_secs(3600);

/// Runs `future` with a clock that moves only when nothing else can.
///
/// # Panics
/// When it hangs.
pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing");
    runtime.block_on(async { tokio::time::timeout(HUNG, future).await.expect("it hangs") })
}

/// The service, with its record.
pub(super) struct World {
    server: Arc<Server>,
    recorder: Recorder,
    records: Arc<Mutex<Vec<Record>>>,
    tasks: JoinSet<()>,
}

impl World {
    /// A new one; `origin` takes the far ends of connections to the upstream.
    pub(super) async fn new(origin: impl FnMut(DuplexStream) + 'static) -> Self {
        in_memory::set_origin(origin);
        let (recorder, writer) = recorder(Limits::default(), LastIds::default());
        let records = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&records);
        let append = move |batch: Vec<Record>| {
            kept.lock().expect("no panic").extend(batch);
            std::future::ready(Ok::<_, String>(()))
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError)).await;
        });
        let server = in_memory::server(Settings::default(), authority(), recorder.clone()).await;
        Self { server, recorder, records, tasks }
    }

    /// Serves a client on `io`.
    pub(super) async fn serve(&self, io: DuplexStream, route: &Route) {
        let mut log = ClientRecord::new(&self.server.service, in_memory::CLIENT, &ListenerConfig::default());
        // A tunnel is closed at once: what is inside is not HTTP/1's business.
        let _ = h1::server::serve(Io::from(io), route, &self.server, &mut log).await;
    }

    /// Serves a client that speaks HTTP/2 on `io`.
    pub(super) async fn serve_h2(&self, io: DuplexStream, route: Arc<Route>) {
        let mut log = ClientRecord::new(&self.server.service, in_memory::CLIENT, &ListenerConfig::default());
        h2::server::serve(Io::from(io), route, &self.server, &mut log).await;
    }

    /// Ends it, and gives what was recorded.
    ///
    /// # Panics
    /// When an exchange was lost, has not ended, or holds memory still.
    pub(super) async fn end(mut self) -> Vec<Exchange> {
        in_memory::unset_origin();
        self.server.service.upstreams.pool.close();
        self.recorder.close();
        while let Some(task) = self.tasks.join_next().await {
            task.expect("the recorder does not panic");
        }
        let ledger = self.recorder.ledger();
        assert_eq!((ledger.open, ledger.pending, ledger.stored), (0, 0, ledger.seen), "{ledger:?}");
        assert_eq!(self.recorder.health().queued_bytes, 0, "all is given back");
        let mut records = self.records.lock().expect("no panic");
        let finished = records.drain(..).filter_map(|record| match record {
            Record::Finished(exchange) => Some(Exchange::clone(&exchange)),
            _ => None,
        });
        let finished: Vec<_> = finished.collect();
        assert_counted(&finished, &self.server.context.meter.read().outcomes);
        finished
    }
}

/// Asserts that each exchange is counted as what it is recorded as. Only where a request broke off behind its
/// whole response may the count, which does not wait for it, be the response's.
fn assert_counted(finished: &[Exchange], counted: &Outcomes) {
    let outlived = |exchange: &Exchange| {
        let bodies = (exchange.request_body.complete, exchange.response_body.complete);
        matches!(exchange.state, State::Aborted | State::Failed) && bodies == (false, true)
    };
    let mut sure = [0; 9];
    for exchange in finished.iter().filter(|exchange| !outlived(exchange)) {
        sure[outcome(exchange)] += 1;
    }
    let [a, b, c, d, e, f] = counted.complete;
    let counts = [a, b, c, d, e, f, counted.failed, counted.refused, counted.aborted];
    assert_eq!(counts.iter().sum::<u64>(), finished.len() as u64, "each counts once: {counted:?}");
    assert!(
        sure.iter().zip(counts).all(|(sure, count)| *sure <= count),
        "{sure:?} are recorded: {counted:?}"
    );
}

/// The place of an exchange's outcome.
fn outcome(exchange: &Exchange) -> usize {
    let status = exchange.response.as_ref().map_or(0, |head| usize::from(head.status));
    match exchange.state {
        State::Complete => (status / 100).wrapping_sub(1).min(5),
        State::Failed => 6,
        State::Refused => 7,
        State::Aborted | State::Open | State::Interrupted => 8,
    }
}

/// One for all inputs: it takes long to make, and nothing here decrypts.
fn authority() -> Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    let make = || {
        let home = std::env::temp_dir().join(format!("dashcam-fuzzing-{}", std::process::id()));
        std::fs::create_dir_all(&home).expect("a folder for temporary files");
        let (authority, _) = Authority::open_or_create(&home).expect("a new authority");
        std::fs::remove_dir_all(&home).expect("it is ours");
        authority
    };
    AUTHORITY.get_or_init(make).clone()
}
