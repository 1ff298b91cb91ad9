//! The recorder's traffic side: what is shared by all exchanges under way.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwap;
use dashcam_exchange::{
    Certificate, Connection, ConnectionId, Exchange, ExchangeId, Fingerprint, GapReason, LastIds, Live,
    Record, UpstreamConnection, UpstreamConnectionId,
};
use tokio::sync::{Notify, broadcast, mpsc};

use crate::budget::Budget;
use crate::gaps::Gaps;
use crate::ledger::Counters;
use crate::numbers::Numbers;
use crate::open::{Begin, Handle, Open, OpenExchange};
use crate::pause::{By, Pausing};
use crate::secrets::Secrets;
use crate::{Ledger, Writer, now};

/// Certificates that are remembered as handed over, at the most. A forgotten one is handed over again, which
/// the store ignores.
const KNOWN_CERTIFICATES: usize = 4096;

/// How much the recorder may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Exchanges under way or on their way to the store, at the most.
    pub exchanges: usize,
    /// Bytes of heads, bodies and messages held in memory, at the most. Only the heads that come while an
    /// exchange is under way are kept beyond it.
    pub memory: usize,
    /// A body is handed over in pieces of this many bytes.
    pub part: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { exchanges: 16_384, memory: 64 << 20, part: 256 << 10 }
    }
}

/// A record on its way to the writer, with what it holds of the budget.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) record: Record,
    pub(crate) held: usize,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) budget: Budget,
    pub(crate) counters: Counters,
    pub(crate) live: broadcast::Sender<Live>,
    pub(crate) close: Notify,
    /// Whether recording is off: then nothing more is kept of exchanges that began before.
    pub(crate) off: AtomicBool,
    pub(crate) pausing: Pausing,
    /// When the batch that is being stored was handed over; 0 if none is.
    pub(crate) storing_since: AtomicI64,
    /// Holes that the writer does not know of yet.
    pub(crate) missed: Mutex<Gaps>,
    pub(crate) open: Mutex<HashMap<ExchangeId, Weak<Open>>>,
    /// The certificates that were handed over.
    pub(crate) certificates: Mutex<HashSet<Fingerprint>>,
    pub(crate) numbers: Numbers,
    /// What is recorded nowhere.
    pub(crate) secrets: ArcSwap<Secrets>,
    queue: mpsc::Sender<Entry>,
}

/// Hands exchanges over to the [`Writer`]. Cheap to clone; never waits.
#[derive(Debug, Clone)]
pub struct Recorder {
    pub(crate) shared: Arc<Shared>,
}

/// A recorder and its writer. `last` are the highest numbers that the store has used.
#[must_use]
pub fn recorder(limits: Limits, last: LastIds) -> (Recorder, Writer) {
    let (recorder, writer) = without_numbers(limits);
    recorder.shared.numbers.go_on_from(last);
    (recorder, writer)
}

/// A recorder that waits for its store, and its writer: it is paused for `reason` until [`Writer::open`] has opened
/// the store.
#[must_use]
pub fn waiting_recorder(limits: Limits, reason: GapReason, message: String) -> (Recorder, Writer) {
    let (recorder, writer) = without_numbers(limits);
    recorder.shared.pausing.pause(By::Writer, reason, message);
    (recorder, writer)
}

fn without_numbers(limits: Limits) -> (Recorder, Writer) {
    let (queue, records) = mpsc::channel(limits.exchanges);
    let shared = Arc::new(Shared {
        limits,
        budget: Budget::new(limits.memory),
        counters: Counters::default(),
        live: broadcast::channel(4096).0,
        close: Notify::new(),
        off: AtomicBool::new(false),
        pausing: Pausing::default(),
        storing_since: AtomicI64::new(0),
        missed: Mutex::default(),
        open: Mutex::new(HashMap::new()),
        certificates: Mutex::new(HashSet::new()),
        numbers: Numbers::default(),
        secrets: ArcSwap::default(),
        queue,
    });
    (Recorder { shared: Arc::clone(&shared) }, Writer::new(shared, records))
}

impl Recorder {
    /// Reserves room for an exchange. `None` when the level keeps no records, recording is paused or there is no room;
    /// all are counted.
    #[must_use]
    pub fn begin(&self, mut begin: Begin) -> Option<OpenExchange> {
        let counters = &self.shared.counters;
        if !begin.level.records() {
            counters.not_recorded.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        counters.seen.fetch_add(1, Ordering::Relaxed);
        let reason = self.shared.pausing.reason();
        if let Some(reason) = reason.or_else(|| (!self.is_open()).then_some(GapReason::DiskError)) {
            self.shared.pausing.dropped(1);
            self.shared.miss(reason);
            return None;
        }
        let Ok(place) = self.shared.queue.clone().try_reserve_owned() else {
            self.shared.miss(GapReason::QueueFull);
            return None;
        };
        let hid = self.shared.secrets.load().request(&mut begin.request);
        if !self.shared.budget.take(begin.request.footprint()) {
            self.shared.miss(GapReason::QueueFull);
            return None;
        }
        counters.open.fetch_add(1, Ordering::Relaxed);
        let id = self.shared.numbers.exchange();
        let open = OpenExchange::new(self, (place, hid), id, begin);
        self.publish(|| Live::Started(open.summary()));
        Some(open)
    }

    /// Counts an exchange that passes while the level is `off` or `metrics`.
    pub fn pass(&self) {
        self.shared.counters.not_recorded.fetch_add(1, Ordering::Relaxed);
    }

    /// Hides `secret` in all that is recorded from now on, wherever it stands in heads, bodies and messages: the page's
    /// token. It is overwritten in the record alone, not in what passes.
    pub fn hide(&self, secret: &str) {
        self.shared.secrets.rcu(|secrets| secrets.and(secret));
    }

    /// Says whether recording is off: exchanges that began before pass on, but nothing more of their bodies
    /// and messages is kept, and they are marked truncated. Replays are recorded all the same.
    pub fn set_off(&self, off: bool) {
        self.shared.off.store(off, Ordering::Relaxed);
    }

    /// Whether the store was opened: before, no connection can be handed over.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.numbers.are_known()
    }

    /// A number for a new client connection. In the store it has another if it is given before the store is open.
    #[must_use]
    pub fn connection_id(&self) -> ConnectionId {
        self.shared.numbers.connection()
    }

    /// Hands over a connection as it stands. Without room it is left out (its exchanges are not): nothing
    /// tries again and no count or gap tells of it, only the log does, at debug level. The store keeps what
    /// was handed over of it before, so one that closed may look open.
    pub fn connection(&self, mut connection: Connection) {
        let Some(id) = self.shared.numbers.stored_connection(connection.id) else { return };
        connection.id = id;
        self.certificates(connection.tls.iter().flat_map(|tls| &tls.certificates));
        connection.tls.iter_mut().flat_map(|tls| &mut tls.certificates).for_each(Certificate::forget_der);
        self.publish(|| Live::Connection(Box::new(connection.clone())));
        if !self.send(Entry { record: Record::Connection(Box::new(connection)), held: 0 }) {
            tracing::debug!(connection.id = id.0, "no room in the queue: a connection was not handed over");
        }
    }

    /// A number for a new connection to an upstream; as for [`Recorder::connection_id`].
    #[must_use]
    pub fn upstream_connection_id(&self) -> UpstreamConnectionId {
        self.shared.numbers.upstream_connection()
    }

    /// Hands over a connection to an upstream, once, with its certificates. Without room it is left out, as a
    /// client connection is; its exchanges then name one that the store does not know.
    pub fn upstream_connection(&self, mut connection: UpstreamConnection) {
        let Some(id) = self.shared.numbers.stored_upstream_connection(connection.id) else { return };
        connection.id = id;
        self.certificates(connection.certificates());
        connection.certificates_mut().for_each(Certificate::forget_der);
        if !self.send(Entry { record: Record::UpstreamConnection(Box::new(connection)), held: 0 }) {
            tracing::debug!(
                upstream_connection.id = id.0,
                "no room in the queue: a connection was not handed over"
            );
        }
    }

    /// Hands over those certificates that were not handed over before.
    fn certificates<'c>(&self, certificates: impl Iterator<Item = &'c Certificate>) {
        for certificate in certificates.filter(|certificate| !certificate.der.is_empty()) {
            let held = certificate.der.len();
            let known = lock(&self.shared.certificates).contains(&certificate.sha256);
            if known || !self.shared.budget.take(held) {
                continue;
            }
            let record = Record::Certificate { certificate: certificate.clone(), at: now() };
            if self.send(Entry { record, held }) {
                let mut known = lock(&self.shared.certificates);
                if known.len() >= KNOWN_CERTIFICATES {
                    known.clear();
                }
                known.insert(certificate.sha256);
            }
        }
    }

    /// An exchange under way as it stands, without the bytes of its bodies.
    #[must_use]
    pub fn under_way(&self, id: ExchangeId) -> Option<Exchange> {
        let open = lock(&self.shared.open).get(&id).and_then(Handle::upgrade)?;
        let exchange = lock(&open.state).without_bodies();
        Some(exchange)
    }

    /// The number of the exchange that began last.
    #[must_use]
    pub fn last_exchange(&self) -> ExchangeId {
        self.shared.numbers.last_exchange()
    }

    /// The counts so far.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.shared.counters.read()
    }

    /// What happens from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Live> {
        self.shared.live.subscribe()
    }

    /// Takes no more; the writer ends when what is under way has been written.
    pub fn close(&self) {
        self.shared.close.notify_one();
    }

    /// Hands over a record that has no place of its own. False when there is no room; what it held is
    /// given back then.
    pub(crate) fn send(&self, entry: Entry) -> bool {
        let held = entry.held;
        let queue = &self.shared.queue;
        // While nothing is stored, what has no end of its own does not take the places of what has.
        let crowded = self.shared.pausing.reason().is_some() && queue.capacity() < queue.max_capacity() / 2;
        let sent = !crowded && queue.try_send(entry).is_ok();
        if !sent {
            self.shared.budget.give_back(held);
        }
        sent
    }

    /// Tells live watchers, if there are any.
    pub(crate) fn publish(&self, event: impl FnOnce() -> Live) {
        self.shared.publish(event);
    }
}

impl Shared {
    pub(crate) fn publish(&self, event: impl FnOnce() -> Live) {
        if self.live.receiver_count() > 0 {
            // An error means that the last watcher has just left.
            let _ = self.live.send(event());
        }
    }

    /// Counts an exchange that is not recorded, and keeps the hole to be stored.
    fn miss(&self, reason: GapReason) {
        self.counters.drop_for(reason, 1);
        lock(&self.missed).miss(reason, now(), 1);
    }
}

/// A lock that a panic elsewhere does not close: what it guards is counts and queues, whole at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
