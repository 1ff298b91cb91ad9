//! Batches in. Each is stored as a whole, or kept (`waiting`).

use dashcam_exchange::Record;

use crate::Store;
use crate::StoreError;
use crate::jobs::retain;
use crate::jobs::waiting;
use crate::state::WriterState;

impl Store {
    /// Stores `records` in one transaction. The writer of the recorder calls it.
    ///
    /// # Errors
    /// Nothing of `records` is stored then. They are kept if [`StoreError::keeps_batch`]: the next append stores them
    /// first, and is to be one of no records until that succeeds. Else they are lost: a body that so lost a piece is
    /// cut there and marked truncated when its exchange is stored later. A future that is dropped before its end leaves
    /// all of them or none.
    pub async fn append(&self, records: Vec<Record>) -> Result<(), StoreError> {
        let appended = self.run(move |state| append(state, records)).await;
        if !matches!(appended, Err(StoreError::Gone { .. })) {
            return appended;
        }
        self.take_what_is_there().await?;
        self.run(|state| append(state, Vec::new())).await
    }
}

fn append(state: &mut WriterState, records: Vec<Record>) -> Result<(), StoreError> {
    if let Some(lost) = state.lost.take() {
        return Err(lost);
    }
    waiting::store(state)?;
    let number = records.len();
    let bytes = records.iter().map(Record::payload).sum();
    if number > 0 {
        let mut batch = state.partial.sort(records)?;
        state.keeper.heed(&batch);
        batch.pack(&mut state.packer, state.load.is_busy())?;
        let written = waiting::written(state, &mut batch, |_, _| Ok(false));
        waiting::settle(state, batch, written)?;
    }
    retain::behind_batch(state);
    state.load.worked(number, bytes);
    Ok(())
}
