//! Guarantees: traffic that waits for the recording where a rule asks for it, and what came of that.
//!
//! With `best_effort` nothing here is asked. With `bounded` an exchange waits for room, for so long in all, and loses
//! after that what it would have lost at once. With `lossless` it waits for the disk: its head is stored before
//! it goes on ([`crate::OpenExchange::stored_so_far`]), its bodies wait for room ([`crate::BodyTap::offer`]), and its end for
//! the store ([`crate::OpenExchange::end`]). Nobody who waits holds anything but what is their own.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use dashcam_exchange::{Failure, Side, Stage};
use tokio::sync::Notify;

use crate::budget::{Bounds, Budget, Held, Share};

/// Why an exchange that may pass only if it is recorded can't be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotKept {
    /// Recording is paused, for this reason.
    Paused(String),
    /// dashcam is ending.
    Closed,
    /// So many wait already.
    Crowded(usize),
    /// It waited for so long.
    Late(Duration),
    /// The store lost the batch that had it.
    Lost,
}

impl std::error::Error for NotKept {}

impl std::fmt::Display for NotKept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Paused(why) => write!(f, "recording is paused: {why}"),
            Self::Closed => f.write_str("dashcam is ending"),
            Self::Crowded(most) => {
                write!(f, "{most} others wait already (recorder.lossless_waiting)")
            }
            Self::Late(wait) => {
                write!(
                    f,
                    "the store did not take it within {} s (recorder.lossless_wait)",
                    wait.as_secs_f64()
                )
            }
            Self::Lost => f.write_str("the store could not keep it"),
        }
    }
}

impl NotKept {
    /// The failure of an exchange that so may not pass, or not go on, at `stage`.
    #[must_use]
    pub fn failure(&self, stage: Stage) -> Failure {
        let message = format!("Its rule lets it pass only if it is recorded, which can't be: {self}.");
        Failure::new(Side::Proxy, stage, message)
    }
}

/// Counts of traffic that waited for the recording, since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GuaranteeCounts {
    /// Exchanges that wait at this moment.
    pub waiting: usize,
    /// How often one had to wait for room.
    pub waits: u64,
    /// Requests that were refused because they could not be recorded.
    pub refused: u64,
    /// Exchanges that were broken off because what passed could not be recorded.
    pub broken_off: u64,
}

/// The parts of the memory and of the places that all lossless exchanges may hold as they begin, that one of them holds.
pub(crate) type Beginning = (Held, Held);

/// State that those who wait share with those whom they wait for.
#[derive(Debug)]
pub(crate) struct Guarantees {
    /// The part of the memory that all lossless exchanges may hold as they begin: half. The rest is there for what comes of them:
    /// else each might wait for the others.
    pub(crate) beginnings: Share,
    /// The same for places in the queue: half, for their ends. The rest is there for their parts.
    pub(crate) ends: Share,
    /// Told when there may be room again.
    pub(crate) room: Notify,
    /// Told when the writer is not to wait for more records.
    pub(crate) hurry: Notify,
    is_hurried: AtomicBool,
    waiting: AtomicUsize,
    waits: AtomicU64,
    refused: AtomicU64,
    broken_off: AtomicU64,
}

impl Guarantees {
    /// Of a recorder that may hold `memory` bytes and so many `exchanges`.
    pub(crate) fn new(memory: usize, exchanges: usize) -> Self {
        let [beginnings, ends] = [memory / 2, (exchanges / 2).max(1)].map(|total| {
            Budget::new(Bounds { total, connection: total, source: total, ample: total }).share(None)
        });
        Self {
            beginnings,
            ends,
            room: Notify::new(),
            hurry: Notify::new(),
            is_hurried: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            waits: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            broken_off: AtomicU64::new(0),
        }
    }

    /// Lets the writer store what it has: somebody waits for it.
    pub(crate) fn hurry(&self) {
        self.is_hurried.store(true, Ordering::Release);
        self.hurry.notify_one();
    }

    /// Returns whether the writer is to store what it has; asked once.
    pub(crate) fn take_hurry(&self) -> bool {
        self.is_hurried.load(Ordering::Relaxed) && self.is_hurried.swap(false, Ordering::Acquire)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(crate) fn begin_waiting(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn waits(&self) {
        self.waits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn end_waiting(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn broken_off(&self) {
        self.broken_off.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> GuaranteeCounts {
        GuaranteeCounts {
            waiting: self.waiting(),
            waits: self.waits.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            broken_off: self.broken_off.load(Ordering::Relaxed),
        }
    }
}
