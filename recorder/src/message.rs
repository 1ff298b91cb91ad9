//! Messages inside an exchange, whole and not whole yet.

use std::sync::atomic::Ordering;

use dashcam_exchange::{Direction, Live, Message, MessageCoding, MessageKind, Record};

use crate::budget::Held;
use crate::guaranteed_messages::MessageRoom;
use crate::intake::Part;
use crate::lock::lock;
use crate::now;
use crate::recording::Handle;

/// Takes down the messages inside an exchange.
#[derive(Debug)]
pub struct MessageTap {
    pub(crate) open: Handle,
    /// Its own room, where a rule guarantees that it is recorded.
    pub(crate) room: Option<MessageRoom>,
}

/// The kept bytes of a message while it passes. They draw on its client's share, and give back in drop what
/// was not handed over with [`MessageTap::message`].
#[derive(Debug)]
pub struct MessageBuffer {
    bytes: Vec<u8>,
    held: Held,
    room: Option<MessageRoom>,
    /// How the bytes are compressed, if they are.
    coding: Option<MessageCoding>,
    /// The budget was spent when it was to grow.
    cut: bool,
}

impl MessageTap {
    pub(crate) fn new(open: Handle) -> Self {
        let room = MessageRoom::of(&open);
        Self { open, room }
    }

    /// Returns whether messages are kept: below `full` there is no need to read them.
    #[must_use]
    pub fn wanted(&self) -> bool {
        lock(&self.open.state).captures
    }

    /// The most bytes of one message that are kept: none, once the rules want none.
    #[must_use]
    pub fn limit(&self) -> u64 {
        if self.wanted() { self.open.body_limit.load(Ordering::Relaxed) } else { 0 }
    }

    /// An empty buffer for the next message.
    #[must_use]
    pub fn buffer(&self) -> MessageBuffer {
        let share = lock(&self.open.state).memory.share().clone();
        let room = self.room.clone();
        MessageBuffer { bytes: Vec::new(), held: Held::nothing(share), room, coding: None, cut: false }
    }

    /// Notes a message of `size` bytes, of which `kept` is kept. One that is lost or cut marks its body
    /// truncated, but for gRPC, whose messages are in the body as well.
    pub fn message(&self, direction: Direction, kind: MessageKind, size: u64, mut kept: MessageBuffer) {
        let recorder = &self.open.recorder;
        let mut state = lock(&self.open.state);
        if !state.captures {
            return;
        }
        let marks_body = kind != MessageKind::Grpc;
        if self.open.is_silenced(&state) {
            state.body(direction).truncated |= marks_body;
            return;
        }
        // One that fills its client's share leaves room for what goes with it.
        let has_room = loop {
            if state.announce(recorder) && kept.take(size_of::<Message>()) {
                break true;
            }
            if !kept.halve() {
                break false;
            }
        };
        let seq = state.next_message;
        state.next_message += 1;
        let cut = kept.cut || size > kept.bytes.len() as u64;
        let MessageBuffer { bytes: mut data, held, coding, .. } = kept;
        recorder.shared.intake.take(Part::Message { data: &mut data, cut }, &mut state.hid);
        let (exchange, at) = (state.exchange.id, now());
        let message = Message { exchange, seq, at, direction, kind, size, coding, redacted: false, data };
        recorder.shared.publish_raw(|| state.seen_under(), || Live::message(&message));
        let (message, way) = (Box::new(message), state.way(&recorder.shared));
        if let Some(room) = self.room.as_ref().filter(|_| has_room) {
            state.body(direction).truncated |= marks_body && cut;
            drop(state);
            return self.send_or_keep(room, message, held);
        }
        let sent = has_room && recorder.send(Record::Message(message), held, state.places(), way);
        if cut || !sent {
            state.body(direction).truncated |= marks_body;
        }
    }

    /// Notes that a message could not be read: the record has a hole from here on, the relay has none.
    /// Not for gRPC, where the body has what was not read.
    pub fn unreadable(&self, direction: Direction) {
        lock(&self.open.state).body(direction).truncated = true;
    }
}

impl MessageBuffer {
    /// Keeps half of what it has, and gives back the rest. False if it has nothing.
    fn halve(&mut self) -> bool {
        let before = self.bytes.capacity();
        if self.bytes.is_empty() {
            return false;
        }
        self.cut = true;
        self.bytes.truncate(self.bytes.len() / 2);
        self.bytes.shrink_to_fit();
        self.held.give_back(before - self.bytes.capacity());
        true
    }

    /// Takes `bytes` for what goes with it.
    fn take(&mut self, bytes: usize) -> bool {
        match &self.room {
            None => self.held.take(bytes).is_ok(),
            Some(room) => room.take(&mut self.held, bytes),
        }
    }

    /// Makes room for so many more bytes.
    fn grow(&mut self, extra: usize) -> bool {
        match &self.room {
            None => self.held.grow(&mut self.bytes, extra).is_ok(),
            Some(room) => room.grow(&mut self.held, &mut self.bytes, extra),
        }
    }

    /// Returns whether there was no room for a part of what must be recorded.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.cut && self.room.is_some()
    }

    /// Says that the bytes are kept as they passed, compressed.
    #[must_use]
    pub fn coded(mut self, coding: MessageCoding) -> Self {
        self.coding = Some(coding);
        self
    }

    /// Keeps `bytes` as far as they fit into `limit` bytes in all, and while the budget allows it. Once it
    /// does not the message stays cut.
    pub fn push(&mut self, bytes: &[u8], limit: u64) {
        let room = usize::try_from(limit.saturating_sub(self.bytes.len() as u64)).unwrap_or(usize::MAX);
        let bytes = &bytes[..bytes.len().min(room)];
        if self.cut || !self.grow(bytes.len()) {
            self.cut = true;
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }
}
