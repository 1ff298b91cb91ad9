//! Exchanges of which something went ahead, and that turned out not to be wanted.

use dashcam_exchange::ExchangeId;

use super::{Partial, Progress};
use crate::state::batch::{Batch, Discard};

impl Partial {
    /// Leaves out what `batch` has of an exchange, and has it take back what is stored. Nothing happens where nothing is
    /// known of it.
    pub(super) fn discard(&mut self, id: ExchangeId, bodies_only: bool, batch: &mut Batch) {
        let (id, progress) = (id.0, self.progress(id.0));
        let known = self.stored.get(&id).copied();
        if self.pending.get(&id).is_some_and(Option::is_some) {
            batch.parts.retain(|part| part.exchange() != id);
            batch.arrivals.retain(|row| row.exchange() != id);
            batch.messages.retain(|row| row.message.exchange.0 != id);
            if !bodies_only {
                batch.leave_out(id);
                batch.new_exchanges -= i64::from(progress.row && !known.is_some_and(|known| known.row));
            }
        } else if known.is_none() {
            return;
        }
        if known.is_some() {
            let discard = Discard { exchange: id, bodies_only };
            self.discards.push(discard);
            batch.discards.push(discard);
        }
        let left = Progress { stored: [0; 2], lost: [false; 2], messages: false, ..progress };
        self.pending.insert(id, Some(left).filter(|_| bodies_only));
    }

    /// Returns whether an exchange as a whole is to be taken back still.
    pub(super) fn discards_all(&self, id: i64) -> bool {
        self.discards.iter().any(|discard| discard.exchange == id && !discard.bodies_only)
    }
}

impl Batch {
    /// Adds no row of an exchange.
    fn leave_out(&mut self, id: i64) {
        self.exchanges.retain(|row| row.exchange.id.0 != id);
        self.exchanges_again.retain(|row| row.exchange.id.0 != id);
        self.orphans.retain(|orphan| *orphan != id);
        self.adopted.retain(|adopted| *adopted != id);
    }
}
