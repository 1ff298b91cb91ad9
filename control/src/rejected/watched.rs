//! The refusals of a pair that is not tunnelled yet.

use std::collections::VecDeque;
use std::time::Instant;

use dashcam_exchange::Side;

use super::pair::{Refusal, TunnelRejected};

/// The latest refusals of each side, the oldest first: at most as many as make a tunnel.
#[derive(Debug, Default)]
pub(super) struct Watched {
    client: VecDeque<Noted>,
    upstream: VecDeque<Noted>,
}

#[derive(Debug)]
struct Noted {
    at: Instant,
    is_silent: bool,
}

/// The refusals of one side within the rule's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusals {
    pub(super) count: u32,
    /// True if some of them are only probable.
    pub(super) are_silent: bool,
}

impl Watched {
    /// Adds a refusal, and returns those of its side so far.
    pub(super) fn refused(&mut self, refusal: &Refusal, now: Instant, rule: &TunnelRejected) -> Refusals {
        let refusals = if refusal.side == Side::Client { &mut self.client } else { &mut self.upstream };
        refusals.retain(|noted| now.duration_since(noted.at) < rule.within);
        refusals.push_back(Noted { at: now, is_silent: refusal.is_silent });
        while refusals.len() > rule.times as usize {
            refusals.pop_front();
        }
        let are_silent = refusals.iter().any(|noted| noted.is_silent);
        Refusals { count: u32::try_from(refusals.len()).unwrap_or(u32::MAX), are_silent }
    }

    /// Forgets the refusals of a side; returns whether none are left.
    pub(super) fn accepted(&mut self, side: Side) -> bool {
        if side == Side::Client { &mut self.client } else { &mut self.upstream }.clear();
        self.client.is_empty() && self.upstream.is_empty()
    }
}
