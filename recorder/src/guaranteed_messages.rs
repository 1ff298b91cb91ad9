//! Messages of an exchange whose rule guarantees that it is recorded: bytes with messages in them wait for room for
//! those, and for places in the queue for those before them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use dashcam_exchange::{Message, MessageKind, Record};

use crate::budget::Held;
use crate::guarantee::NotKept;
use crate::lock::lock;
use crate::message::MessageTap;
use crate::recording::{Entry, Handle};
use crate::wait::{Next, Offered, Patience};

/// Bytes that are made room for at once, at most: each two of them may be a message.
pub const MESSAGE_SLICE: usize = 512;

/// The room that one direction's messages have. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct MessageRoom(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Memory for the messages in the bytes that pass now.
    spare: Held,
    /// Messages for which there was no place in the queue.
    unsent: VecDeque<(Box<Message>, Held)>,
    patience: Patience,
}

impl MessageRoom {
    /// Room for the messages in the exchange that `open` keeps, if its rule guarantees anything.
    pub(crate) fn of(open: &Handle) -> Option<Self> {
        if open.waited.is_best_effort() {
            return None;
        }
        let spare = Held::nothing(lock(&open.state).memory.share().clone());
        Some(Self(Arc::new(Mutex::new(State {
            spare,
            unsent: VecDeque::new(),
            patience: Patience::default(),
        }))))
    }

    /// Makes room in `buffer` for `extra` bytes.
    pub(crate) fn grow(&self, held: &mut Held, buffer: &mut Vec<u8>, extra: usize) -> bool {
        held.grow_with(buffer, extra, &mut lock(&self.0).spare).is_ok()
    }

    /// Takes `bytes` of it for a message.
    pub(crate) fn take(&self, held: &mut Held, bytes: usize) -> bool {
        let mut state = lock(&self.0);
        if held.take(bytes).is_ok() {
            return true;
        }
        let has_room = state.spare.amount() >= bytes;
        if has_room {
            held.join(state.spare.split(bytes));
        }
        has_room
    }
}

impl MessageTap {
    /// Returns whether bytes with messages in them may have to wait for room: then they are offered before they are read,
    /// [`MESSAGE_SLICE`] of them at once, and so is their end (0 bytes).
    #[must_use]
    pub fn waits(&self) -> bool {
        self.room.is_some()
    }

    /// Makes room for the messages in the next `bytes`, once those before are on their way.
    pub fn offer(&self, bytes: usize) -> Offered {
        let Some(room) = &self.room else { return Offered::Taken };
        let (open, mut room) = (&self.open, lock(&room.0));
        let room = &mut *room;
        if open.is_broken(&lock(&open.state)) {
            open.recorder.shared.guarantees.broken_off();
            return Offered::GivenUp(NotKept::Lost);
        }
        // The room that the last bytes did not need.
        room.spare.give_back(usize::MAX);
        if self.is_over() || (self.send_unsent(room) && self.has_memory(room, bytes)) {
            open.waited.done(&mut room.patience);
            return Offered::Taken;
        }
        match open.waited.next(&mut room.patience, &open.recorder) {
            Next::Wait(wait) => Offered::Wait(wait),
            Next::GoOn => {
                self.give_up_unsent(room);
                Offered::Taken
            }
            Next::GiveUp(why) => {
                open.recorder.shared.guarantees.broken_off();
                Offered::GivenUp(why)
            }
        }
    }

    /// Returns whether nothing is kept that room would be needed for.
    fn is_over(&self) -> bool {
        let state = lock(&self.open.state);
        state.has_ended() || self.open.is_silenced(&state)
    }

    fn has_memory(&self, room: &mut State, bytes: usize) -> bool {
        let shared = &self.open.recorder.shared;
        if bytes == 0 {
            return true;
        }
        if self.open.waited.is_lossless() && shared.pausing.reason().is_some() {
            return false;
        }
        let mut state = lock(&self.open.state);
        let is_announced = state.announced || state.announce(&self.open.recorder);
        is_announced && room.spare.take(bytes + (bytes / 2 + 1) * size_of::<Message>()).is_ok()
    }

    /// Sends `message`, or keeps it until there is a place for it.
    pub(crate) fn send_or_keep(&self, room: &MessageRoom, message: Box<Message>, memory: Held) {
        let room = &mut *lock(&room.0);
        room.unsent.push_back((message, memory));
        self.send_unsent(room);
    }

    /// Lets go of those for which there was no place in time.
    fn give_up_unsent(&self, room: &mut State) {
        for (message, _) in room.unsent.drain(..) {
            let mut state = lock(&self.open.state);
            state.body(message.direction).truncated |= message.kind != MessageKind::Grpc;
        }
    }

    /// Returns whether all are on their way.
    fn send_unsent(&self, room: &mut State) -> bool {
        let recorder = &self.open.recorder;
        while !room.unsent.is_empty() {
            let state = lock(&self.open.state);
            let (place, way) = (state.places().hold(1), state.way(&recorder.shared));
            drop(state);
            let (Ok(place), Ok(permit)) = (place, recorder.shared.queue.try_reserve()) else { return false };
            if let Some((message, memory)) = room.unsent.pop_front() {
                let record = Record::Message(message);
                permit.send(Entry::Record { record, memory, place, way, stored: None });
            }
        }
        true
    }
}

impl Drop for MessageTap {
    fn drop(&mut self) {
        if let Some(room) = self.room.take() {
            let room = &mut *lock(&room.0);
            if !self.send_unsent(room) {
                self.give_up_unsent(room);
            }
        }
    }
}
