//! Outcomes of looking for programs, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of connections whose programs were looked for, by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Their programs were found.
    pub found: u64,
    /// They had ended before their programs were found.
    pub gone: u64,
    /// No process that dashcam may look into has them: they are another user's, or another namespace's.
    pub hidden: u64,
    /// Too many waited.
    pub crowded: u64,
}

/// The counts while they grow.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) found: AtomicU64,
    pub(crate) gone: AtomicU64,
    pub(crate) hidden: AtomicU64,
    pub(crate) crowded: AtomicU64,
}

impl Counters {
    pub(crate) fn read(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            found: read(&self.found),
            gone: read(&self.gone),
            hidden: read(&self.hidden),
            crowded: read(&self.crowded),
        }
    }
}

/// One more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
