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
        let appended = self.run(move |scribe| append(scribe, records)).await;
        if !matches!(appended, Err(StoreError::Gone { .. })) {
            return appended;
        }
        self.take_what_is_there().await?;
        self.run(|scribe| append(scribe, Vec::new())).await
    }
}

fn append(scribe: &mut WriterState, records: Vec<Record>) -> Result<(), StoreError> {
    if let Some(lost) = scribe.lost.take() {
        return Err(lost);
    }
    waiting::store(scribe)?;
    let number = records.len();
    let bytes = records.iter().map(Record::payload).sum();
    if number > 0 {
        let mut batch = scribe.underway.sort(records)?;
        scribe.keeper.heed(&batch);
        batch.pack(&mut scribe.packer, scribe.load.is_busy())?;
        let written = waiting::written(scribe, &mut batch, |_, _| Ok(false));
        waiting::settle(scribe, batch, written)?;
    }
    retain::behind_batch(scribe);
    scribe.load.worked(number, bytes);
    Ok(())
}
