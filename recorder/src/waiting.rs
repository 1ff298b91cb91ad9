//! Exchanges that the store does not have yet: those under way, and those that have ended and wait for their batch.
//!
//! Readers look here first and into the store after that. So they miss none: an exchange is here until its batch is
//! stored. Some they find twice.

use std::cmp::Reverse;
use std::sync::{Arc, Weak};
use std::time::Duration;

use dashcam_exchange::{Direction, Exchange, ExchangeId, Live, Program, State, StoredAs, Stretch, Summary};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::lock::lock;
use crate::recording::{Entry, Open, Recording, body_of};
use crate::redaction::reading::Shown;
use crate::redaction::under_way::Passed;
use crate::{Event, Recorder};

/// How long a reader waits for a batch, at most: the disk may hang.
const LONGEST: Duration = Duration::from_secs(5);

const BODIES: [Direction; 2] = [Direction::Request, Direction::Response];

/// The kept bytes of a body that were not handed over yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// How many of the body's pieces were: these bytes follow them.
    pub after: u32,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Recorder {
    /// An exchange that is under way or waits to be stored, as it stands, without the bytes of its bodies. As kept count
    /// those that [`Recorder::tail`] and the store have.
    #[must_use]
    pub fn find(&self, id: ExchangeId) -> Option<Exchange> {
        let (mut exchange, under) = self.seen(id, |state| {
            let mut exchange = state.exchange.without_bodies();
            if exchange.state == State::Open {
                for direction in BODIES {
                    let withheld = self.shared.intake.withheld(state.exchange.body(direction));
                    body_of(&mut exchange, direction).stored -= withheld as u64;
                }
            }
            let under = self.not_yet_under(state);
            (exchange, under.map(|under| (under, BODIES.map(|direction| Self::body_copy(state, direction)))))
        })?;
        let Some((under, bodies)) = under else { return Some(exchange) };
        under.shown_exchange(&mut exchange);
        for (direction, copy) in BODIES.into_iter().zip(bodies) {
            let passed = copy.passed;
            let shown = self.shown(copy, &under).map(|Shown { after, stored, stored_as, .. }| Passed {
                parts: after,
                stored,
                stored_as,
            });
            let Passed { parts, stored, stored_as } = shown.unwrap_or(passed);
            let body = body_of(&mut exchange, direction);
            (body.parts, body.stored, body.stored_as) = (parts, stored, stored_as);
        }
        Some(exchange)
    }

    /// The exchanges that are under way or wait to be stored, newest first: at most `most` of those that are `wanted`
    /// and have numbers below `before`.
    #[must_use]
    pub fn list(
        &self,
        before: Option<ExchangeId>,
        most: usize,
        wanted: impl Fn(&Summary) -> bool,
    ) -> Vec<Summary> {
        let all = self.newest(before);
        let row = |open: &Arc<Open>| {
            let (mut row, under) =
                look(open, |state| (open.summary(&state.exchange), self.not_yet_under(state)))?;
            if let Some(under) = under {
                under.shown_summary(&mut row);
            }
            Some(row)
        };
        all.iter().filter_map(row).filter(wanted).take(most).collect()
    }

    /// An event of an exchange that is under way or waits to be stored, as it stands now; `None` if it is neither.
    #[must_use]
    pub fn as_it_stands(&self, id: ExchangeId) -> Option<Event> {
        let open = lock(&self.shared.open).get(&id).and_then(Weak::upgrade)?;
        let (live, under) = look(&open, |state| {
            let row = open.summary(&state.exchange).cut();
            let live =
                if state.exchange.response.is_some() { Live::Responded(row) } else { Live::Started(row) };
            (live, self.not_yet_under(state))
        })?;
        Some(Event::new(match under {
            Some(under) => under.shown_event(live, ""),
            None => live,
        }))
    }

    /// The exchanges that are under way or wait to be stored and have numbers below `before`, as they stand, newest first,
    /// without the bytes of their bodies, and their rows. Each is copied when its turn comes.
    pub fn exchanges(&self, before: Option<ExchangeId>) -> impl Iterator<Item = (Exchange, Summary)> {
        let all = self.newest(before).into_iter();
        let copy = |open: Arc<Open>| {
            let (mut exchange, mut row, under) = look(&open, |state| {
                (state.exchange.without_bodies(), open.summary(&state.exchange), self.not_yet_under(state))
            })?;
            if let Some(under) = under {
                under.shown_exchange(&mut exchange);
                under.shown_summary(&mut row);
            }
            Some((exchange, row))
        };
        all.filter_map(copy)
    }

    fn newest(&self, before: Option<ExchangeId>) -> Vec<Arc<Open>> {
        let mut all: Vec<_> = {
            let open = lock(&self.shared.open);
            let all = open.iter().filter(|(id, _)| before.is_none_or(|before| **id < before));
            all.filter_map(|(id, open)| Some((*id, open.upgrade()?))).collect()
        };
        all.sort_unstable_by_key(|(id, _)| Reverse(*id));
        all.into_iter().map(|(_, open)| open).collect()
    }

    /// The end of what is kept of a body of an exchange that is under way or waits to be stored, all of it if no piece
    /// went ahead; `None` if it is neither. Where redaction is on, the bytes after pieces that went ahead are shown once they
    /// are stored: nobody but the writer can judge them.
    #[must_use]
    pub fn tail(&self, id: ExchangeId, direction: Direction) -> Option<Tail> {
        let copy = |state: &Recording| match self.not_yet_under(state) {
            Some(under) => Err(Box::new((Self::body_copy(state, direction), under))),
            None => {
                let exchange = &*state.exchange;
                Ok((exchange.body(direction).clone(), exchange.state != State::Open))
            }
        };
        match self.seen(id, copy)? {
            Ok((mut body, ended)) => {
                let stay = self.shared.intake.release(&mut body, ended);
                body.rest.truncate(body.rest.len() - stay);
                Some(Tail { after: body.parts, bytes: body.rest })
            }
            Err(raw) => {
                let (copy, under) = *raw;
                let Shown { after, bytes, .. } = self.shown(copy, &under)?;
                Some(Tail { after, bytes })
            }
        }
    }

    /// The arrivals of a body's bytes that the store may not have, of an exchange that is under way or waits to be stored,
    /// and whose body is `stored_as`, as [`Recorder::find`] has it.
    #[must_use]
    pub fn recent_arrivals(
        &self,
        id: ExchangeId,
        (direction, stored_as): (Direction, StoredAs),
    ) -> Vec<Stretch> {
        self.seen(id, |state| state.recent_arrivals(direction, stored_as)).unwrap_or_default()
    }

    /// The program that sends, or sent, an exchange that is under way or waits to be stored, if it is known.
    #[must_use]
    pub fn program(&self, id: ExchangeId) -> Option<Program> {
        let open = lock(&self.shared.open).get(&id).and_then(Weak::upgrade)?;
        let mut program = open.caller.lock().program.clone()?;
        if let Some(under) = self.under(&[None]) {
            under.shown_program(&mut program);
        }
        Some(program)
    }

    /// Returns whether messages or pieces of the bodies of an exchange were handed over before its end.
    #[must_use]
    pub fn went_ahead(&self, id: ExchangeId) -> bool {
        self.seen(id, |state| state.announced).unwrap_or(false)
    }

    /// The exchanges under way of which something was handed over.
    #[must_use]
    pub fn under_way(&self) -> Vec<ExchangeId> {
        let all: Vec<_> = lock(&self.shared.open).values().filter_map(Weak::upgrade).collect();
        let announced = |state: &Recording| {
            let Exchange { id, state: stands, .. } = *state.exchange;
            (state.announced && stands == State::Open).then_some(id)
        };
        all.iter().filter_map(|open| look(open, announced).flatten()).collect()
    }

    /// The exchanges that are under way or wait to be stored, in the order of their numbers.
    #[must_use]
    pub fn not_stored(&self) -> Vec<ExchangeId> {
        let mut ids: Vec<_> = lock(&self.shared.open).keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Leaves an exchange out of what is seen from now on: it was deleted while it was under way.
    pub fn leave_out(&self, id: ExchangeId) {
        let open = lock(&self.shared.open).get(&id).and_then(Weak::upgrade);
        if let Some(open) = open {
            lock(&open.state).left_out = true;
        }
    }

    /// Returns whether an exchange has ended and waits to be stored.
    #[must_use]
    pub fn is_waiting(&self, id: ExchangeId) -> bool {
        self.seen(id, |state| state.exchange.state != State::Open).unwrap_or(false)
    }

    /// Waits until all that was handed over before is stored, or counted as dropped. False if that can't be now: the
    /// disk takes nothing, hangs, or the queue is full.
    pub async fn settle(&self) -> bool {
        let Ok(place) = self.shared.own.places.hold(1) else { return false };
        let (told, settled) = oneshot::channel();
        let is_queued = !self.shared.pausing.is_by_writer()
            && self.shared.queue.try_send(Entry::Settled { told, place }).is_ok();
        is_queued && timeout(LONGEST, settled).await.is_ok_and(|settled| settled == Ok(true))
    }

    fn seen<T>(&self, id: ExchangeId, read: impl FnOnce(&Recording) -> T) -> Option<T> {
        let open = lock(&self.shared.open).get(&id).and_then(Weak::upgrade)?;
        look(&open, read)
    }
}

/// Reads what is kept of an exchange, if it is.
fn look<T>(open: &Arc<Open>, read: impl FnOnce(&Recording) -> T) -> Option<T> {
    let state = lock(&open.state);
    (state.is_kept() && !state.left_out).then(|| read(&state))
}
