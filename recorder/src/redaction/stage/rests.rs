//! The rests of bodies of which parts have left, and of which it is noted when their bytes came.

use dashcam_exchange::{Arrival, Stretch};
use dashcam_redact::Found;

use super::ended::BODIES;
use super::{Stage, memory_of};
use crate::recording::Recording;
use crate::redaction::in_force::Under;
use crate::redaction::streams::{Streams, place};
use crate::way::Way;

/// A rest that has passed redaction, all but what waits for the body's end.
#[derive(Default)]
pub(super) struct Rest {
    data: Vec<u8>,
    found: Found,
    /// When the bytes came.
    left: Stretch,
}

impl Stage {
    /// Lets the rests of those bodies of an exchange that has ended pass, before all else of it.
    pub(super) fn push_rests(
        &mut self,
        (under, way): (&Under, Way),
        state: &mut Recording,
        streams: &mut Streams,
    ) -> [Option<Rest>; 2] {
        BODIES.map(|direction| {
            let stream = streams[place(direction)].as_mut().filter(|_| state.body(direction).parts > 0)?;
            let came = state.take_came(direction, u64::MAX)?;
            if came.arrivals.is_empty() {
                // All has passed before, but for what was kept back then.
                let is_known = stream.last_at_us.is_some() && state.body(direction).rest.is_empty();
                return is_known.then(Rest::default);
            }
            let mut data = std::mem::take(&mut state.body(direction).rest);
            let memory = memory_of((&mut self.memory, &mut self.memory_aside), way);
            let host = &state.exchange.destination.host;
            let (found, left) = stream.push_timed((under, memory), host, &mut data, came);
            Some(Rest { data, found, left })
        })
    }
}

/// Puts them before what passed behind them, at the end of their bodies.
pub(super) fn join_rests(
    rests: [Option<Rest>; 2],
    (state, streams): (&mut Recording, &Streams),
    found: &mut Found,
) {
    for (direction, rest) in BODIES.into_iter().zip(rests) {
        let Some(Rest { mut data, found: earlier, mut left }) = rest else { continue };
        found.replaced = found.replaced.saturating_add(earlier.replaced);
        found.seals.splice(..0, earlier.seals);
        let rest = &mut state.body(direction).rest;
        data.append(rest);
        *rest = data;
        if let Some(stream) = streams[place(direction)].as_ref().filter(|stream| !stream.is_shut) {
            let end = stream.stored + rest.len() as u64;
            left.arrivals.extend(stream.last_at_us.map(|at_us| Arrival { end, at_us }));
        }
        state.have_left(direction, left);
    }
}
