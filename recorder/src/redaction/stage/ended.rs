//! Exchanges that have ended.

use std::sync::atomic::Ordering;

use dashcam_exchange::{BodyRecord, Direction, Exchange, Record, Redaction as Mark, StoredAs};
use dashcam_redact::{Found, Redactor};

use super::rests::join_rests;
use super::{Stage, memory_of};
use crate::recording::{Recording, body_of};
use crate::redaction::apply;
use crate::redaction::in_force::Under;
use crate::redaction::split::split_rest;
use crate::redaction::streams::{Stream, Streams, place};
use crate::redaction::under_way::{Rules, UnderWay};
use crate::way::Way;

pub(super) const BODIES: [Direction; 2] = [Direction::Request, Direction::Response];

impl Stage {
    /// Takes the secrets out of an exchange that has ended, in its place: traffic does not ask for it any more. Returns the
    /// seals that go before it, and parts of bodies that have become longer than `part`.
    pub(crate) fn ended(&mut self, state: &mut Recording, way: Way, part: usize) -> Vec<Record> {
        // Most have ended before anything of them left.
        let known = match self.under_way.is_empty() {
            true if self.redaction.is_none() => return Vec::new(),
            true => None,
            false => self.under_way.remove(&state.exchange.id),
        };
        let (rules, mut streams, replaced) = match known {
            Some(UnderWay { rules, streams, replaced, .. }) => (rules, streams, replaced),
            None => (Rules::Unknown, [None, None], 0),
        };
        let under = match rules {
            Rules::Off => return Vec::new(),
            Rules::Under(under) => under,
            Rules::Unknown => {
                let names = state.redactions();
                let under = self.redaction.as_ref().and_then(|now| now.under(&names, &self.counts));
                let Some(under) = under else { return Vec::new() };
                under
            }
        };
        let before = held_by(&state.exchange);
        let rests = self.push_rests((&under, way), state, &mut streams);
        let exchange = &mut *state.exchange;
        let memory = memory_of((&mut self.memory, &mut self.memory_aside), way);
        let mut found = redact((&under, memory), exchange, &mut streams);
        if let Some(found) = &mut found {
            join_rests(rests, (state, &streams), found);
        }
        let exchange = &mut *state.exchange;
        for direction in BODIES {
            settle(body_of(exchange, direction), streams[place(direction)].as_ref(), found.is_some());
        }
        let found = found.unwrap_or_default();
        let replaced = replaced.saturating_add(found.replaced);
        exchange.redaction = Some(Mark { set: under.label(), replaced });
        self.count(exchange, &found, &streams);
        let after = held_by(&state.exchange);
        if after <= before {
            state.memory.give_back(before - after);
        } else if state.memory.take(after - before).is_err() {
            self.give_up_bodies(state, before);
        }
        let mut records = self.seals(found, (way, &mut state.memory));
        for direction in BODIES {
            let id = state.exchange.id;
            records.extend(split_rest(id, (direction, state.body(direction)), part));
        }
        records
    }

    fn count(&self, exchange: &Exchange, found: &Found, streams: &Streams) {
        self.counts.replaced.fetch_add(u64::from(found.replaced), Ordering::Relaxed);
        let is_new = |direction: Direction| {
            let is_counted = streams[place(direction)].as_ref().is_some_and(|stream| stream.is_counted);
            exchange.body(direction).stored_as == StoredAs::Withheld && !is_counted
        };
        let withheld = BODIES.iter().filter(|direction| is_new(**direction)).count();
        self.counts.withheld.fetch_add(withheld as u64, Ordering::Relaxed);
    }

    /// There is no room for the bodies as they are now, where there was for `before` bytes.
    fn give_up_bodies(&self, state: &mut Recording, before: usize) {
        for direction in BODIES {
            let body = state.body(direction);
            if !body.rest.is_empty() && body.stored_as == StoredAs::Redacted {
                apply::withhold(body);
                state.lost_pieces = true;
                self.counts.withheld.fetch_add(1, Ordering::Relaxed);
            }
        }
        let after = held_by(&state.exchange);
        state.memory.give_back(before.saturating_sub(after));
    }
}

/// Redacts heads, bodies that are whole, and the rests of those of which parts have left. `None` if that failed: then
/// nothing of it is left but where it went.
fn redact(
    (under, memory): (&Under, &mut dashcam_redact::Memory),
    exchange: &mut Exchange,
    streams: &mut Streams,
) -> Option<Found> {
    let host = exchange.destination.host.clone();
    let each = |index: usize, redactor: &mut Redactor<'_>| {
        apply::exchange(redactor, exchange);
        for direction in BODIES {
            let body = body_of(exchange, direction);
            if let Some(stream) = streams[place(direction)].as_mut().filter(|_| body.parts > 0) {
                let is_cut = apply::is_cut(body);
                stream.finish(index, (&mut body.rest, is_cut), redactor);
            }
        }
    };
    let found = under.run(memory, &host, each);
    if found.is_none() {
        apply::strip(exchange);
    }
    found
}

/// Makes the counts of a body those of what is stored of it.
fn settle(body: &mut BodyRecord, stream: Option<&Stream>, is_redacted: bool) {
    if body.parts == 0 {
        // Nothing is ahead of it.
        body.stored = body.rest.len() as u64;
        return;
    }
    let Some(stream) = stream else {
        // Parts of it were handed over, and none left.
        body.rest = Vec::new();
        (body.parts, body.stored, body.truncated, body.stored_as) = (0, 0, true, StoredAs::Withheld);
        return;
    };
    body.parts = stream.parts;
    body.stored = stream.stored + body.rest.len() as u64;
    body.truncated |= stream.is_shut || stream.is_cut || !is_redacted;
    body.stored_as = stream.stored_as();
}

/// The bytes that its bodies hold.
fn held_by(exchange: &Exchange) -> usize {
    exchange.request_body.rest.capacity() + exchange.response_body.rest.capacity()
}
