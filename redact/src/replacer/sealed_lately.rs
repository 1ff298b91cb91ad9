//! The secrets that were sealed lately: most come again with the next exchange.

use dashcam_exchange::SealId;

/// How many are remembered.
const SLOTS: usize = 4096;

/// Ids of secrets that were sealed lately. One that is forgotten is sealed again, which does no harm.
#[derive(Debug, Default)]
pub(crate) struct SealedLately {
    /// One id each, at the place that its first bytes say: they are as good as random.
    slots: Vec<Option<SealId>>,
}

impl SealedLately {
    /// Returns whether `id` was not sealed lately, and remembers it.
    pub(crate) fn is_new(&mut self, id: SealId) -> bool {
        if self.slots.is_empty() {
            self.slots = vec![None; SLOTS];
        }
        let slot = &mut self.slots[usize::from(u16::from_le_bytes([id.0[0], id.0[1]])) % SLOTS];
        let is_new = *slot != Some(id);
        *slot = Some(id);
        is_new
    }

    /// Forgets all.
    pub(crate) fn forget(&mut self) {
        self.slots.fill(None);
    }
}
