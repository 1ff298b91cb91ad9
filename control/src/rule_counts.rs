//! Counts of the exchanges that rules decided about.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::Kept;

/// Counters of one rule stand in so many places, and each thread uses one of them: threads that count at the same time
/// would else wait for each other's cache lines.
const PLACES: usize = 8;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static PLACE: Cell<usize> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed) % PLACES);
}

/// The counts of one rule since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCounts {
    /// Its name.
    pub name: String,
    /// True if it is in force. Counts of rules and leases that were stay, so that they never go down.
    pub in_force: bool,
    /// Exchanges about which it decided.
    pub matched: u64,
    /// Those of them that are stored, if there is room.
    pub kept: u64,
    /// Those that its level leaves out.
    pub not_kept: u64,
    /// Those that are not in its sample.
    pub sampled_out: u64,
    /// Bytes of heads and bodies of those that were kept and have ended.
    pub bytes: u64,
}

/// Counters of one rule.
#[derive(Debug, Default)]
pub(crate) struct Counters([Place; PLACES]);

/// The counters that some threads use: alone on their cache lines, which processors fetch in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Place {
    kept: AtomicU64,
    not_kept: AtomicU64,
    sampled_out: AtomicU64,
    bytes: AtomicU64,
}

impl Counters {
    /// Counts an exchange about which the rule decided.
    pub(crate) fn decided(&self, kept: Kept) {
        let place = self.place();
        let counter = match kept {
            Kept::Kept => &place.kept,
            Kept::NotKept => &place.not_kept,
            Kept::SampledOut => &place.sampled_out,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes of one that was kept.
    pub(crate) fn add_bytes(&self, bytes: u64) {
        self.place().bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn place(&self) -> &Place {
        &self.0[PLACE.try_with(Cell::get).unwrap_or(0)]
    }

    /// The sums.
    pub(crate) fn read(&self, name: &str, in_force: bool) -> RuleCounts {
        let sum = |of: fn(&Place) -> &AtomicU64| -> u64 {
            self.0.iter().map(|place| of(place).load(Ordering::Relaxed)).sum()
        };
        let (kept, not_kept, sampled_out) =
            (sum(|place| &place.kept), sum(|place| &place.not_kept), sum(|place| &place.sampled_out));
        RuleCounts {
            name: name.to_owned(),
            in_force,
            matched: kept + not_kept + sampled_out,
            kept,
            not_kept,
            sampled_out,
            bytes: sum(|place| &place.bytes),
        }
    }
}
