//! The counters of one worker.

use std::sync::atomic::AtomicU64;

use dashcam_exchange::{Side, Stage};

use crate::meter::counter::{add, read};
use crate::meter::histogram::Histogram;
use crate::meter::traffic::{Latency, Traffic};

/// A worker's own counters. It alone writes them, but for what ends elsewhere: so they are in its core's cache, and
/// share no line of it with another's.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Shard {
    pub(super) begun: AtomicU64,
    /// Requests that ended with a whole response, by the first digit of its status, less one; the last for all others.
    pub(super) complete: [AtomicU64; 6],
    pub(super) failed: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) aborted: AtomicU64,
    /// Why requests failed or were refused.
    pub(super) failures: Failures,
    pub(super) connection_failures: Failures,
    /// Bytes of bodies.
    pub(super) request_bytes: AtomicU64,
    pub(super) response_bytes: AtomicU64,
    pub(super) to_head: Histogram,
    pub(super) to_end: Histogram,
}

impl Shard {
    /// Adds what was counted here to `traffic`.
    pub(super) fn add_to(&self, traffic: &mut Traffic) {
        let outcomes = &mut traffic.outcomes;
        for (sum, count) in outcomes.complete.iter_mut().zip(&self.complete) {
            *sum += read(count);
        }
        outcomes.failed += read(&self.failed);
        outcomes.refused += read(&self.refused);
        outcomes.aborted += read(&self.aborted);
        // After those that ended: never fewer than they.
        traffic.begun += read(&self.begun);
        self.failures.add_to(&mut traffic.failures);
        self.connection_failures.add_to(&mut traffic.connection_failures);
        traffic.request_bytes += read(&self.request_bytes);
        traffic.response_bytes += read(&self.response_bytes);
        add_latency(&self.to_head, &mut traffic.to_head);
        add_latency(&self.to_end, &mut traffic.to_end);
    }
}

fn add_latency(histogram: &Histogram, latency: &mut Latency) {
    histogram.add_to(&mut latency.buckets, &mut latency.sum);
}

/// Failures by side and stage.
#[derive(Debug, Default)]
pub(super) struct Failures([[AtomicU64; Stage::ALL.len()]; Side::ALL.len()]);

impl Failures {
    pub(super) fn add(&self, side: Side, stage: Stage) {
        add(&self.0[side as usize][stage as usize], 1);
    }

    /// Adds up in `sums`, which has all sides and stages in their order, or nothing yet.
    fn add_to(&self, sums: &mut Vec<(Side, Stage, u64)>) {
        if sums.is_empty() {
            let stages = |side: &Side| Stage::ALL.iter().map(|stage| (*side, *stage, 0)).collect::<Vec<_>>();
            sums.extend(Side::ALL.iter().flat_map(stages));
        }
        for ((.., sum), count) in sums.iter_mut().zip(self.0.iter().flatten()) {
            *sum += read(count);
        }
    }
}
