//! Counts of redaction.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts of redaction since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RedactionCounts {
    /// Values that were replaced in records.
    pub replaced: u64,
    /// Sealed secrets that were handed over to the store. One that is met again soon is not sealed again.
    pub sealed: u64,
    /// Bodies and messages that were withheld: they could not be read, or there was no room to do it.
    pub withheld: u64,
    /// Records that redaction failed on: of those, nothing is recorded but where they went and what came of it.
    pub faults: u64,
}

/// The same, counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) replaced: AtomicU64,
    pub(crate) sealed: AtomicU64,
    pub(crate) withheld: AtomicU64,
    faults: AtomicU64,
    is_told: AtomicBool,
}

impl Counts {
    pub(crate) fn read(&self) -> RedactionCounts {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        RedactionCounts {
            replaced: load(&self.replaced),
            sealed: load(&self.sealed),
            withheld: load(&self.withheld),
            faults: load(&self.faults),
        }
    }

    /// Counts a fault of redaction itself, and tells the first.
    pub(crate) fn fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
        if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "redaction failed on a record, which is a bug: its bodies and heads are withheld; further ones are \
                 counted (`dashcam status`)"
            );
        }
    }
}
