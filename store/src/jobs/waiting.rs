//! A batch that the disk refused: it is kept, and stored when the disk takes it again.

use rusqlite::Connection;

use crate::StoreError;
use crate::jobs::discard;
use crate::rows::{pins, snapshots};
use crate::state::WriterState;
use crate::state::batch::{Batch, Members};
use crate::state::known::now;

/// Stores the batch that waits, for one who appends nothing. If it is lost, the next append says so.
pub(crate) fn store_first(state: &mut WriterState) -> Result<(), StoreError> {
    let Err(error) = store(state) else { return Ok(()) };
    if error.keeps_batch() {
        return Err(error);
    }
    state.lost = Some(error);
    Ok(())
}

/// Stores the batch that waits, if one does.
pub(crate) fn store(state: &mut WriterState) -> Result<(), StoreError> {
    let Some(mut batch) = state.waiting.take() else { return Ok(()) };
    state.keeper.heed(&batch);
    let written = written(state, &mut batch, Batch::is_stored);
    settle(state, batch, written)
}

/// Writes a batch in one transaction, unless it `is_stored`, and counts who holds it.
pub(crate) fn written(
    state: &mut WriterState,
    batch: &mut Batch,
    is_stored: fn(&Batch, &Connection) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let now = now();
    let due = state.run.clone().filter(|run| run.is_due(now));
    state.accounted(|connection, holdings| {
        if !is_stored(batch, connection)? {
            batch.leaves_bodies = discard::take_back(connection, holdings, &batch.discards)?;
            write(batch, connection)?;
            holdings.count(connection, batch)?;
        }
        due.as_ref().map_or(Ok(()), |run| run.note(connection, now))
    })?;
    if let Some(run) = state.run.as_mut().filter(|_| due.is_some()) {
        run.seen_at = now;
    }
    Ok(())
}

fn write(batch: &mut Batch, connection: &Connection) -> Result<(), StoreError> {
    batch.write(connection)?;
    if let Some(Members { snapshot, exchanges, at }) = &batch.members {
        snapshots::add(connection, *snapshot, exchanges, *at)?;
    }
    pins::unpack_pinned(connection, batch.exchanges_again.iter().map(|row| row.exchange.id.0))
}

/// Notes what became of a batch.
pub(crate) fn settle(
    state: &mut WriterState,
    batch: Batch,
    written: Result<(), StoreError>,
) -> Result<(), StoreError> {
    match &written {
        Ok(()) => {
            state.partial.committed();
            state.known.note(&batch);
            if batch.leaves_bodies {
                state.keeper.sweep();
            }
        }
        Err(error) if error.keeps_batch() => state.waiting = Some(batch),
        Err(_) => {}
    }
    written
}
