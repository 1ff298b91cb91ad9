//! The recorder's traffic side: what is shared by all exchanges under way.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwapOption;
use dashcam_control::Kept;
use dashcam_exchange::{ExchangeId, GapReason, LastIds, Live, Record};
use tokio::sync::{Notify, broadcast, mpsc};

use crate::begin::Begin;
use crate::budget::{Bounds, Budget, Full, Held, Share, Source};
use crate::client::Client;
use crate::client_connection::ClientConnection;
use crate::guarantee::Guarantees;
use crate::ids::Ids;
use crate::intake::{Intake, Part};
use crate::ledger::Counters;
use crate::lock::lock;
use crate::open::OpenExchange;
use crate::pause::{By, Pausing};
use crate::recording::{Entry, Place, footprint};
use crate::shared::{Limits, Recorder, Shared};
use crate::watchers::Watchers;
use crate::way::Way;
use crate::{Event, Ledger, Redaction, RedactionCounts, Writer};

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
    let [memory, places] = [limits.memory, limits.exchanges]
        .map(|total| Budget::new(Bounds::with_source_percent(total, limits.address_share)));
    let shared = Arc::new(Shared {
        limits,
        own: Client {
            memory: memory.share(None),
            places: places.share(None),
            caller: ClientConnection::default(),
        },
        memory,
        places,
        counters: Counters::default(),
        live: Watchers::new(),
        close: Notify::new(),
        forgets_seals: AtomicBool::new(false),
        off: AtomicBool::new(false),
        aside: AtomicBool::new(false),
        pausing: Pausing::default(),
        storing_since: AtomicI64::new(0),
        guarantees: Guarantees::new(limits.memory, limits.exchanges),
        missed: Mutex::default(),
        heaviest: Mutex::default(),
        open: Mutex::default(),
        certificates: Mutex::new(HashSet::new()),
        numbers: Ids::default(),
        intake: Intake::default(),
        redaction: ArcSwapOption::empty(),
        redacted: Arc::default(),
        queue,
    });
    (Recorder { shared: Arc::clone(&shared) }, Writer::new(shared, records))
}

impl Recorder {
    /// Reserves room for an exchange. `None` when the level keeps no records, recording is paused, there is no room, or
    /// its client has had its share of that; all are counted. It never waits, whatever the exchange's guarantee.
    #[must_use]
    pub fn begin(&self, mut begin: Begin) -> Option<OpenExchange> {
        let counters = &self.shared.counters;
        if !begin.decision.level.records() {
            counters.not_recorded.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        counters.seen.fetch_add(1, Ordering::Relaxed);
        if let Some(reason) = self.unable() {
            self.drop_for(reason);
            return None;
        }
        let (Client { memory, places, caller }, hid) = self.take_in(&mut begin);
        match self.reserve((memory, places), footprint(&begin)) {
            Ok(room) => Some(self.open(begin, room, (hid, caller))),
            Err((full, memory)) => {
                self.shared.refuse(full, &memory);
                None
            }
        }
    }

    /// Why nothing can be recorded now.
    pub(crate) fn unable(&self) -> Option<GapReason> {
        let reason = self.shared.pausing.reason();
        reason.or_else(|| (!self.is_open()).then_some(GapReason::DiskError))
    }

    /// Counts an exchange that was seen and is not recorded because nothing can be.
    pub(crate) fn drop_for(&self, reason: GapReason) {
        self.shared.pausing.dropped(1);
        self.shared.miss(reason);
    }

    /// Makes what an exchange begins with fit to be kept: its client, and whether something secret was hidden in its head.
    pub(crate) fn take_in(&self, begin: &mut Begin) -> (Client, bool) {
        let mut hid = false;
        self.shared.intake.take(Part::Request(&mut begin.request), &mut hid);
        (begin.client.take().unwrap_or_else(|| self.shared.own.clone()), hid)
    }

    /// Takes `bytes` of memory and a place for an exchange, of its client's shares.
    pub(crate) fn reserve(
        &self,
        (memory, places): (Share, Share),
        bytes: usize,
    ) -> Result<(Place, Held), (Full, Held)> {
        let (mut place, mut memory) = (Held::nothing(places), Held::nothing(memory));
        let taken = place.take(1).and_then(|()| memory.take(bytes));
        let permit = self.shared.queue.clone().try_reserve_owned();
        match (taken, permit) {
            (Ok(()), Ok(permit)) => Ok((Place { permit: Some(permit), held: place }, memory)),
            (taken, _) => Err((taken.err().unwrap_or(Full::Budget), memory)),
        }
    }

    /// Opens the record of an exchange for which there is room.
    pub(crate) fn open(
        &self,
        begin: Begin,
        (place, memory): (Place, Held),
        (hid, caller): (bool, ClientConnection),
    ) -> OpenExchange {
        let id = self.shared.numbers.exchange();
        let open = OpenExchange::new(self, place, (memory, hid, caller), id, begin);
        if open.is_certain() && !open.open.caller.is_wanted() {
            self.keep_connection(&open.client());
        }
        if open.is_certain() || open.is_in_sight() {
            self.shared.publish_row(id, || open.seen_under(), || Live::Started(open.summary().cut()));
        }
        open
    }

    /// Counts an exchange that passes unrecorded from its beginning: at the level `off` or `metrics`, or as not in the sample
    /// of its rule.
    pub fn pass(&self, kept: Kept) {
        let counters = &self.shared.counters;
        if kept == Kept::SampledOut {
            // In this order: readers of the ledger see it as seen before anything else.
            counters.seen.fetch_add(1, Ordering::Relaxed);
            counters.sampled_out.fetch_add(1, Ordering::Release);
        } else {
            counters.not_recorded.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Hides `secret` in all that is recorded from now on, wherever it stands in heads, bodies and messages: the page's
    /// token. It is overwritten in the record alone, not in what passes.
    pub fn hide(&self, secret: &str) {
        self.shared.intake.hide(secret);
    }

    /// Takes secrets out of all that is recorded from now on, or of nothing. An exchange of which something has left memory
    /// stays under what was in force then.
    pub fn set_redaction(&self, redaction: Option<Arc<Redaction>>) {
        self.shared.redaction.store(redaction);
    }

    /// Seals secrets that are met again, also those that were sealed a moment ago: seals were deleted from the store.
    pub fn forget_seals(&self) {
        self.shared.forgets_seals.store(true, Ordering::Relaxed);
    }

    /// The counts of redaction since the start; `None` while it is off.
    #[must_use]
    pub fn redaction(&self) -> Option<RedactionCounts> {
        self.shared.redaction.load().is_some().then(|| self.shared.redacted.read())
    }

    /// Says whether recording is off: exchanges that began before pass on, but nothing more of their bodies
    /// and messages is kept, and they are marked truncated. Replays are recorded all the same.
    pub fn set_off(&self, off: bool) {
        self.shared.off.store(off, Ordering::Relaxed);
    }

    /// Returns whether the store was opened: before, no connection can be handed over.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.numbers.are_known()
    }

    /// The first number that an exchange has since this recorder began, beyond those in the store; `None` before the store
    /// was opened.
    #[must_use]
    pub fn first_exchange(&self) -> Option<ExchangeId> {
        self.shared.numbers.first_exchange()
    }

    /// The highest number that an exchange has, those in the store included.
    #[must_use]
    pub fn last_exchange(&self) -> ExchangeId {
        self.shared.numbers.last_exchange()
    }

    /// The clients of which most exchanges were dropped as beyond their share since the start, at most `most`, with how
    /// many; of more than 64 clients the counts are upper bounds.
    #[must_use]
    pub fn heaviest(&self, most: usize) -> Vec<(Source, u64)> {
        lock(&self.shared.heaviest).first(most)
    }

    /// The counts so far.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.shared.counters.read()
    }

    /// Events from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Arc<Event>> {
        self.shared.live.every()
    }

    /// The same for somebody who looks only now and then: an exchange that goes on is told by its number
    /// ([`Live::GoesOn`]), and [`Recorder::as_it_stands`] says more.
    #[must_use]
    pub fn watch_at_a_pace(&self) -> broadcast::Receiver<Arc<Event>> {
        self.shared.live.paced()
    }

    /// Takes no more; the writer ends when what is under way has been written.
    pub fn close(&self) {
        self.shared.close.notify_one();
    }

    /// Hands over a record that has no place of its own, and takes one of `places`. False when there is no room; what
    /// it held is given back then.
    pub(crate) fn send(&self, record: Record, memory: Held, places: &Share, way: Way) -> bool {
        let queue = &self.shared.queue;
        // While nothing is stored, what has no end of its own does not take the places of what has.
        let crowded = self.shared.pausing.reason().is_some() && queue.capacity() < queue.max_capacity() / 2;
        if crowded {
            return false;
        }
        let place = places.hold(1);
        place.is_ok_and(|place| {
            queue.try_send(Entry::Record { record, memory, place, way, stored: None }).is_ok()
        })
    }

    /// Tells live watchers, if there are any.
    pub(crate) fn publish(&self, event: impl FnOnce() -> Live) {
        self.shared.publish(event);
    }
}
