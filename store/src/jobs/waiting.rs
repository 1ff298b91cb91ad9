//! A batch that the disk refused: it is kept, and stored when the disk takes it again.

use rusqlite::Connection;

use crate::StoreError;
use crate::pins;
use crate::state::WriterState;
use crate::state::batch::Batch;

/// Stores the batch that waits, for one who appends nothing. If it is lost, the next append says so.
pub(crate) fn store_first(scribe: &mut WriterState) -> Result<(), StoreError> {
    let Err(error) = store(scribe) else { return Ok(()) };
    if error.keeps_batch() {
        return Err(error);
    }
    scribe.lost = Some(error);
    Ok(())
}

/// Stores the batch that waits, if one does.
pub(crate) fn store(scribe: &mut WriterState) -> Result<(), StoreError> {
    let Some(mut batch) = scribe.waiting.take() else { return Ok(()) };
    scribe.keeper.heed(&batch);
    let written = written(scribe, &mut batch, Batch::is_stored);
    settle(scribe, batch, written)
}

/// Writes a batch in one transaction, unless it `is_stored`, and counts who holds it.
pub(crate) fn written(
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
pub(crate) fn settle(
    scribe: &mut WriterState,
    batch: Batch,
    written: Result<(), StoreError>,
) -> Result<(), StoreError> {
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
