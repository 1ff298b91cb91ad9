//! The memory that bodies may hold between traffic and disk, all together.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that may be held, and that are.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    held: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, held: AtomicUsize::new(0) }
    }

    /// Takes `bytes` if they are there; never waits.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let before = self.held.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= self.limit;
        if !fits {
            self.give_back(bytes);
        }
        fits
    }

    /// Turns a take of `taken` bytes into one of `got`.
    pub(crate) fn adjust(&self, taken: usize, got: usize) {
        if got > taken {
            self.held.fetch_add(got - taken, Ordering::Relaxed);
        } else {
            self.give_back(taken - got);
        }
    }

    pub(crate) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }
}
