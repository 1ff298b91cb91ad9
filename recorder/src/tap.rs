//! Copies of what passes, made while it passes.

use dashcam_exchange::{BodyRecord, Direction, Exchange, Failure, Headers, Level, Record};

use crate::budget::Budget;
use crate::open::{Handle, Recording};
use crate::recorder::{Entry, Shared, lock};

/// Parts of a body are numbered in 21 bits in the store.
const MOST_PARTS: u32 = (1 << 21) - 2;

/// Observes one body of an exchange. Dropped before [`BodyTap::end`], the body stays marked as incomplete.
#[derive(Debug)]
pub struct BodyTap {
    open: Handle,
    direction: Direction,
}

impl BodyTap {
    pub(crate) fn new(open: Handle, direction: Direction) -> Self {
        Self { open, direction }
    }

    /// Bytes of the body that pass. They are copied while the limits allow it, and counted always.
    pub fn data(&mut self, bytes: &[u8]) {
        let mut state = lock(&self.open.state);
        let full = state.exchange.level == Level::Full;
        let body = state.body(self.direction);
        body.size += bytes.len() as u64;
        if !full || body.truncated || bytes.is_empty() {
            return;
        }
        if self.open.is_silenced(&state) {
            state.body(self.direction).truncated = true;
            return;
        }
        let body = state.body(self.direction);
        let room = usize::try_from(self.open.body_limit - body.stored).unwrap_or(usize::MAX);
        if bytes.len() > room {
            body.truncated = true;
        }
        self.store(&mut state, &bytes[..bytes.len().min(room)]);
    }

    /// Counts bytes that pass and are recorded otherwise, as messages.
    pub fn pass(&mut self, bytes: usize) {
        lock(&self.open.state).body(self.direction).size += bytes as u64;
    }

    /// The body passed to its end.
    pub fn end(&mut self, mut trailers: Option<Headers>) {
        let at = self.open.elapsed_us();
        if let Some(trailers) = &mut trailers {
            self.open.recorder.shared.secrets.load().fields(trailers);
        }
        let mut state = lock(&self.open.state);
        if self.direction == Direction::Request && !is_switched(&state.exchange) {
            state.exchange.timings.request_end_us = Some(at);
        }
        if let Some(trailers) = &trailers {
            state.hold(&self.open.recorder.shared.budget, trailers.footprint());
        }
        let body = state.body(self.direction);
        body.complete = true;
        body.trailers = trailers;
    }

    /// The exchange failed while the body passed; the first reason stays.
    pub fn fail(&mut self, failure: Failure) {
        lock(&self.open.state).exchange.failure.get_or_insert(failure);
    }

    /// The client went away while the body passed; the reason is kept, unless another came before.
    pub fn abort(&mut self, failure: Failure) {
        let mut state = lock(&self.open.state);
        state.aborted |= state.exchange.failure.is_none();
        state.exchange.failure.get_or_insert(failure);
    }

    fn store(&self, state: &mut Recording, bytes: &[u8]) {
        let shared = &self.open.recorder.shared;
        let body = state.body(self.direction);
        let numbered = body.parts < MOST_PARTS;
        let grown = numbered.then(|| self.make_room(body, bytes.len())).flatten();
        let Some(more) = grown else {
            body.truncated = true;
            return;
        };
        body.rest.extend_from_slice(bytes);
        body.stored += bytes.len() as u64;
        let whole = body.rest.len() >= shared.limits.part;
        state.held += more;
        if whole {
            self.hand_over(state);
        }
    }

    /// Room for so many more bytes; says how much more is held then.
    fn make_room(&self, body: &mut BodyRecord, bytes: usize) -> Option<usize> {
        let Shared { limits, budget, .. } = &*self.open.recorder.shared;
        // A body that comes in large pieces is to fill its next part as well, which need not grow to it.
        let fills =
            body.parts > 0 && body.rest.is_empty() && (limits.part / 16..limits.part).contains(&bytes);
        let ahead =
            (fills && budget.is_ample()).then(|| budget.grow(&mut body.rest, limits.part + bytes)).flatten();
        ahead.or_else(|| budget.grow(&mut body.rest, bytes))
    }

    /// Sends what is held of the body on its way.
    fn hand_over(&self, state: &mut Recording) {
        let recorder = &self.open.recorder;
        if !state.announced {
            recorder.send(state.snapshot(&recorder.shared.budget));
        }
        let Some(part) = state.part(self.direction, &recorder.shared) else { return };
        let length = part.record.payload() as u64;
        if !recorder.send(part) {
            let body = state.body(self.direction);
            body.parts -= 1;
            body.stored -= length;
            body.truncated = true;
            state.forget_rest(self.direction, &recorder.shared.budget);
        }
    }
}

/// Whether protocols were switched (101, or a CONNECT that was accepted): what the client sends from there on is
/// not the request any more.
fn is_switched(exchange: &Exchange) -> bool {
    let status = exchange.response.as_ref().map_or(0, |head| head.status);
    status == 101 || (exchange.request.method == "CONNECT" && (200..300).contains(&status))
}

impl Recording {
    /// What is held of a body as its next part, and what that holds of the budget; `None` if that is nothing that could
    /// be stored yet. An end that may be the beginning of a secret stays, as the next part's beginning.
    pub(crate) fn part(&mut self, direction: Direction, shared: &Shared) -> Option<Entry> {
        let exchange = self.exchange.id;
        let body = self.body(direction);
        let begun = shared.secrets.load().part(body);
        if begun == body.rest.len() {
            return None;
        }
        let mut data = std::mem::take(&mut body.rest);
        let seq = body.parts;
        body.parts += 1;
        let mut kept = 0;
        if begun > 0 && shared.budget.take(begun) {
            body.rest = data.split_off(data.len() - begun);
            kept = body.rest.capacity();
            // The allocator may round up, never down.
            shared.budget.force(kept - begun);
        }
        let held = data.capacity();
        self.held = self.held + kept - held;
        Some(Entry { record: Record::BodyPart { exchange, direction, seq, data }, held })
    }

    /// Drops what is held of a body whose part before that is lost.
    fn forget_rest(&mut self, direction: Direction, budget: &Budget) {
        let body = self.body(direction);
        let rest = std::mem::take(&mut body.rest);
        body.stored -= rest.len() as u64;
        self.held -= rest.capacity();
        budget.give_back(rest.capacity());
    }
}
