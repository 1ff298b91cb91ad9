//! Exchanges under way as the writer meets them: those open for long, and those whose pieces it lost.

use std::sync::Weak;

use dashcam_exchange::Direction;

use crate::batch::{Batch, Lost};
use crate::lock::lock;
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
        for handle in open.iter().filter(|open| open.started.elapsed() >= LONG) {
            let mut state = lock(&handle.state);
            if !state.is_kept() || state.has_ended() {
                continue;
            }
            if state.is_undecided() {
                handle.look(&mut state);
                // Nothing of it goes to the disk for being long before that is certain.
                if state.is_undecided() || !state.is_kept() {
                    continue;
                }
            }
            if !state.announced {
                // Without room for the copy it is tried again a moment later.
                let Some((opened, held)) = state.snapshot() else { continue };
                batch.held.push(held);
                batch.records.push(opened);
            }
            for direction in [Direction::Request, Direction::Response] {
                let waiting = state.body(direction).rest.len();
                if waiting > 0 && (all_rests || waiting >= self.shared.limits.part / 16) {
                    let Some((part, held)) = state.part(direction, &self.shared) else { continue };
                    batch.bytes += part.payload();
                    batch.held.push(held);
                    batch.records.push(part);
                }
            }
            handle.count_parts(&mut state);
        }
    }
}
