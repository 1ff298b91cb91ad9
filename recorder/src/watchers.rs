//! Those who watch the recording as it grows: some at every step, some at a pace.

use std::sync::Arc;

use dashcam_exchange::{ExchangeId, Live};
use tokio::sync::broadcast::{Receiver, Sender, channel};

use crate::event::Event;

/// Events that wait for live watchers, at most; each has at most [`Live::LARGEST`] bytes, so all have 8 MiB.
const WAITING: usize = (8 << 20) / Live::LARGEST;

/// The channels to watchers.
#[derive(Debug)]
pub(crate) struct Watchers {
    every: Sender<Arc<Event>>,
    paced: Sender<Arc<Event>>,
}

impl Watchers {
    /// Nobody watches yet.
    pub(crate) fn new() -> Self {
        Self { every: channel(WAITING).0, paced: channel(WAITING).0 }
    }

    /// Events from now on.
    pub(crate) fn every(&self) -> Receiver<Arc<Event>> {
        self.every.subscribe()
    }

    /// Events from now on, in which an exchange that goes on is named only.
    pub(crate) fn paced(&self) -> Receiver<Arc<Event>> {
        self.paced.subscribe()
    }

    /// Returns whether anybody watches.
    pub(crate) fn are_there(&self) -> bool {
        self.every.receiver_count() > 0 || self.paced.receiver_count() > 0
    }

    /// Tells all.
    pub(crate) fn tell(&self, event: Event) {
        let event = Arc::new(event);
        // An error means that nobody watches in this way.
        let _ = self.paced.send(Arc::clone(&event));
        let _ = self.every.send(event);
    }

    /// Tells all that exchange `id` has come further: only those who watch every step get the event, which costs more.
    pub(crate) fn tell_of(&self, id: ExchangeId, event: impl FnOnce() -> Event) {
        if self.every.receiver_count() > 0 {
            let _ = self.every.send(Arc::new(event()));
        }
        if self.paced.receiver_count() > 0 {
            let _ = self.paced.send(Arc::new(Event::new(Live::GoesOn(id))));
        }
    }
}
