//! Batches in. Each is stored as a whole; one that the disk refuses is kept, and stored when the disk takes it again.

use dashcam_exchange::Record;
use rusqlite::Connection;

use crate::batch::Batch;
use crate::retention;
use crate::writer::WriterState;
use crate::{Store, StoreError, pins};

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
    waiting(scribe)?;
    let number = records.len();
    let bytes = records.iter().map(Record::payload).sum();
    if number > 0 {
        let mut batch = scribe.underway.sort(records)?;
        scribe.keeper.heed(&batch);
        batch.pack(&mut scribe.packer, scribe.load.is_busy())?;
        let written = written(scribe, &mut batch, |_, _| Ok(false));
        settle(scribe, batch, written)?;
    }
    retention::keep_behind(scribe);
    scribe.load.worked(number, bytes);
    Ok(())
}

/// Stores the batch that waits, for one who appends nothing. If it is lost, the next append says so.
pub(crate) fn waiting_first(scribe: &mut WriterState) -> Result<(), StoreError> {
    let Err(error) = waiting(scribe) else { return Ok(()) };
    if error.keeps_batch() {
        return Err(error);
    }
    scribe.lost = Some(error);
    Ok(())
}

/// Stores the batch that waits, if one does.
fn waiting(scribe: &mut WriterState) -> Result<(), StoreError> {
    let Some(mut batch) = scribe.waiting.take() else { return Ok(()) };
    scribe.keeper.heed(&batch);
    let written = written(scribe, &mut batch, Batch::is_stored);
    settle(scribe, batch, written)
}

/// Writes a batch in one transaction, unless it `is_stored`, and counts who holds it.
fn written(
    scribe: &mut WriterState,
    batch: &mut Batch,
    is_stored: fn(&Batch, &Connection) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    scribe.accounted(|connection, holdings| match is_stored(batch, connection)? {
        true => Ok(()),
        false => {
            write(batch, connection)?;
            holdings.count(connection, batch)
        }
    })
}

fn write(batch: &mut Batch, connection: &Connection) -> Result<(), StoreError> {
    batch.write(connection)?;
    pins::unpack_pinned(connection, batch.exchanges_again.iter().map(|row| row.exchange.id.0))
}

/// Notes what became of a batch.
fn settle(scribe: &mut WriterState, batch: Batch, written: Result<(), StoreError>) -> Result<(), StoreError> {
    match &written {
        Ok(()) => {
            scribe.underway.committed();
            scribe.known.note(&batch);
        }
        Err(error) if error.keeps_batch() => scribe.waiting = Some(batch),
        Err(_) => {}
    }
    written
}
