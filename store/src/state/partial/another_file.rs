//! Exchanges under way whose file was deleted or replaced.

use std::collections::HashSet;

use dashcam_exchange::Direction;

use super::{Partial, Progress};
use crate::rows::exchange_detail::Row;
use crate::state::batch::Batch;

impl Partial {
    /// The file is another one, and has nothing of what was stored. What goes on is stored there from now on, and cut
    /// where the other file had its beginning. So is what `waiting` has of it.
    pub(crate) fn begin_anew(&mut self, waiting: Option<&mut Batch>) {
        let Some(batch) = waiting else {
            self.settle_lost();
            self.ends_lost.clear();
            self.stored.values_mut().for_each(Progress::begin_anew);
            return;
        };
        let mut had_row: HashSet<i64> =
            self.stored.iter().filter(|(_, known)| known.row).map(|(id, _)| *id).collect();
        self.stored.values_mut().for_each(Progress::begin_anew);
        let known = |id: i64| self.stored.get(&id).copied().unwrap_or_default();
        let is_lost = |id: i64, direction: Direction| known(id).lost[direction as usize];
        batch.parts.retain(|part| !is_lost(part.exchange(), part.direction()));
        batch.arrivals.retain(|row| !is_lost(row.exchange(), row.direction()));
        let mut rows = HashSet::new();
        for Row { exchange, .. } in batch.exchanges.iter_mut().chain(&mut batch.exchanges_again) {
            known(exchange.id.0).cut(exchange);
            rows.insert(exchange.id.0);
            batch.new_exchanges += i64::from(had_row.remove(&exchange.id.0));
        }
        for (id, progress) in &mut self.pending {
            let Some(progress) = progress else { continue };
            let known = self.stored.get(id).copied().unwrap_or_default();
            for side in [0, 1] {
                progress.lost[side] |= known.lost[side];
                progress.stored[side] = if progress.lost[side] { 0 } else { progress.stored[side] };
            }
            progress.row = rows.contains(id);
            if !progress.row && !batch.orphans.contains(id) {
                progress.orphan = true;
                batch.orphans.push(*id);
            }
        }
        self.ends_lost.clear();
        batch.interrupted.clear();
    }
}

impl Progress {
    /// Nothing is stored of it any more.
    fn begin_anew(&mut self) {
        let lost = [0, 1].map(|side| self.lost[side] || self.stored[side] > 0 || self.messages);
        *self = Self { lost, deleted: self.deleted, ..Self::default() };
    }
}
