//! The audit log: reads, exports, replays, unseals, redactions and deletes, of exchanges and of seals, by those who use the
//! page and the API, and changes of tokens.
//!
//! Callers never wait for it: entries go through a bounded queue to a task that writes them ([`AuditWriter`]). Where the
//! queue is full an entry is lost, and counted: the log itself says how many.

mod action;
mod reads;
mod writer;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dashcam_exchange::{ExchangeId, Timestamp};
use dashcam_store::Store;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::principal::Caller;
use reads::Reads;

pub use action::{ACTIONS, Action, Subject};
pub(crate) use reads::Part;
pub use writer::{AuditBounds, AuditWriter};

/// Entries that may wait for the disk.
const MOST_WAITING: usize = 1024;

/// A way to the audit log. Clones share it.
#[derive(Clone)]
pub struct Audit {
    /// `None`: nothing is noted, as the recording is only read.
    queue: Option<mpsc::Sender<Item>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    lost: AtomicU64,
    tickets: AtomicU64,
    reads: Mutex<Reads>,
}

/// Something for the task that writes.
#[derive(Debug)]
enum Item {
    Entry(Box<Entry>),
    /// More that is known of the entry with a ticket.
    Amend(u64, Option<u64>, Option<Value>),
    /// A token, by its digest, was used.
    Used([u8; 32], Timestamp),
}

#[derive(Debug)]
struct Entry {
    /// The name under which more may come of it.
    ticket: Option<u64>,
    at: Timestamp,
    caller: Caller,
    action: Action,
}

/// An entry whose end is still to come: it gets its count when this is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    audit: Audit,
    ticket: u64,
    count: Arc<AtomicU64>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.audit.hand_over(Item::Amend(self.ticket, Some(self.count.load(Ordering::Relaxed)), None));
    }
}

impl Audit {
    /// The log in `store`, within bounds, and the task that writes it: it goes on until all clones of the first are gone.
    #[must_use]
    pub fn new(store: Store, bounds: AuditBounds) -> (Self, AuditWriter) {
        let (queue, items) = mpsc::channel(MOST_WAITING);
        let shared = Arc::<Shared>::default();
        let writer = AuditWriter::new(store, bounds, (items, Arc::clone(&shared)));
        (Self { queue: Some(queue), shared }, writer)
    }

    /// None: for a recording that is only read.
    #[must_use]
    pub fn off() -> Self {
        Self { queue: None, shared: Arc::default() }
    }

    /// Returns whether nothing is noted.
    pub(crate) fn is_off(&self) -> bool {
        self.queue.is_none()
    }

    /// Notes that `caller` did something.
    pub(crate) fn note(&self, caller: &Caller, action: Action) {
        self.enter(caller, action, None);
    }

    /// Notes that `caller` begins something that adds to `count` until what is returned is dropped.
    pub(crate) fn begin(&self, caller: &Caller, action: Action, count: Arc<AtomicU64>) -> UnderWay {
        let ticket = self.ticket();
        self.enter(caller, action, Some(ticket));
        UnderWay { audit: self.clone(), ticket, count }
    }

    /// Notes that `caller` read a part of an exchange: one entry for an exchange and a caller within a minute, which
    /// names the parts.
    pub(crate) fn read(&self, caller: &Caller, exchange: ExchangeId, part: Part) {
        let mut reads = self.shared.reads.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((read, is_new)) = reads.note((caller, exchange), part, (Instant::now(), || self.ticket()))
        else {
            return;
        };
        if is_new {
            let action = Action::Read { exchange, parts: read.parts };
            if !self.enter(caller, action, Some(read.ticket)) {
                reads.forget(caller, exchange);
            }
        } else {
            let detail = Action::Read { exchange, parts: read.parts }.detail();
            self.hand_over(Item::Amend(read.ticket, None, detail));
        }
    }

    /// Notes that a token was used.
    pub(crate) fn used(&self, sha256: [u8; 32]) {
        self.hand_over(Item::Used(sha256, dashcam_recorder::now()));
    }

    /// How many entries were lost since the start.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    fn enter(&self, caller: &Caller, action: Action, ticket: Option<u64>) -> bool {
        let (at, caller) = (dashcam_recorder::now(), caller.clone());
        let entered = self.hand_over(Item::Entry(Box::new(Entry { ticket, at, caller, action })));
        if !entered && self.shared.lost.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!("the audit log loses entries: the disk does not take those before them");
        }
        entered
    }

    fn hand_over(&self, item: Item) -> bool {
        self.queue.as_ref().is_none_or(|queue| queue.try_send(item).is_ok())
    }

    fn ticket(&self) -> u64 {
        self.shared.tickets.fetch_add(1, Ordering::Relaxed)
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").field("lost", &self.lost()).finish_non_exhaustive()
    }
}
