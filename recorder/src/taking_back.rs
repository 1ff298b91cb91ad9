//! Captures that turn out not to be wanted: memory is given back, and pieces that went ahead are taken back from the store.

use dashcam_exchange::{Direction, Record};

use crate::Recorder;
use crate::budget::Held;
use crate::outcome::{Fate, TakeBack};
use crate::recording::{Entry, Recording};
use crate::way::Way;

impl Recording {
    /// Lets go of all that is held of it.
    pub(crate) fn let_go(&mut self) {
        self.fate = Fate::LetGo;
        self.captures = false;
        self.drop_bodies();
        self.clear();
        self.wait_no_more();
        let Some(permit) = self.place.permit.take() else { return };
        let place = self.place.held.split(1);
        if let Some(way) = Way::to(self.announced || self.owes.is_some(), self.known_aside) {
            let record = self.taken_back(TakeBack::All);
            let memory = Held::nothing(self.memory.share().clone());
            permit.send(Entry::Record { record, memory, place, way, stored: None });
            self.known_aside = false;
        }
    }

    /// Ends one that is given up, for those who know of it: as interrupted, or, if its bodies are still to be taken back, as
    /// taken back whole.
    pub(crate) fn give_up(&mut self) {
        let Some(permit) = self.place.permit.take() else { return };
        let place = self.place.held.split(1);
        let is_owed = self.owes.take().is_some();
        let Some(way) = Way::to(self.announced || is_owed, self.known_aside) else { return };
        let record = match is_owed {
            true => self.taken_back(TakeBack::All),
            false => Record::Interrupted(self.exchange.id),
        };
        let memory = Held::nothing(self.memory.share().clone());
        permit.send(Entry::Record { record, memory, place, way, stored: None });
        self.known_aside = false;
    }

    /// Has the sink beside the store forget it. Without room for that in the queue it is done at the exchange's end.
    pub(crate) fn leave_aside(&mut self, recorder: &Recorder) {
        if self.known_aside {
            let memory = Held::nothing(self.memory.share().clone());
            let sent = recorder.send(self.taken_back(TakeBack::All), memory, self.places(), Way::Aside);
            self.known_aside = !sent;
        }
    }

    /// The record by which the sink forgets it, if it knows of it.
    pub(crate) fn left_aside(&self) -> Option<Record> {
        self.known_aside.then(|| self.taken_back(TakeBack::All))
    }

    /// Tells those who wait until it is stored that they need not.
    pub(crate) fn wait_no_more(&mut self) {
        if let Some(stored) = self.stored.take() {
            // An error means that nobody waits any more.
            let _ = stored.send(true);
        }
    }

    /// Takes back from the store what went ahead. Without room for that in the queue it is done at the exchange's end.
    pub(crate) fn take_back(&mut self, what: TakeBack, recorder: &Recorder) {
        if self.announced {
            let memory = Held::nothing(self.memory.share().clone());
            let sent = recorder.send(self.taken_back(what), memory, self.places(), Way::Store);
            self.owes = (!sent).then_some(what);
            self.announced &= what == TakeBack::Bodies;
        }
    }

    /// The record that takes back what is still to be taken back, if anything is.
    pub(crate) fn owed(&mut self) -> Option<Record> {
        self.owes.take().map(|what| self.taken_back(what))
    }

    fn taken_back(&self, what: TakeBack) -> Record {
        Record::Discarded { exchange: self.exchange.id, bodies_only: what == TakeBack::Bodies }
    }

    /// Forgets its bodies as if they had never been captured.
    pub(crate) fn drop_bodies(&mut self) {
        for direction in [Direction::Request, Direction::Response] {
            self.body(direction).forget_bytes();
        }
        self.release_bodies();
    }

    /// Cuts a body to `limit`; parts that went ahead stay.
    pub(crate) fn cut(&mut self, direction: Direction, limit: u64) {
        let body = self.body(direction);
        let ahead = body.stored - body.rest.len() as u64;
        let room = usize::try_from(limit.saturating_sub(ahead)).unwrap_or(usize::MAX);
        if body.rest.len() <= room {
            return;
        }
        let before = body.rest.capacity();
        body.rest.truncate(room);
        body.rest.shrink_to_fit();
        body.stored = ahead + body.rest.len() as u64;
        body.truncated = true;
        let freed = before - body.rest.capacity();
        self.memory.give_back(freed);
    }
}
