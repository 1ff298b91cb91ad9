//! The part of the bounds that others may know, without asking the thread that writes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use dashcam_exchange::Timestamp;

use super::bounds::Retention;

/// How the bounds of a recording are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The bounds.
    pub bounds: Retention,
    /// Bytes of the database that are in use; the rest of the file is written again.
    pub used: u64,
    /// Exchanges that went since the recording was opened.
    pub deleted: u64,
    /// Exchanges that are pinned.
    pub pinned: u64,
    /// When the oldest exchange began that is stored.
    pub oldest: Option<Timestamp>,
    /// Pinned exchanges alone take the room that there is.
    pub crowded: bool,
}

/// Written by the thread that writes.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    bounds: Mutex<Retention>,
    deleted: AtomicU64,
    crowded: AtomicBool,
}

impl Standing {
    pub(crate) fn keep_within(&self, bounds: Retention) {
        *self.bounds.lock().unwrap_or_else(PoisonError::into_inner) = bounds;
        self.set_crowded(false);
    }

    /// Pinned exchanges alone take the room that there is.
    pub(crate) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    pub(crate) fn bounds(&self) -> Retention {
        *self.bounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add_deleted(&self, exchanges: u64) {
        self.deleted.fetch_add(exchanges, Ordering::Relaxed);
    }

    /// Sets whether the recording is crowded, and returns whether it was before.
    pub(super) fn set_crowded(&self, crowded: bool) -> bool {
        self.crowded.swap(crowded, Ordering::Relaxed)
    }

    /// Exchanges that went so far.
    pub(crate) fn deleted(&self) -> u64 {
        self.deleted.load(Ordering::Relaxed)
    }
}
