//! The memory that heads, bodies and messages may hold between traffic and disk, all together.

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

    /// Takes `bytes` whether they are there or not: what can't be refused leaves less to the others.
    pub(crate) fn force(&self, bytes: usize) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Makes room in `buffer` for `extra` bytes if they are there, and says how much more it holds then.
    /// All of its capacity is held: that is what is to be given back.
    pub(crate) fn grow(&self, buffer: &mut Vec<u8>, extra: usize) -> Option<usize> {
        let before = buffer.capacity();
        let needed = buffer.len() + extra;
        if needed <= before {
            return Some(0);
        }
        let more = needed.max(before * 2) - before;
        if !self.take(more) {
            return None;
        }
        buffer.reserve_exact(before + more - buffer.len());
        let got = buffer.capacity() - before;
        // The allocator may round up, never down.
        self.force(got - more);
        Some(got)
    }

    /// Whether there is plenty left.
    pub(crate) fn is_ample(&self) -> bool {
        self.held() < self.limit / 4
    }

    pub(crate) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }
}
