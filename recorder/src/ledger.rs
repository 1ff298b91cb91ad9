//! The loss ledger: what was seen, and what became of it.

use std::sync::atomic::{AtomicU64, Ordering};

use dashcam_exchange::GapReason;

/// The reasons for which exchanges are dropped, in the order in which they are counted.
pub(crate) const REASONS: [GapReason; 5] = [
    GapReason::QueueFull,
    GapReason::DiskFull,
    GapReason::DiskError,
    GapReason::RecorderFault,
    GapReason::ClientShare,
];

/// The counts since the start. They balance: seen = stored + open + pending + not kept + sampled out + all that was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ledger {
    /// Exchanges that began while they were to be recorded.
    pub seen: u64,
    /// Exchanges in the store.
    pub stored: u64,
    /// Of those, the ones recorded without bodies because the level was `metadata`.
    pub metadata_only: u64,
    /// Exchanges under way.
    pub open: u64,
    /// Exchanges that ended and are on their way to the store.
    pub pending: u64,
    /// Exchanges that passed while the level was `off` or `metrics`.
    pub not_recorded: u64,
    /// Exchanges of which a rule said, once more of them was known, that they are not stored.
    pub not_kept: u64,
    /// Exchanges that are not in the sample of their rule.
    pub sampled_out: u64,
    /// Stored exchanges of which a body or a message was cut.
    pub truncated: u64,
    /// Exchanges that were seen but not stored, by reason.
    pub dropped: [(GapReason, u64); REASONS.len()],
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) seen: AtomicU64,
    pub(crate) stored: AtomicU64,
    pub(crate) metadata_only: AtomicU64,
    pub(crate) open: AtomicU64,
    pub(crate) pending: AtomicU64,
    pub(crate) not_recorded: AtomicU64,
    pub(crate) not_kept: AtomicU64,
    pub(crate) sampled_out: AtomicU64,
    pub(crate) truncated: AtomicU64,
    dropped: [AtomicU64; REASONS.len()],
}

impl Counters {
    pub(crate) fn drop_for(&self, reason: GapReason, exchanges: u64) {
        let index = REASONS.iter().position(|known| *known == reason).unwrap_or(REASONS.len() - 1);
        self.dropped[index].fetch_add(exchanges, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Ledger {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Ledger {
            stored: load(&self.stored),
            metadata_only: load(&self.metadata_only),
            truncated: load(&self.truncated),
            not_kept: load(&self.not_kept),
            sampled_out: load(&self.sampled_out),
            dropped: std::array::from_fn(|index| (REASONS[index], load(&self.dropped[index]))),
            pending: load(&self.pending),
            open: load(&self.open),
            seen: load(&self.seen),
            not_recorded: load(&self.not_recorded),
        }
    }
}
