//! A body of an exchange whose rule guarantees that it is recorded: its bytes wait for room for their copies.

use std::sync::atomic::Ordering;

use dashcam_exchange::Headers;

use crate::guarantee::NotKept;
use crate::lock::lock;
use crate::recording::{Entry, Recording};
use crate::tap::BodyTap;
use crate::wait::{Next, Offered};

impl BodyTap {
    /// Returns whether its body may have to wait for room: then bytes are offered, in place of [`BodyTap::data`].
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.open.waited.is_best_effort()
    }

    /// Bytes of the body that are to pass. They are copied and counted when they are taken.
    pub fn offer(&mut self, bytes: &[u8]) -> Offered {
        let mut state = lock(&self.open.state);
        if self.open.is_broken(&state) {
            return self.give_up();
        }
        if self.has_room(&mut state, bytes.len()) {
            self.keep(&mut state, bytes);
            drop(state);
            self.end_wait();
            return Offered::Taken;
        }
        drop(state);
        let next = self.next();
        if matches!(next, Offered::Taken) {
            self.data(bytes);
        }
        next
    }

    /// Trailers that are to pass; [`BodyTap::end`] keeps them.
    pub fn offer_trailers(&mut self, trailers: &Headers) -> Offered {
        let mut state = lock(&self.open.state);
        if self.open.is_broken(&state) {
            return self.give_up();
        }
        let bytes = trailers.footprint();
        let is_over = !state.is_kept() || state.has_ended();
        if is_over || state.memory.take(bytes).is_ok() {
            state.spare += if is_over { 0 } else { bytes };
            drop(state);
            self.end_wait();
            return Offered::Taken;
        }
        drop(state);
        self.next()
    }

    /// Nothing passes behind a piece that is lost.
    fn give_up(&self) -> Offered {
        self.open.recorder.shared.guarantees.broken_off();
        Offered::GivenUp(NotKept::Lost)
    }

    /// The next thing to do without room; it is taken if it may go on without.
    fn next(&mut self) -> Offered {
        let patience = self.patience.get_or_insert_default();
        let shared = &self.open.recorder.shared;
        match self.open.waited.next(patience, &self.open.recorder) {
            Next::Wait(wait) => Offered::Wait(wait),
            Next::GoOn => Offered::Taken,
            Next::GiveUp(why) => {
                shared.guarantees.broken_off();
                Offered::GivenUp(why)
            }
        }
    }

    fn end_wait(&mut self) {
        if let Some(mut patience) = self.patience.take() {
            self.open.waited.done(&mut patience);
        }
    }

    /// Makes room for so many more bytes. False if there is none; then what is held of the body is on its way, as far as it
    /// can be: that makes some.
    fn has_room(&self, state: &mut Recording, bytes: usize) -> bool {
        let shared = &self.open.recorder.shared;
        let is_lossless = self.open.waited.is_lossless();
        let (captures, part) = (state.captures, shared.limits.part);
        let limit = self.open.body_limit.load(Ordering::Relaxed);
        let body = state.body(self.direction);
        if !captures || body.truncated || self.open.is_silenced(state) {
            return true;
        }
        let body = state.body(self.direction);
        let (held, left) =
            (body.rest.len(), usize::try_from(limit.saturating_sub(body.stored)).unwrap_or(usize::MAX));
        let bytes = bytes.min(left);
        if bytes == 0 {
            return true;
        }
        if is_lossless && shared.pausing.reason().is_some() {
            return false;
        }
        let is_placed = match is_lossless {
            true => held < part || self.part_if_placed(state),
            false => held + bytes < part || (shared.queue.capacity() > 0 && state.places().hold(1).is_ok()),
        };
        let has_room = is_placed && self.make_room(state, bytes);
        if !has_room && is_lossless && !state.body(self.direction).rest.is_empty() {
            self.part_if_placed(state);
        }
        has_room
    }

    /// Sends what is held of the body on its way, if there is a place for it in the queue.
    pub(crate) fn part_if_placed(&self, state: &mut Recording) -> bool {
        let recorder = &self.open.recorder;
        if !state.announced && !state.announce(recorder) {
            return false;
        }
        let (Ok(place), Ok(permit)) = (state.places().hold(1), recorder.shared.queue.try_reserve()) else {
            return false;
        };
        if let Some((record, memory)) = state.part(self.direction, &recorder.shared) {
            let way = state.way(&recorder.shared);
            permit.send(Entry::Record { record, memory, place, way, stored: None });
            self.open.count_parts(state);
        }
        true
    }
}
