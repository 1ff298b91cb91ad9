//! The refusals of a pair that is not tunnelled yet.

use std::collections::VecDeque;
use std::time::Instant;

use dashcam_exchange::Side;

use super::TunnelRejected;

/// The latest refusals of each side, the oldest first: at most as many as make a tunnel.
#[derive(Debug, Default)]
pub(super) struct Watched {
    client: VecDeque<Instant>,
    upstream: VecDeque<Instant>,
}

impl Watched {
    /// Adds a refusal: how many there are of that side within the rule's time.
    pub(super) fn refused(&mut self, side: Side, now: Instant, rule: &TunnelRejected) -> u32 {
        let refusals = if side == Side::Client { &mut self.client } else { &mut self.upstream };
        refusals.retain(|at| now.duration_since(*at) < rule.within);
        refusals.push_back(now);
        while refusals.len() > rule.times as usize {
            refusals.pop_front();
        }
        u32::try_from(refusals.len()).unwrap_or(u32::MAX)
    }

    /// Forgets the refusals of a side; returns whether none are left.
    pub(super) fn accepted(&mut self, side: Side) -> bool {
        if side == Side::Client { &mut self.client } else { &mut self.upstream }.clear();
        self.client.is_empty() && self.upstream.is_empty()
    }
}
