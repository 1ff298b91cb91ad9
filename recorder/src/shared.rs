//! State that recorders, exchanges under way and the writer share.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use dashcam_exchange::{ExchangeId, Fingerprint, GapReason, Live};
use tokio::sync::{Notify, mpsc};

use crate::budget::{Budget, Full, Held};
use crate::by_number::ByExchange;
use crate::client::Client;
use crate::gaps::Gaps;
use crate::guarantee::{Guarantees, NotKept};
use crate::heaviest::Heaviest;
use crate::ids::Ids;
use crate::intake::Intake;
use crate::ledger::Counters;
use crate::lock::lock;
use crate::pause::Pausing;
use crate::recording::{Entry, Open};
use crate::redaction::counts::Counts;
use crate::redaction::in_force::{Names, Redaction};
use crate::watchers::Watchers;
use crate::{Event, now};

/// How much the recorder may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Exchanges under way or on their way to the store, at most.
    pub exchanges: usize,
    /// Bytes of heads, bodies, messages and all else that is held until it is stored, at most.
    pub memory: usize,
    /// Percent of both that one client address may hold when more than half is used ([`Bounds`]).
    pub address_share: u8,
    /// A body is handed over in pieces of this many bytes.
    pub part: usize,
    /// How long a lossless exchange waits for the store before it is refused, or broken off.
    pub lossless_wait: Duration,
    /// Exchanges that may wait for the recording at the same time; beyond, lossless requests are refused.
    pub lossless_waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            exchanges: 16_384,
            memory: 64 << 20,
            address_share: 25,
            part: 256 << 10,
            lossless_wait: Duration::from_secs(30),
            lossless_waiting: 1024,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) memory: Budget,
    pub(crate) places: Budget,
    /// The account of what no client asked for, all together: replays, connections to upstreams that serve nobody yet.
    pub(crate) own: Client,
    pub(crate) counters: Counters,
    pub(crate) live: Watchers,
    pub(crate) close: Notify,
    /// True while the writer has to forget what was sealed lately: seals were deleted.
    pub(crate) forgets_seals: AtomicBool,
    /// True while recording is off: then nothing more is kept of exchanges that began before.
    pub(crate) off: AtomicBool,
    /// True while what the rules do not keep goes to the sink beside the store.
    pub(crate) aside: AtomicBool,
    pub(crate) pausing: Pausing,
    /// When the batch that is being stored was handed over; 0 if none is.
    pub(crate) storing_since: AtomicI64,
    /// Those who wait for room, or for the store.
    pub(crate) guarantees: Guarantees,
    /// Holes that the writer does not know of yet.
    pub(crate) missed: Mutex<Gaps>,
    pub(crate) heaviest: Mutex<Heaviest>,
    pub(crate) open: Mutex<ByExchange<Weak<Open>>>,
    /// The certificates that were handed over.
    pub(crate) certificates: Mutex<HashSet<Fingerprint>>,
    pub(crate) numbers: Ids,
    pub(crate) intake: Intake,
    /// Redaction in force; `None` while it is off.
    pub(crate) redaction: ArcSwapOption<Redaction>,
    pub(crate) redacted: Arc<Counts>,
    pub(crate) queue: mpsc::Sender<Entry>,
}

/// Hands exchanges over to the [`Writer`](crate::Writer). Cheap to clone. Only traffic that a rule guarantees to
/// record waits for it.
#[derive(Debug, Clone)]
pub struct Recorder {
    pub(crate) shared: Arc<Shared>,
}

impl Shared {
    /// Tells live watchers, if there are any, of something with no secrets in it, or none any more.
    pub(crate) fn publish(&self, event: impl FnOnce() -> Live) {
        if self.live.are_there() {
            self.live.tell(Event::new(event()));
        }
    }

    /// Tells live watchers, if there are any, of something with secrets in it: `of` says which sets it is under, and the host
    /// of its exchange.
    pub(crate) fn publish_raw(&self, of: impl FnOnce() -> (Names, String), event: impl FnOnce() -> Live) {
        if self.live.are_there() {
            self.live.tell(self.raw(of, event()));
        }
    }

    /// Tells live watchers, if there are any, that exchange `id` has come further; those at a pace are told its number only.
    pub(crate) fn publish_row(
        &self,
        id: ExchangeId,
        of: impl FnOnce() -> (Names, String),
        event: impl FnOnce() -> Live,
    ) {
        self.live.tell_of(id, || self.raw(of, event()));
    }

    /// The event that takes secrets out of `live` once somebody looks.
    fn raw(&self, of: impl FnOnce() -> (Names, String), live: Live) -> Event {
        let Some(redaction) = self.redaction.load_full() else { return Event::new(live) };
        let (names, host) = of();
        match redaction.under(&names, &self.redacted) {
            Some(under) => Event::raw(live, under, host),
            None => Event::new(live),
        }
    }

    /// Why nothing that must be stored can be now.
    pub(crate) fn gone(&self) -> Option<NotKept> {
        if self.queue.is_closed() {
            return Some(NotKept::Closed);
        }
        if self.pausing.reason().is_some() {
            return Some(NotKept::Paused(
                self.pausing.read().map_or_else(String::new, |pause| pause.message),
            ));
        }
        None
    }

    /// Takes exchanges that are stored, or dropped, out of sight.
    pub(crate) fn forget(&self, ended: &[(ExchangeId, Arc<Open>)]) {
        // A few at a time: traffic takes the same lock.
        for some in ended.chunks(64) {
            let mut open = lock(&self.open);
            for (id, _) in some {
                open.remove(id);
            }
        }
    }

    /// Counts an exchange that finds no room, of the client that `memory` is of.
    pub(crate) fn refuse(&self, full: Full, memory: &Held) {
        if let (Full::Client, Some(source)) = (full, memory.share().source()) {
            lock(&self.heaviest).note(source);
        }
        self.miss(full.into());
    }

    /// Counts an exchange that is not recorded, and keeps the hole to be stored.
    pub(crate) fn miss(&self, reason: GapReason) {
        self.counters.drop_for(reason, 1);
        lock(&self.missed).miss(reason, now(), 1);
    }
}
