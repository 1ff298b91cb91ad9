//! The end of an exchange.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dashcam_exchange::{ExchangeId, State};
use dashcam_filter::Moment;

use crate::lock::lock;
use crate::outcome::Fate;
use crate::recording::{Entry, Open, Recording};
use crate::shared::Shared;

impl Open {
    /// The one end of every exchange. One that is stored stays to be seen until the writer has stored it.
    pub(crate) fn finish(self: Arc<Self>) {
        let end = self.elapsed_us();
        let mut state = lock(&self.state);
        let id = state.exchange.id;
        let Shared { counters, intake, .. } = &*self.recorder.shared;
        let is_lost = !state.announced && !state.has_ended() && !state.is_unwanted();
        if let Some(full) = state.lost.filter(|_| is_lost) {
            state.stored = None;
            state.give_up();
            self.recorder.shared.refuse(full, &state.memory);
        }
        if !state.has_ended() {
            state.end(end);
            if state.is_undecided() {
                self.decide(&mut state, Moment::End);
            }
        }
        let Some(permit) = state.place.permit.take() else {
            drop(state);
            return self.forget(id);
        };
        let exchange = &mut *state.exchange;
        for body in [&mut exchange.request_body, &mut exchange.response_body] {
            intake.release(body, true);
        }
        if let Some(usage) = state.usage.take() {
            usage.ended(&state.exchange);
        }
        let goes_aside = matches!(state.fate, Fate::Aside);
        if goes_aside {
            state.wait_no_more();
        }
        drop(state);
        // The writer takes one that goes aside out of sight: until then its pieces may be on their way.
        if !goes_aside {
            counters.pending.fetch_add(1, Ordering::Release);
        }
        let lossless = self.waited.is_lossless().then(|| self.recorder.clone());
        permit.send(Entry::Ended(self));
        lossless.iter().for_each(|recorder| recorder.shared.guarantees.hurry());
    }

    /// Takes it out of sight.
    fn forget(&self, id: ExchangeId) {
        lock(&self.recorder.shared.open).remove(&id);
    }
}

impl Recording {
    /// Notes how it ended, so many microseconds after it began.
    fn end(&mut self, end: i64) {
        let Self { exchange, lost, refused, aborted, .. } = self;
        let exchange = &mut **exchange;
        exchange.timings.end_us = Some(end).filter(|_| lost.is_none());
        exchange.state = match (&exchange.failure, &exchange.response) {
            _ if lost.is_some() => State::Interrupted,
            _ if *refused => State::Refused,
            _ if *aborted => State::Aborted,
            (Some(_), _) => State::Failed,
            (None, Some(_)) if exchange.response_body.complete => State::Complete,
            _ => State::Aborted,
        };
    }
}
