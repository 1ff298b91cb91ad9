//! The parts of bodies, counted towards a lease while their exchange goes on.

use std::sync::atomic::Ordering;

use crate::recording::{Open, Recording};

impl Open {
    /// Counts what was handed over of the exchange's bodies. Once the bytes of its lease are used up, no more of its bodies
    /// is stored, unless it is lossless.
    pub(crate) fn count_parts(&self, state: &mut Recording) {
        let Some(usage) = &mut state.usage else { return };
        let bodies = [&state.exchange.request_body, &state.exchange.response_body];
        let handed_over = bodies.map(|body| body.stored - body.rest.len() as u64).iter().sum();
        if usage.handed_over(handed_over) && !self.waited.is_lossless() {
            self.body_limit.store(0, Ordering::Relaxed);
        }
    }
}
