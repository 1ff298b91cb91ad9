//! Copies of what passes, made while it passes.

use std::sync::atomic::Ordering;

use dashcam_exchange::{ConnectionEnd, Direction, Exchange, Failure, Headers, Record};

use crate::budget::Held;
use crate::intake::Part;
use crate::lock::lock;
use crate::recording::{Handle, Recording, body_of};
use crate::shared::Shared;
use crate::wait::Patience;

/// Parts of a body are numbered in 21 bits in the store.
const MOST_PARTS: u32 = (1 << 21) - 2;

/// Observes one body of an exchange. Dropped before [`BodyTap::end`], the body stays marked as incomplete.
#[derive(Debug)]
pub struct BodyTap {
    pub(crate) open: Handle,
    pub(crate) direction: Direction,
    /// How long it waits, where it does.
    pub(crate) patience: Option<Box<Patience>>,
}

impl BodyTap {
    pub(crate) fn new(open: Handle, direction: Direction) -> Self {
        Self { open, direction, patience: None }
    }

    /// Bytes of the body that pass. They are copied while the limits allow it, and counted always.
    pub fn data(&mut self, bytes: &[u8]) {
        self.keep(&mut lock(&self.open.state), bytes);
    }

    /// Copies bytes that pass, as far as the limits allow it.
    pub(crate) fn keep(&self, state: &mut Recording, bytes: &[u8]) {
        let captures = state.captures;
        let body = state.body(self.direction);
        body.size += bytes.len() as u64;
        if !captures || body.truncated || bytes.is_empty() {
            return;
        }
        if self.open.is_silenced(state) {
            state.body(self.direction).truncated = true;
            return;
        }
        let body = state.body(self.direction);
        let limit = self.open.body_limit.load(Ordering::Relaxed);
        // More than a limit that the rules set later may have gone ahead.
        let room = usize::try_from(limit.saturating_sub(body.stored)).unwrap_or(usize::MAX);
        if bytes.len() > room {
            body.truncated = true;
        }
        self.store(state, &bytes[..bytes.len().min(room)]);
    }

    /// Counts bytes that pass and are recorded otherwise, as messages.
    pub fn pass(&mut self, bytes: usize) {
        lock(&self.open.state).body(self.direction).size += bytes as u64;
    }

    /// The upstream ended the connection that carried the body: that is the body's end, or cuts it short.
    pub fn connection_ended(&mut self, how: ConnectionEnd) {
        lock(&self.open.state).body(self.direction).end = Some(how);
    }

    /// The body passed to its end.
    pub fn end(&mut self, mut trailers: Option<Headers>) {
        let at = self.open.elapsed_us();
        let mut state = lock(&self.open.state);
        if let Some(trailers) = &mut trailers {
            self.open.recorder.shared.intake.take(Part::Trailers(trailers), &mut state.hid);
        }
        if self.direction == Direction::Request && !is_switched(&state.exchange) {
            state.exchange.timings.request_end_us = Some(at);
        }
        let has_room = trailers.as_ref().is_none_or(|trailers| state.take(trailers.footprint()).is_ok());
        let body = state.body(self.direction);
        body.complete = true;
        body.truncated |= !has_room;
        body.trailers = trailers.filter(|_| has_room);
    }

    /// The exchange failed while the body passed; the first reason stays.
    pub fn fail(&mut self, failure: Failure) {
        lock(&self.open.state).exchange.failure.get_or_insert(failure);
    }

    /// The client went away while the body passed; the reason is kept, unless another came before.
    pub fn abort(&mut self, failure: Failure) {
        lock(&self.open.state).abort(failure);
    }

    fn store(&self, state: &mut Recording, bytes: &[u8]) {
        let numbered = state.body(self.direction).parts < MOST_PARTS;
        if !numbered || !self.make_room(state, bytes.len()) {
            state.body(self.direction).truncated = true;
            return;
        }
        let Recording { exchange, hid, .. } = state;
        let body = body_of(exchange, self.direction);
        let Shared { intake, limits, .. } = &*self.open.recorder.shared;
        intake.take(Part::Body { bytes, held: &mut body.rest }, hid);
        let is_first = body.stored == 0;
        body.stored += bytes.len() as u64;
        let is_part = body.rest.len() >= limits.part;
        if is_first {
            state.begin_arrivals(self.direction);
        }
        if state.arrivals.is_some() {
            state.arrived(self.direction, || self.open.elapsed_us());
        }
        if is_part {
            if self.open.waited.is_lossless() {
                // Without a place in the queue the next bytes wait.
                self.part_if_placed(state);
            } else {
                self.hand_over(state);
            }
        }
    }

    /// Room for so many more bytes, if it can be had.
    pub(crate) fn make_room(&self, state: &mut Recording, bytes: usize) -> bool {
        let part = self.open.recorder.shared.limits.part;
        let Recording { exchange, memory, .. } = state;
        let body = body_of(exchange, self.direction);
        // A body that comes in large pieces is to fill its next part as well, which need not grow to it.
        let fills = body.parts > 0 && body.rest.is_empty() && (part / 16..part).contains(&bytes);
        (fills && memory.share().is_hardly_used() && memory.grow(&mut body.rest, part + bytes).is_ok())
            || memory.grow(&mut body.rest, bytes).is_ok()
    }

    /// Sends what is held of the body on its way.
    fn hand_over(&self, state: &mut Recording) {
        let recorder = &self.open.recorder;
        let is_announced = state.announce(recorder);
        let Some((part, memory)) = state.part(self.direction, &recorder.shared) else { return };
        let length = part.payload() as u64;
        let way = state.way(&recorder.shared);
        if !is_announced || !recorder.send(part, memory, state.places(), way) {
            let body = state.body(self.direction);
            body.parts -= 1;
            body.stored -= length;
            body.truncated = true;
            state.forget_rest(self.direction);
        }
        self.open.count_parts(state);
    }
}

/// Returns whether protocols were switched (101, or a CONNECT that was accepted): what the client sends from
/// there on is not the request any more.
fn is_switched(exchange: &Exchange) -> bool {
    let status = exchange.response.as_ref().map_or(0, |head| head.status);
    status == 101 || (exchange.request.method == "CONNECT" && (200..300).contains(&status))
}

impl Recording {
    /// The bytes that are held of a body as its next part, and their part of the budget; `None` if nothing can
    /// be stored yet. An end that may be the beginning of a secret stays, as the next part's beginning.
    pub(crate) fn part(&mut self, direction: Direction, shared: &Shared) -> Option<(Record, Held)> {
        let Self { exchange, memory, .. } = self;
        let id = exchange.id;
        let body = body_of(exchange, direction);
        let begun = shared.intake.release(body, false);
        if begun == body.rest.len() {
            return None;
        }
        let mut data = std::mem::take(&mut body.rest);
        if begun > 0 {
            let end = data.len() - begun;
            if memory.grow(&mut body.rest, begun).is_ok() {
                body.rest.extend_from_slice(&data[end..]);
            } else {
                body.stored -= begun as u64;
                body.truncated = true;
            }
            data.truncate(end);
        }
        let seq = body.parts;
        body.parts += 1;
        let held = memory.split(data.capacity());
        Some((Record::BodyPart { exchange: id, direction, seq, data }, held))
    }

    /// Drops what is held of a body whose part before that is lost.
    fn forget_rest(&mut self, direction: Direction) {
        let body = self.body(direction);
        let rest = std::mem::take(&mut body.rest);
        body.stored -= rest.len() as u64;
        self.memory.give_back(rest.capacity());
    }
}
