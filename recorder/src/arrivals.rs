//! When the bytes of a body came: of bodies that consist of messages, and of no others.
//!
//! They are noted while the body passes, and go to the store in stretches: while the exchange goes on once every few
//! seconds, the rest with its end. A stretch that is on its way is kept for readers until the next one is. Where redaction
//! changes what leaves, those are counted in the bytes that left (`redaction/timed.rs`).

mod gathered;

use std::sync::Arc;

use dashcam_exchange::{Arrival, BodyFormat, Direction, Record, StoredAs, Stretch};

use self::gathered::Gathered;
use crate::budget::Held;
use crate::recording::Recording;
use crate::redaction::streams::place;

const BODIES: [Direction; 2] = [Direction::Request, Direction::Response];

/// Stretches are numbered in as many bits as parts of a body are.
const MOST_STRETCHES: u32 = (1 << 21) - 2;

/// The arrivals of one body.
#[derive(Debug, Default)]
pub(crate) struct BodyArrivals {
    /// Those of the bytes as they passed.
    came: Gathered,
    /// Those of the bytes that left redaction, once some have: then these go to the store.
    left: Option<Gathered>,
    /// The number of the next stretch.
    seq: u32,
    /// The stretch before, which may be on its way.
    before: Option<Arc<Stretch>>,
}

/// The arrivals of an exchange's bodies, of those that are noted.
pub(crate) type Arrivals = [Option<BodyArrivals>; 2];

impl BodyArrivals {
    fn take(&mut self, memory: &mut Held) -> Option<(u32, Arc<Stretch>)> {
        if self.seq > MOST_STRETCHES {
            return None;
        }
        let stretch = Arc::new(self.left.as_mut().unwrap_or(&mut self.came).take()?);
        if let Some(before) = self.before.replace(Arc::clone(&stretch)) {
            memory.give_back(before.arrivals.capacity() * size_of::<Arrival>());
        }
        self.seq += 1;
        Some((self.seq - 1, stretch))
    }

    fn recent(&self) -> Vec<Stretch> {
        let gathered = self.left.as_ref().unwrap_or(&self.came).stretch();
        self.before.as_deref().into_iter().chain(gathered).cloned().collect()
    }
}

impl Recording {
    /// Notes from now on when the bytes of a body come, whose first have come, if its media type is one of messages.
    pub(crate) fn begin_arrivals(&mut self, direction: Direction) {
        let format = self.exchange.headers(direction).and_then(BodyFormat::of);
        if format.is_some() && self.memory.take(size_of::<Arrivals>()).is_ok() {
            self.arrivals.get_or_insert_default()[place(direction)] = Some(BodyArrivals::default());
        }
    }

    /// Notes that all that is captured of a body has come, if that is noted of it. `now` says when it is, in microseconds
    /// after the exchange's start.
    #[cold]
    pub(crate) fn arrived(&mut self, direction: Direction, now: impl FnOnce() -> i64) {
        let end = self.exchange.body(direction).stored;
        let Self { arrivals, memory, .. } = self;
        if let Some(noted) = of_body(arrivals, direction) {
            noted.came.add(Arrival { end, at_us: now() }, 1, memory);
        }
    }

    /// Takes the arrivals of a body's bytes up to `end`, which are to pass redaction; `None` if they are not noted.
    pub(crate) fn take_came(&mut self, direction: Direction, end: u64) -> Option<Stretch> {
        let Self { arrivals, memory, .. } = self;
        of_body(arrivals, direction).map(|noted| noted.came.take_until(end, memory))
    }

    /// Notes when those bytes came that have left redaction.
    pub(crate) fn have_left(&mut self, direction: Direction, all: Stretch) {
        let Self { arrivals, memory, .. } = self;
        if let Some(noted) = of_body(arrivals, direction) {
            let left = noted.left.get_or_insert_default();
            all.arrivals.into_iter().for_each(|arrival| left.add(arrival, all.merged, memory));
        }
    }

    /// Takes the arrivals of a body for the store, if it is time for that. Under redaction they are those of what left.
    pub(crate) fn due_arrivals(
        &mut self,
        direction: Direction,
        (is_redacted, is_late): (bool, bool),
    ) -> Option<Record> {
        let noted = of_body(&mut self.arrivals, direction)?;
        let is_due = match &noted.left {
            Some(left) => is_late || left.are_many(),
            None => !is_redacted && (is_late || noted.came.are_many()),
        };
        if is_due { self.take_arrivals(direction) } else { None }
    }

    /// Takes those that are left of the bodies of an exchange that has ended. Most have none, and pay nothing for it.
    pub(crate) fn all_last_arrivals(&mut self) -> Vec<Record> {
        if self.arrivals.is_none() {
            return Vec::new();
        }
        BODIES.into_iter().filter_map(|direction| self.last_arrivals(direction)).collect()
    }

    /// Takes those that are left of a body whose exchange has ended, if they are true of what is stored of it.
    pub(crate) fn last_arrivals(&mut self, direction: Direction) -> Option<Record> {
        let body = self.exchange.body(direction);
        let (is_there, is_as_sent) = (body.stored > 0, body.stored_as == StoredAs::Sent);
        let is_true = is_as_sent || of_body(&mut self.arrivals, direction)?.left.is_some();
        if is_there && is_true { self.take_arrivals(direction) } else { None }
    }

    fn take_arrivals(&mut self, direction: Direction) -> Option<Record> {
        let exchange = self.exchange.id;
        let Self { arrivals, memory, .. } = self;
        let (seq, stretch) = of_body(arrivals, direction)?.take(memory)?;
        Some(Record::Arrivals { exchange, direction, seq, stretch })
    }

    /// The arrivals of a body that the store may not have, in their order, as they are true of a body that is
    /// `stored_as`.
    pub(crate) fn recent_arrivals(&self, direction: Direction, stored_as: StoredAs) -> Vec<Stretch> {
        let noted = self.arrivals.as_ref().and_then(|arrivals| arrivals[place(direction)].as_ref());
        let is_true = |noted: &&BodyArrivals| stored_as == StoredAs::Sent || noted.left.is_some();
        noted.filter(is_true).map(BodyArrivals::recent).unwrap_or_default()
    }
}

fn of_body(arrivals: &mut Option<Box<Arrivals>>, direction: Direction) -> Option<&mut BodyArrivals> {
    arrivals.as_mut()?[place(direction)].as_mut()
}
