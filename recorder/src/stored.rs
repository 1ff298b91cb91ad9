//! Waiting until an exchange is in the store: as it stands, and at its end.

use std::sync::Arc;

use dashcam_exchange::{Direction, Failure, Stage, State};
use tokio::sync::oneshot::{self, Receiver, Sender};
use tokio::time::{Instant, timeout};

use crate::guarantee::NotKept;
use crate::lock::lock;
use crate::open::OpenExchange;
use crate::outcome::Fate;
use crate::recording::{Entry, Open, Recording};
use crate::wait::{Counted, Next, Patience, STEP};
use crate::way::Way;

/// The end of an exchange that may be told of only once it is stored.
#[derive(Debug)]
pub struct End {
    open: Arc<Open>,
    stored: Receiver<bool>,
}

impl OpenExchange {
    /// Waits until the store has what there is of it.
    ///
    /// # Errors
    /// When that can't be: it may not go on.
    pub async fn stored_so_far(&self) -> Result<(), NotKept> {
        let stored = self.open.store_so_far(true).await;
        if stored.is_err() {
            self.count_refused();
        }
        stored
    }

    /// Its end, if that may be told of only once it is stored. To be asked for once.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        let open = self.open.0.as_ref().filter(|open| open.waited.is_lossless())?;
        let (told, stored) = oneshot::channel();
        let mut state = lock(&open.state);
        if matches!(state.fate, Fate::LetGo) {
            return None;
        }
        state.stored = Some(told);
        drop(state);
        Some(End { open: Arc::clone(open), stored })
    }
}

impl End {
    /// Waits until the exchange is stored, once the response has passed. If its request goes on still, it is stored as it
    /// stands: a client may send the rest only when it has seen the end of the response.
    ///
    /// # Errors
    /// When that can't be: the end is not to be told of.
    pub async fn stored(self) -> Result<(), NotKept> {
        let Self { open, stored } = self;
        let is_stored = open.end_stored(stored).await;
        if let Err(why) = &is_stored {
            open.recorder.shared.guarantees.broken_off();
            open.break_off(why.failure(Stage::ResponseBody));
        }
        is_stored
    }
}

impl Open {
    /// Waits until the exchange is stored, at its end or as it stands; `stored` is told of its end.
    async fn end_stored(&self, stored: Receiver<bool>) -> Result<(), NotKept> {
        if !lock(&self.state).has_ended() {
            self.store_so_far(false).await?;
            let state = lock(&self.state);
            if self.is_broken(&state) {
                return Err(NotKept::Lost);
            }
            // It may have ended while it waited for room: then nothing was handed over as it stood.
            if !state.has_ended() {
                return Ok(());
            }
        }
        self.is_stored(stored, false).await
    }

    /// Returns whether something is missing of one that may pass only if it is recorded.
    pub(crate) fn is_broken(&self, state: &Recording) -> bool {
        self.waited.is_lossless() && (state.lost.is_some() || state.lost_pieces)
    }

    /// Hands over what there is of it, and waits until that is stored. `is_new`: a pause ends the wait.
    async fn store_so_far(&self, is_new: bool) -> Result<(), NotKept> {
        let (told, stored) = oneshot::channel();
        let (mut told, mut patience) = (Some(told), Patience::default());
        while !self.hand_over_so_far(&mut told) {
            let gone = self.recorder.shared.gone();
            if let Some(gone) = gone.filter(|gone| is_new || *gone == NotKept::Closed) {
                return Err(gone);
            }
            match self.waited.next(&mut patience, &self.recorder) {
                Next::Wait(wait) => wait.await,
                Next::GoOn => return Ok(()),
                Next::GiveUp(why) => return Err(why),
            }
        }
        self.waited.done(&mut patience);
        self.recorder.shared.guarantees.hurry();
        self.is_stored(stored, is_new).await
    }

    /// Waits until `stored` says that it is. `is_new`: a pause ends the wait.
    async fn is_stored(&self, mut stored: Receiver<bool>, is_new: bool) -> Result<(), NotKept> {
        let shared = &self.recorder.shared;
        let (began, most) = (Instant::now(), shared.limits.lossless_wait);
        let mut counted = None;
        loop {
            let left = most.saturating_sub(began.elapsed());
            match timeout(left.min(STEP), &mut stored).await {
                Ok(Ok(true)) => return Ok(()),
                Ok(Ok(false) | Err(_)) => return Err(NotKept::Lost),
                Err(_) if left.is_zero() => return Err(NotKept::Late(most)),
                // Most need no more than one step.
                Err(_) => _ = counted.get_or_insert_with(|| Counted::new(&self.recorder)),
            }
            // The rules may have decided meanwhile that it need not be stored.
            if !self.waited.is_lossless() {
                return Ok(());
            }
            if let Some(gone) = shared.gone().filter(|_| is_new) {
                return Err(gone);
            }
        }
    }

    /// Notes that its end was not told of, for `failure`. One that is on its way to the disk already stays as it is.
    fn break_off(&self, failure: Failure) {
        let mut state = lock(&self.state);
        if state.exchange.is_own() {
            let exchange = &mut *state.exchange;
            exchange.failure.get_or_insert(failure);
            if exchange.state == State::Complete {
                exchange.state = State::Failed;
            }
        }
    }

    /// Sends what there is of it to the writer, who takes `told` with the last of it. False without room.
    fn hand_over_so_far(&self, told: &mut Option<Sender<bool>>) -> bool {
        let mut state = lock(&self.state);
        let shared = &self.recorder.shared;
        if !state.is_kept() || state.has_ended() {
            // Its end says all there is to say, unless there is none.
            let is_lost = state.lost.is_some();
            told.take().map(|told| told.send(!is_lost));
            return true;
        }
        let bodies = [Direction::Request, Direction::Response];
        let records = 1 + bodies.iter().filter(|body| !state.exchange.body(**body).rest.is_empty()).count();
        let (Ok(mut places), Ok(mut permits)) =
            (state.places().hold(records), shared.queue.try_reserve_many(records))
        else {
            return false;
        };
        let Some((opened, memory)) = state.snapshot() else { return false };
        let way = state.way(shared);
        state.known_aside |= way != Way::Store;
        let mut entries = vec![(opened, memory)];
        entries.extend(bodies.into_iter().filter_map(|body| state.part(body, shared)));
        let last = entries.len() - 1;
        for (number, ((record, memory), permit)) in entries.into_iter().zip(&mut permits).enumerate() {
            let stored = if number == last { told.take() } else { None };
            permit.send(Entry::Record { record, memory, place: places.split(1), way, stored });
        }
        true
    }
}
