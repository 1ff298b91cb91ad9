//! Pauses of recording, and their reasons: the disk can't be written, or has too little room left.
//!
//! While it is, no exchange begins to be recorded, and nothing more is kept of those under way but their ends: a disk
//! that is broken costs traffic an atomic load. The one that paused resumes: the writer, when a batch is
//! stored again, or the caller of [`crate::Recorder::hold`].

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use dashcam_exchange::{GapReason, Timestamp};

use crate::ledger::REASONS;
use crate::lock::lock;
use crate::now;

/// Why recording is paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// The reason by which exchanges that are not recorded are counted.
    pub reason: GapReason,
    /// A message that says what is wrong, and what to do.
    pub message: String,
}

/// The parties that may pause it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The writer: a batch was refused.
    Writer = 0,
    /// Somebody outside: there is too little room.
    Holder = 1,
}

/// The pauses in force.
#[derive(Debug, Default)]
pub(crate) struct Pausing {
    /// The reason that counts, as a place in [`REASONS`] from 1; 0 while recording goes on.
    reason: AtomicUsize,
    /// Exchanges that were dropped since it began.
    dropped: AtomicU64,
    pauses: Mutex<[Option<Pause>; 2]>,
}

impl Pausing {
    /// The reason for which nothing is recorded now.
    pub(crate) fn reason(&self) -> Option<GapReason> {
        let place = self.reason.load(Ordering::Relaxed);
        if place == 0 { None } else { REASONS.get(place - 1).copied() }
    }

    /// Returns whether the writer itself can't store anything.
    pub(crate) fn is_by_writer(&self) -> bool {
        lock(&self.pauses)[By::Writer as usize].is_some()
    }

    /// The pause in force; its beginning is that of the earlier one.
    pub(crate) fn read(&self) -> Option<Pause> {
        in_force(&lock(&self.pauses))
    }

    /// Counts what is dropped for it.
    pub(crate) fn dropped(&self, exchanges: u64) {
        self.dropped.fetch_add(exchanges, Ordering::Relaxed);
    }

    /// Pauses, or gives a new reason. Logged when it is new; the log may be on the disk that is full.
    pub(crate) fn pause(&self, by: By, reason: GapReason, message: String) {
        let mut pauses = lock(&self.pauses);
        if in_force(&pauses).is_none() {
            self.dropped.store(0, Ordering::Relaxed);
        }
        let place = &mut pauses[by as usize];
        let before = place.take();
        let is_new =
            before.as_ref().is_none_or(|before| (before.reason, &before.message) != (reason, &message));
        let since = before.map_or_else(now, |before| before.since);
        if is_new {
            tracing::error!(%reason, "recording is paused, traffic goes on: {message}");
        }
        *place = Some(Pause { since, reason, message });
        self.note(&pauses);
    }

    /// Ends a pause. Recording goes on if it was the only one.
    pub(crate) fn resume(&self, by: By) {
        let mut pauses = lock(&self.pauses);
        let before = in_force(&pauses);
        if pauses[by as usize].take().is_none() {
            return;
        }
        self.note(&pauses);
        if let (Some(before), None) = (before, in_force(&pauses)) {
            let seconds = (now().0 - before.since.0).max(0) as f64 / 1e6;
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            tracing::info!(dropped, "recording goes on after {seconds:.1} s");
        }
    }

    fn note(&self, pauses: &[Option<Pause>; 2]) {
        let place =
            in_force(pauses).and_then(|pause| REASONS.iter().position(|known| *known == pause.reason));
        self.reason.store(place.map_or(0, |place| place + 1), Ordering::Relaxed);
    }
}

fn in_force(pauses: &[Option<Pause>; 2]) -> Option<Pause> {
    let since = pauses.iter().flatten().map(|pause| pause.since).min()?;
    pauses.iter().flatten().next().map(|pause| Pause { since, ..pause.clone() })
}
