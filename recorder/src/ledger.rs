//! The loss ledger: what was seen, and what became of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use dashcam_exchange::GapReason;

use crate::lock::lock;
use crate::now;

/// The reasons for which exchanges are dropped, in the order in which they are counted.
pub(crate) const REASONS: [GapReason; 5] = [
    GapReason::QueueFull,
    GapReason::DiskFull,
    GapReason::DiskError,
    GapReason::RecorderFault,
    GapReason::ClientShare,
];

/// The counts since the start. They balance: seen = stored + open + pending + not kept + sampled out + all that was
/// dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ledger {
    /// Exchanges that began while they were to be recorded.
    pub seen: u64,
    /// Exchanges in the store.
    pub stored: u64,
    /// Of those, the ones recorded without bodies because the level was `metadata`.
    pub metadata_only: u64,
    /// Exchanges under way that are stored when they end, or may be: the rules may not have decided yet.
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

/// The counts. An exchange is counted as seen before it is counted as anything else, and what it is not counted as is
/// open: so that needs no counter.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) seen: AtomicU64,
    /// Only [`Counters::settle`] takes from it.
    pub(crate) pending: AtomicU64,
    pub(crate) not_recorded: AtomicU64,
    pub(crate) not_kept: AtomicU64,
    pub(crate) sampled_out: AtomicU64,
    /// Bytes that were handed over.
    pub(crate) bytes: AtomicU64,
    dropped: [AtomicU64; REASONS.len()],
    /// When something was dropped last; 0 before.
    pub(crate) dropped_at: AtomicI64,
    stored: Mutex<Stored>,
}

/// The stored exchanges. Held while exchanges that were pending become stored or dropped: a reader sees them once.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) exchanges: u64,
    pub(crate) metadata_only: u64,
    pub(crate) truncated: u64,
}

impl Counters {
    pub(crate) fn drop_for(&self, reason: GapReason, exchanges: u64) {
        let index = REASONS.iter().position(|known| *known == reason).unwrap_or(REASONS.len() - 1);
        if exchanges > 0 {
            self.dropped_at.fetch_max(now().0, Ordering::Relaxed);
        }
        self.dropped[index].fetch_add(exchanges, Ordering::Release);
    }

    /// Counts a batch of exchanges that were pending: as stored, or as dropped if it was `refused`.
    pub(crate) fn settle(&self, batch: &Stored, refused: Option<GapReason>) {
        let mut stored = lock(&self.stored);
        self.pending.fetch_sub(batch.exchanges, Ordering::Relaxed);
        match refused {
            Some(reason) => self.drop_for(reason, batch.exchanges),
            None => {
                stored.exchanges += batch.exchanges;
                stored.metadata_only += batch.metadata_only;
                stored.truncated += batch.truncated;
            }
        }
    }

    /// The counts at this moment, which balance. What was seen is read last: an exchange that is counted as anything
    /// was counted as seen before.
    pub(crate) fn read(&self) -> Ledger {
        let stored = lock(&self.stored);
        let load = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        let dropped = std::array::from_fn(|index| (REASONS[index], load(&self.dropped[index])));
        let (not_kept, sampled_out) = (load(&self.not_kept), load(&self.sampled_out));
        let pending = load(&self.pending);
        let seen = load(&self.seen);
        let past = dropped.iter().map(|(_, count)| count).sum::<u64>() + not_kept + sampled_out;
        Ledger {
            seen,
            stored: stored.exchanges,
            metadata_only: stored.metadata_only,
            open: seen.saturating_sub(past + pending + stored.exchanges),
            pending,
            not_recorded: load(&self.not_recorded),
            not_kept,
            sampled_out,
            truncated: stored.truncated,
            dropped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_balances_whenever_it_is_read() {
        const TIMES: u64 = 20_000;
        let counters = Counters::default();
        let begin = || counters.seen.fetch_add(1, Ordering::Relaxed);
        let sum = |ledger: &Ledger| {
            let dropped: u64 = ledger.dropped.iter().map(|(_, count)| count).sum();
            let past = ledger.stored + ledger.not_kept + ledger.sampled_out + dropped;
            (ledger.seen, past + ledger.open + ledger.pending)
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..TIMES {
                    begin();
                    match number % 4 {
                        0 => counters.not_kept.fetch_add(1, Ordering::Release),
                        1 => counters.sampled_out.fetch_add(1, Ordering::Release),
                        _ => counters.pending.fetch_add(1, Ordering::Release),
                    };
                    if number % 4 == 3 {
                        let refused = (number % 8 == 7).then_some(GapReason::DiskFull);
                        counters.settle(&Stored { exchanges: 2, ..Stored::default() }, refused);
                    }
                }
            });
            loop {
                let ledger = counters.read();
                let (seen, all) = sum(&ledger);
                assert_eq!(seen, all, "{ledger:?}");
                if seen == TIMES && ledger.open + ledger.pending == 0 {
                    break;
                }
            }
        });
        let ledger = counters.read();
        assert_eq!((ledger.stored, ledger.not_kept, ledger.sampled_out), (TIMES / 4, TIMES / 4, TIMES / 4));
        assert_eq!(ledger.dropped[1], (GapReason::DiskFull, TIMES / 4));
    }
}
