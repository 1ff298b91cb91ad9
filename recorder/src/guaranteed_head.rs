//! Heads of an exchange whose rule guarantees that it is recorded: there is room for them before they come.

use dashcam_exchange::{RequestHead, ResponseHead};

use crate::budget::Held;
use crate::guarantee::{Beginning, NotKept};
use crate::lock::lock;
use crate::open::OpenExchange;
use crate::wait::{Next, Patience, Waited};

/// Bytes that are there from the beginning for trailers and small interim responses.
const SMALL: usize = 4 << 10;

/// Bytes that an exchange takes as it begins, for heads that come later: the request's as it is sent.
pub(crate) fn spare_for(request: &RequestHead) -> usize {
    request.footprint() + SMALL
}

impl OpenExchange {
    /// Returns whether it may have to wait for the recording.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.open.waited.is_best_effort()
    }

    /// Returns whether it may pass only if it is recorded.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        self.open.waited.is_lossless()
    }

    /// Counts that its request is refused because it can't be recorded.
    pub fn count_refused(&self) {
        self.open.recorder.shared.guarantees.refused();
    }

    /// It begins with `spare` for later heads, after it has `waited`.
    pub(crate) fn begins_with(&self, (spare, beginning): (Held, Option<Beginning>), waited: &Waited) {
        self.open.waited.go_on_from(waited);
        let mut state = lock(&self.open.state);
        state.spare = spare.amount();
        state.memory.join(spare);
        state.beginning = beginning;
    }

    /// Waits until there is room for `head`, as it comes and as it is sent on.
    ///
    /// # Errors
    /// When that can't be, and the exchange may not go on without.
    pub async fn room_for(&self, head: &ResponseHead) -> Result<(), NotKept> {
        let bytes = 2 * (size_of::<ResponseHead>() + head.footprint());
        let (open, mut patience) = (&*self.open, Patience::default());
        loop {
            {
                let mut state = lock(&open.state);
                let is_over = !state.is_kept() || state.has_ended();
                if is_over || state.memory.take(bytes).is_ok() {
                    state.spare += if is_over { 0 } else { bytes };
                    open.waited.done(&mut patience);
                    return Ok(());
                }
            }
            match open.waited.next(&mut patience, &open.recorder) {
                Next::Wait(wait) => wait.await,
                Next::GoOn => return Ok(()),
                Next::GiveUp(why) => {
                    open.recorder.shared.guarantees.broken_off();
                    return Err(why);
                }
            }
        }
    }
}
