//! Batches that the disk refused: they are kept, and stored when the disk takes them again.

use rusqlite::Connection;

use crate::StoreError;
use crate::jobs::{discard, snapshot};
use crate::rows::heads::Folder;
use crate::rows::{pins, snapshots};
use crate::state::WriterState;
use crate::state::batch::{Batch, Members};
use crate::state::known::now;
use crate::state::queue::Owner;

/// Stores all that waits, the oldest first. Where something is lost, its owner hears of it at its next append.
///
/// # Errors
/// When the disk refuses one: it is kept, and so are those behind it.
pub(crate) fn store(state: &mut WriterState) -> Result<(), StoreError> {
    while let Some(owner) = state.queue.next_owner() {
        match store_next(state) {
            Err(error) if !error.keeps_batch() => state.queue.lose(owner, error),
            stored => stored?,
        }
        if owner == Owner::Snapshots {
            state.keeper.recount();
        }
    }
    Ok(())
}

fn store_next(state: &mut WriterState) -> Result<(), StoreError> {
    if let Some(mut batch) = state.queue.first.take() {
        state.keeper.heed(&batch);
        let written = written(state, &mut batch, Batch::is_stored);
        return settle(state, batch, written);
    }
    let Some(mut addition) = state.queue.pop() else { return Ok(()) };
    let left_out = snapshot::leave_out_known(state, &mut addition);
    if let Err(error) = left_out.and_then(|()| snapshot::leave_out_stored(state, &mut addition)) {
        if error.keeps_batch() {
            state.queue.put_back(addition);
        }
        return Err(error);
    }
    let mut batch = state.partial.sort(addition.records)?;
    batch.members = addition.members;
    state.keeper.heed(&batch);
    batch.pack(&mut state.packer, state.load.is_busy())?;
    let written = written(state, &mut batch, |_, _| Ok(false));
    settle(state, batch, written)
}

/// Writes a batch in one transaction, unless it `is_stored`, and counts who holds it.
fn written(
    state: &mut WriterState,
    batch: &mut Batch,
    is_stored: fn(&Batch, &Connection) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let now = now();
    let due = state.run.clone().filter(|run| run.is_due(now));
    let mut folder = std::mem::take(&mut state.folder);
    let written = state.accounted(|connection, holdings| {
        if !is_stored(batch, connection)? {
            batch.leaves_bodies = discard::take_back(connection, holdings, &batch.discards)?;
            write(batch, connection, &mut folder)?;
            holdings.count(connection, batch)?;
        }
        due.as_ref().map_or(Ok(()), |run| run.note(connection, now))
    });
    state.folder = folder;
    written?;
    if let Some(run) = state.run.as_mut().filter(|_| due.is_some()) {
        run.seen_at = now;
    }
    Ok(())
}

fn write(batch: &mut Batch, connection: &Connection, folder: &mut Folder) -> Result<(), StoreError> {
    batch.write(connection, folder)?;
    if let Some(Members { snapshot, exchanges, at }) = &batch.members {
        snapshots::add(connection, *snapshot, exchanges, *at)?;
    }
    pins::unpack_pinned(connection, batch.exchanges_again.iter().map(|row| row.exchange.id.0))
}

/// Notes what became of a batch.
fn settle(state: &mut WriterState, batch: Batch, written: Result<(), StoreError>) -> Result<(), StoreError> {
    match &written {
        Ok(()) => {
            state.partial.committed();
            state.known.note(&batch);
            if batch.leaves_bodies {
                state.keeper.sweep();
            }
        }
        Err(error) if error.keeps_batch() => state.queue.first = Some(batch),
        Err(_) => {}
    }
    written
}
