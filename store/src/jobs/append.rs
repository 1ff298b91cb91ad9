//! Batches in. Each is stored as a whole, or kept (`waiting`).

use dashcam_exchange::Record;

use crate::StoreError;
use crate::jobs::retain;
use crate::jobs::waiting;
use crate::state::WriterState;

/// Stores `records` behind the batch that waits, if one does.
pub(crate) fn append(state: &mut WriterState, records: Vec<Record>) -> Result<(), StoreError> {
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
