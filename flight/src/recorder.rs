//! The flight recorder, as the rest of dashcam has it: its state, and the snapshots that are asked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashcam_exchange::Timestamp;
use tokio::sync::mpsc;

use crate::index::Coverage;
use crate::left::LeftRings;
use crate::ring::Size;
use crate::schedule::{Answer, Asker, Pace, Request, Running, Schedule};
use crate::trigger::Triggers;
use crate::writer::{Counts, RingView};

/// Work for the one that writes snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// A snapshot of the ring is to be taken.
    Take {
        /// The snapshot, as it begins.
        running: Running,
        /// The wish for it.
        request: Request,
    },
    /// A ring that a killed run has left is to be saved.
    Save {
        /// Its name.
        name: String,
        /// The one that asks for it.
        by: Asker,
    },
}

/// Orders that wait, at most.
const MOST_ORDERS: usize = 4;

/// The way of orders to the one that writes snapshots.
#[must_use]
pub fn orders() -> (mpsc::Sender<Order>, mpsc::Receiver<Order>) {
    mpsc::channel(MOST_ORDERS)
}

/// The flight recorder, if there is one, and the rings that earlier ones have left.
#[derive(Debug, Clone)]
pub struct Flight {
    /// The flight recorder; `None` if dashcam was started without `--flight`.
    pub recorder: Option<FlightRecorder>,
    /// Rings that killed runs have left.
    pub left: LeftRings,
    /// The way of orders.
    pub orders: mpsc::Sender<Order>,
}

impl Flight {
    /// Asks for a ring to be saved that a killed run has left; `false` if there is none of that name, it is being saved, or
    /// too much waits.
    #[must_use]
    pub fn save(&self, name: &str, by: Asker) -> bool {
        if !self.left.set_saving(name, true) {
            return false;
        }
        let is_ordered = self.orders.try_send(Order::Save { name: name.to_owned(), by }).is_ok();
        if !is_ordered {
            self.left.set_saving(name, false);
        }
        is_ordered
    }
}

/// The state of a flight recorder.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The size of the ring.
    pub size: Size,
    /// How snapshots are taken.
    pub pace: Pace,
    /// The contents of the ring.
    pub coverage: Coverage,
    /// The time since when everything is in it.
    pub reaches_back_to: Timestamp,
    /// Its counts.
    pub counts: Counts,
    /// The snapshot that is being taken.
    pub running: Option<Running>,
    /// The last snapshot, which may be running.
    pub last: Option<Running>,
    /// Snapshots that were taken.
    pub taken: u64,
    /// Conditions of traffic that set off none, because they came too soon after the last.
    pub suppressed: u64,
}

/// The flight recorder. Clones are the same.
#[derive(Debug, Clone)]
pub struct FlightRecorder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ring: RingView,
    size: Size,
    schedule: Mutex<Schedule>,
    triggers: Mutex<Triggers>,
    orders: mpsc::Sender<Order>,
}

impl FlightRecorder {
    /// Over a ring that is being written. Snapshots that are to be taken go to `orders`.
    #[must_use]
    pub fn new(
        ring: RingView,
        size: Size,
        pace: Pace,
        triggers: Triggers,
        orders: mpsc::Sender<Order>,
    ) -> Self {
        let (schedule, triggers) = (Mutex::new(Schedule::new(pace)), Mutex::new(triggers));
        Self(Arc::new(Shared { ring, size, schedule, triggers, orders }))
    }

    /// Asks for a snapshot of what the ring has, and of what follows.
    pub fn ask(&self, request: Request, at: Timestamp) -> Answer {
        let mut schedule = self.schedule();
        let answer = schedule.ask(&request, at);
        if let Answer::Begun(running) = &answer {
            let order = Order::Take { running: running.clone(), request };
            if self.0.orders.try_send(order).is_err() {
                // Nobody takes any more: dashcam stops.
                schedule.end(at);
            }
        }
        answer
    }

    /// The snapshot that is being taken, with the time until which it goes on.
    #[must_use]
    pub fn running(&self) -> Option<Running> {
        self.schedule().running.clone()
    }

    /// The snapshot that is being taken ends now, if it goes on until then; `false` if it goes on for longer.
    #[must_use]
    pub fn end(&self, at: Timestamp) -> bool {
        let mut schedule = self.schedule();
        let is_over = schedule.running.as_ref().is_none_or(|running| running.until <= at);
        if is_over {
            schedule.end(at);
        }
        is_over
    }

    /// The snapshot that is being taken ends now, whenever it was to end.
    pub fn cut(&self, at: Timestamp) {
        self.schedule().end(at);
    }

    /// The snapshot that has ended is stored.
    pub fn settle(&self) {
        self.schedule().ending = None;
    }

    /// Returns whether the snapshot of that name is being taken, or its last part is still to be stored.
    #[must_use]
    pub fn is_writing(&self, name: &str) -> bool {
        let schedule = self.schedule();
        let running = schedule.running.as_ref().map(|running| &running.name);
        running.into_iter().chain(&schedule.ending).any(|one| one == name)
    }

    /// The ring.
    #[must_use]
    pub fn ring(&self) -> &RingView {
        &self.0.ring
    }

    /// The size of the ring.
    #[must_use]
    pub fn size(&self) -> Size {
        self.0.size
    }

    /// Puts other conditions of traffic in force. Durations that are known of routes stay.
    pub fn set_triggers(&self, triggers: Triggers) {
        self.triggers().go_on_with(triggers);
    }

    /// Has snapshots taken at another pace; one that is being taken goes on until it was to end.
    pub fn set_pace(&self, pace: Pace) {
        self.schedule().pace = pace;
    }

    pub(crate) fn triggers(&self) -> MutexGuard<'_, Triggers> {
        self.0.triggers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        let (coverage, counts) = (self.0.ring.coverage(), self.0.ring.counts());
        let schedule = self.schedule();
        Status {
            size: self.0.size,
            pace: schedule.pace,
            coverage,
            reaches_back_to: self.0.ring.reaches_back_to(),
            counts,
            running: schedule.running.clone(),
            last: schedule.last.clone(),
            taken: schedule.taken,
            suppressed: schedule.suppressed,
        }
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.0.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
