//! Copies of what passes, made while it passes.

use dashcam_exchange::{Direction, Failure, Headers, Level, Live, Message, MessageKind, Record};

use crate::now;
use crate::open::{Handle, Recording};
use crate::recorder::lock;

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
    pub fn end(&mut self, trailers: Option<Headers>) {
        let at = self.open.elapsed_us();
        let mut state = lock(&self.open.state);
        if self.direction == Direction::Request {
            state.exchange.timings.request_end_us = Some(at);
        }
        let body = state.body(self.direction);
        body.complete = true;
        body.trailers = trailers;
    }

    /// The exchange failed while the body passed; the first reason stays.
    pub fn fail(&mut self, failure: Failure) {
        lock(&self.open.state).exchange.failure.get_or_insert(failure);
    }

    fn store(&self, state: &mut Recording, bytes: &[u8]) {
        let shared = &self.open.recorder.shared;
        let body = state.body(self.direction);
        let needed = body.rest.len() + bytes.len();
        if needed > body.rest.capacity() {
            let more = needed.max(body.rest.capacity() * 2) - body.rest.capacity();
            if body.parts >= MOST_PARTS || !shared.budget.take(more) {
                body.truncated = true;
                return;
            }
            let before = body.rest.capacity();
            body.rest.reserve_exact(before + more - body.rest.len());
            let got = body.rest.capacity() - before;
            // The allocator may round up; what is held is what is given back.
            shared.budget.adjust(more, got);
            state.held += got;
        }
        let body = state.body(self.direction);
        body.rest.extend_from_slice(bytes);
        body.stored += bytes.len() as u64;
        if body.rest.len() >= shared.limits.part {
            self.hand_over(state);
        }
    }

    /// Sends what is held of the body on its way.
    fn hand_over(&self, state: &mut Recording) {
        let recorder = &self.open.recorder;
        if !state.announced {
            let opened = state.snapshot();
            recorder.send(opened, 0);
        }
        let (part, held) = state.part(self.direction);
        let length = part.payload() as u64;
        if !recorder.send(part, held) {
            recorder.shared.budget.give_back(held);
            let body = state.body(self.direction);
            body.parts -= 1;
            body.stored -= length;
            body.truncated = true;
        }
    }
}

impl Recording {
    /// What is held of a body as its next part, and what that holds of the budget.
    pub(crate) fn part(&mut self, direction: Direction) -> (Record, usize) {
        let exchange = self.exchange.id;
        let body = self.body(direction);
        let data = std::mem::take(&mut body.rest);
        let seq = body.parts;
        body.parts += 1;
        let held = data.capacity();
        self.held -= held;
        (Record::BodyPart { exchange, direction, seq, data }, held)
    }
}

/// Takes down the messages inside an exchange.
#[derive(Debug)]
pub struct MessageTap {
    open: Handle,
}

impl MessageTap {
    pub(crate) fn new(open: Handle) -> Self {
        Self { open }
    }

    /// Whether messages are kept: below `full` there is no need to read them.
    #[must_use]
    pub fn wanted(&self) -> bool {
        lock(&self.open.state).exchange.level == Level::Full
    }

    /// The most bytes of one message that are kept.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.open.body_limit
    }

    /// Notes a message of `size` bytes, of which `data` is kept.
    pub fn message(&self, direction: Direction, kind: MessageKind, size: u64, data: Vec<u8>) {
        let recorder = &self.open.recorder;
        let mut state = lock(&self.open.state);
        if !state.announced {
            let opened = state.snapshot();
            recorder.send(opened, 0);
        }
        let seq = state.next_message;
        state.next_message += 1;
        let held = data.capacity();
        let message = Message { exchange: state.exchange.id, seq, at: now(), direction, kind, size, data };
        recorder.publish(|| Live::Message(Box::new(message.clone())));
        let taken = recorder.shared.budget.take(held);
        if !taken || !recorder.send(Record::Message(Box::new(message)), held) {
            if taken {
                recorder.shared.budget.give_back(held);
            }
            state.body(direction).truncated = true;
        }
    }

    /// Notes that a message could not be read: the record has a hole from here on, the relay has none.
    pub fn unreadable(&self, direction: Direction) {
        lock(&self.open.state).body(direction).truncated = true;
    }
}
