//! A stream that is sent something only now and then, and of exchanges only the newest: it costs the same whatever passes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{ExchangeId, Live};
use dashcam_recorder::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::time::{Instant, sleep_until};

use crate::dto::Skipped;
use crate::error::ApiError;

/// Milliseconds from one sending to the next that can be asked for.
const EVERY: std::ops::RangeInclusive<u64> = 10..=10_000;
/// Exchanges each time that can be asked for, and those unless that is said.
const MOST: std::ops::RangeInclusive<usize> = 1..=1000;
const USUAL: usize = 100;
/// The queue of events is emptied at least so often, so that it does not run over.
const TAKEN_EVERY: Duration = Duration::from_millis(50);
/// The most exchanges, and the most other events, that wait for a sending: what is beyond is lost.
const MOST_WAITING: usize = 8192;
/// The most exchanges under way that are remembered as skipped.
const MOST_SKIPPED: usize = 10_000;

/// Events that wait for the next sending.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    pub(super) most: usize,
    /// The last event of each exchange.
    exchanges: BTreeMap<ExchangeId, Arc<Event>>,
    /// Other events.
    others: Vec<Arc<Event>>,
    /// False where messages are not for the watcher.
    sees_messages: bool,
    /// Some events were lost.
    has_missed: bool,
    /// The earliest moment of the next sending, and when the queue is to be looked at.
    next: Instant,
    wake: Instant,
    /// Exchanges under way that were skipped, so that each is counted once.
    skipped: BTreeSet<ExchangeId>,
}

/// Events to be sent.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The last event of each exchange.
    pub(super) exchanges: BTreeMap<ExchangeId, Arc<Event>>,
    /// Other events, in their order.
    pub(super) others: Vec<Arc<Event>>,
    /// Some events were lost.
    pub(super) has_missed: bool,
}

impl Pace {
    /// A pace of `every` milliseconds, with the `most` exchanges each time.
    pub(super) fn read(every: u64, most: Option<usize>, sees_messages: bool) -> Result<Self, ApiError> {
        if !EVERY.contains(&every) {
            let (least, longest) = (EVERY.start(), EVERY.end());
            return Err(ApiError::bad_request(format!(
                "pace is {every}; it can be from {least} to {longest} milliseconds."
            )));
        }
        let most = most.unwrap_or(USUAL);
        if !MOST.contains(&most) {
            return Err(ApiError::bad_request(format!(
                "most is {most}; it can be from 1 to {}.",
                MOST.end()
            )));
        }
        let now = Instant::now();
        Ok(Self {
            every: Duration::from_millis(every),
            most,
            exchanges: BTreeMap::new(),
            others: Vec::new(),
            sees_messages,
            has_missed: false,
            next: now,
            wake: now,
            skipped: BTreeSet::new(),
        })
    }

    /// Nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.exchanges.is_empty() && self.others.is_empty() && !self.has_missed
    }

    /// Takes an event that came while none waited.
    pub(super) fn begin(&mut self, event: Option<Arc<Event>>) {
        match event {
            Some(event) => self.take(event),
            None => self.has_missed = true,
        }
        self.sleep();
    }

    /// Waits until the queue is to be looked at.
    pub(super) async fn woken(&self) {
        sleep_until(self.wake).await;
    }

    /// Takes what waits in the queue, and returns all if it is time to send it.
    pub(super) fn gather(&mut self, queue: &mut Receiver<Arc<Event>>) -> Option<Gathered> {
        loop {
            match queue.try_recv() {
                Ok(event) => self.take(event),
                Err(TryRecvError::Lagged(_)) => self.has_missed = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let now = Instant::now();
        if now < self.next {
            self.sleep();
            return None;
        }
        self.next = now + self.every;
        let has_missed = std::mem::take(&mut self.has_missed);
        if has_missed {
            // The ends of these may be among what was lost.
            self.skipped.clear();
        }
        let (exchanges, others) = (std::mem::take(&mut self.exchanges), std::mem::take(&mut self.others));
        Some(Gathered { exchanges, others, has_missed })
    }

    /// Forgets that an exchange was skipped: it is told of.
    pub(super) fn told(&mut self, id: ExchangeId) {
        self.skipped.remove(&id);
    }

    /// Counts an exchange that is skipped.
    pub(super) fn skip(&mut self, (id, is_over): (ExchangeId, bool), into: &mut Skipped) {
        let is_known = self.skipped.remove(&id);
        if !is_over && (self.skipped.len() < MOST_SKIPPED) {
            self.skipped.insert(id);
        }
        into.exchanges += u64::from(!is_known);
        into.newest = into.newest.max(id.0);
    }

    fn take(&mut self, event: Arc<Event>) {
        if let Some(id) = event.exchange() {
            self.exchanges.insert(id, event);
            if self.exchanges.len() > MOST_WAITING {
                self.exchanges.pop_first();
                self.has_missed = true;
            }
            return;
        }
        match &**event {
            Live::Discarded(id) => {
                self.exchanges.remove(id);
                self.skipped.remove(id);
            }
            Live::Message(_) if !self.sees_messages => return,
            _ => {}
        }
        if self.others.len() < MOST_WAITING {
            self.others.push(event);
        } else {
            self.has_missed = true;
        }
    }

    fn sleep(&mut self) {
        self.wake = self.next.min(Instant::now() + TAKEN_EVERY);
    }
}
