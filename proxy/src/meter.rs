//! Counts and latencies of what passes: kept at every level above `off`, and all that is kept at `metrics`.
//!
//! Every request counts once, when it ends, as what its record would call it. It is on the way of all traffic: each
//! worker has counters of its own, and a request takes no memory, no lock and no look-up here (one with a body a few
//! bytes, see [`Upload`]).

mod count;
mod counter;
mod histogram;
mod shard;
mod traffic;

use std::sync::Arc;

use dashcam_exchange::Failure;

use crate::net::workers;

pub(crate) use count::{Count, Upload};
use shard::Shard;
pub use traffic::{Latency, Outcomes, Traffic};

/// The counters of all workers.
pub(crate) struct Meter {
    /// By the worker's number; the first is for all other threads.
    shards: Box<[Arc<Shard>]>,
}

impl Meter {
    /// For so many workers.
    pub(crate) fn new(workers: usize) -> Self {
        Self { shards: (0..=workers).map(|_| Arc::default()).collect() }
    }

    /// Begins to count a request whose head is here.
    pub(crate) fn begin(&self) -> Count {
        Count::begin(Arc::clone(self.shard()))
    }

    /// Counts a client connection that failed.
    pub(crate) fn connection_failed(&self, failure: &Failure) {
        self.shard().connection_failures.add(failure.side, failure.stage);
    }

    /// All that was counted so far.
    pub(crate) fn read(&self) -> Traffic {
        let mut traffic = Traffic::default();
        for shard in &self.shards {
            shard.add_to(&mut traffic);
        }
        traffic
    }

    /// The counters of the thread that asks.
    fn shard(&self) -> &Arc<Shard> {
        // A thread of another proxy's, in tests, has no place here.
        self.shards.get(workers::current()).unwrap_or(&self.shards[0])
    }
}

#[cfg(test)]
mod tests;
