//! Exchanges under way as the writer meets them: those open for long, and those whose pieces it lost.

use std::sync::Weak;

use dashcam_exchange::{Direction, Record};

use crate::batch::{Batch, Lost};
use crate::budget::Held;
use crate::lock::lock;
use crate::recording::Open;
use crate::redaction::split::split;
use crate::way::Way;
use crate::writer::{LONG, Writer};

/// Bytes of a body that has not grown to a whole part wait for this long at most.
const PART_AGE: i64 = 5;

impl Writer {
    /// Marks those that lost pieces or messages: one that may pass only if it is recorded passes no further. One that is not there needs no mark: it was given up.
    pub(crate) fn cut(&mut self, pieces: Lost) {
        for (id, direction) in pieces {
            let open = lock(&self.shared.open).get(&id).and_then(Weak::upgrade);
            if let Some(open) = open {
                let mut state = lock(&open.state);
                let captures = state.captures;
                state.body(direction).truncated |= captures;
                state.lost_pieces |= captures;
            }
        }
    }

    /// Adds exchanges that have been open for long, and what has come of their bodies.
    pub(crate) fn collect_open(&mut self, batch: &mut Batch) {
        self.ticks += 1;
        let all_rests = self.ticks % PART_AGE == 0;
        let open: Vec<_> = lock(&self.shared.open).values().filter_map(Weak::upgrade).collect();
        self.stage.refresh(&self.shared);
        self.stage.sweep(&self.shared);
        for handle in open.iter().filter(|open| open.started.elapsed() >= LONG) {
            for (mut record, mut held) in self.pieces_of(handle, all_rests) {
                let (seals, leaves) = self.stage.record(&self.shared, &mut record, (Way::Store, &mut held));
                batch.records.extend(seals);
                batch.held.push(held);
                let Some(part) = leaves else { continue };
                for record in split(record, part) {
                    batch.bytes += record.payload();
                    batch.records.push(record);
                }
            }
            self.collect_arrivals(handle, batch, all_rests);
        }
    }

    /// Adds when the bytes of its bodies came, once the store knows of the exchange.
    fn collect_arrivals(&self, handle: &Open, batch: &mut Batch, is_late: bool) {
        let mut state = lock(&handle.state);
        let is_to_be_stored =
            state.announced && state.is_kept() && !state.is_undecided() && !state.has_ended();
        if state.arrivals.is_none() || !is_to_be_stored {
            return;
        }
        let is_redacted = !self.stage.leaves_alone(state.exchange.id);
        for direction in [Direction::Request, Direction::Response] {
            batch.records.extend(state.due_arrivals(direction, (is_redacted, is_late)));
        }
    }

    /// An exchange that has been open for long, if the store does not know it, and what has come of its bodies.
    fn pieces_of(&self, handle: &Open, all_rests: bool) -> Vec<(Record, Held)> {
        let mut pieces = Vec::new();
        let mut state = lock(&handle.state);
        if !state.is_kept() || state.has_ended() {
            return pieces;
        }
        if state.is_undecided() {
            handle.look(&mut state);
            // Nothing of it goes to the disk for being long before that is certain.
            if state.is_undecided() || !state.is_kept() {
                return pieces;
            }
        }
        let begins = !state.announced;
        if begins {
            // Without room for the copy it is tried again a moment later.
            let Some(opened) = state.snapshot() else { return pieces };
            pieces.push(opened);
        }
        let id = state.exchange.id;
        for direction in [Direction::Request, Direction::Response] {
            let body = state.body(direction);
            let (waiting, next) = (body.rest.len(), body.parts);
            let is_due = waiting > 0 && (all_rests || waiting >= self.shared.limits.part / 16);
            // A part before it, or the exchange itself, may be in the queue: secrets may stand across both.
            if is_due && (begins && next == 0 || self.stage.is_next(id, direction, next)) {
                pieces.extend(state.part(direction, &self.shared));
            }
        }
        handle.count_parts(&mut state);
        pieces
    }
}
