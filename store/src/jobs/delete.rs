//! Steps of deleting, each a job of the thread that writes.

use dashcam_exchange::ExchangeId;
use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::jobs::waiting;
use crate::retention::Holdings;
use crate::rows::deletion::{BYTES, Expired, picked, sweep};
use crate::rows::deletions::{self, Cause};
use crate::rows::{heads, notes, pack, segment, snapshots};
use crate::state::WriterState;

/// Exchanges that go at once.
const EXCHANGES: i64 = 500;
/// The last of the next exchanges from a number on, if there is one.
const STRETCH: &str = "SELECT max(id) FROM (SELECT id FROM exchange_rows WHERE id >= ? ORDER BY id LIMIT ?)";
/// Exchanges of a stretch; those that are pinned only if ?3 is true.
const THOSE: &str = "id BETWEEN ?1 AND ?2 AND (?3 OR NOT EXISTS (SELECT 1 FROM pins WHERE exchange = id))";
const IS_PINNED: &str = "SELECT EXISTS (SELECT 1 FROM pins WHERE exchange = ?)";

/// Sweeps some bodies and messages of deleted exchanges. Says whether there may be more.
pub(crate) fn sweep_some(state: &mut WriterState) -> Result<bool, StoreError> {
    let more = state.transaction(sweep)?;
    if !more {
        state.keeper.swept();
    }
    Ok(more)
}

/// The same where the bounds of the recording delete. Is something among it that a user deleted, it is overwritten.
pub(crate) fn sweep_behind(state: &mut WriterState) -> Result<(), StoreError> {
    if state.log_holds_deleted {
        return sweep_some(state).map(drop);
    }
    if !state.forgetting(sweep)? {
        state.keeper.swept();
    }
    Ok(())
}

/// The last of the next exchanges from a number on, if there is one.
pub(crate) fn stretch(state: &mut WriterState, first: i64) -> Result<Option<i64>, StoreError> {
    state.transaction(|connection| Ok(connection.query_row(STRETCH, [first, EXCHANGES], |row| row.get(0))?))
}

/// Deletes the exchanges `first..=last`, with those that are `pinned` or without; says how many there were. Their
/// bodies and messages are left to be swept.
pub(crate) fn rows(
    state: &mut WriterState,
    (first, last): (i64, i64),
    pinned: bool,
) -> Result<u64, StoreError> {
    waiting::store(state)?;
    let forgotten = state.partial.forget(&(first..=last));
    let deleted = state.accounted(|connection, holdings| {
        let ended: Vec<i64> = connection
            .prepare_cached(&format!("SELECT id FROM exchange_rows WHERE {THOSE} AND state <> 'open'"))?
            .query_map((first, last, pinned), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        holdings.forget(connection, ended.iter().copied())?;
        segment::forget(connection, ended)?;
        pack::drop_bodies(connection, first, last)?;
        let templates = heads::held(connection, (first, last))?;
        let mut kept = Vec::new();
        for id in forgotten.iter().filter(|_| !pinned) {
            let is_pinned = connection.prepare_cached(IS_PINNED)?.query_row([id], |row| row.get(0))?;
            kept.extend(Some(*id).filter(|_| is_pinned));
        }
        let noted = deletions::note(Cause::User, "?3 OR NOT EXISTS (SELECT 1 FROM pins WHERE exchange = id)");
        connection.execute(&noted, (first, last, pinned))?;
        let orphaned =
            "INSERT OR REPLACE INTO orphans (exchange, deleted) SELECT id, 1 FROM exchange_rows WHERE";
        connection.execute(&format!("{orphaned} {THOSE}"), (first, last, pinned))?;
        let deleted =
            connection.execute(&format!("DELETE FROM exchange_rows WHERE {THOSE}"), (first, last, pinned))?;
        heads::release(connection, templates)?;
        if pinned {
            connection.execute("DELETE FROM pins WHERE exchange BETWEEN ? AND ?", (first, last))?;
        }
        connection.execute(notes::FORGET, (first, last))?;
        connection.execute(snapshots::FORGET, (first, last))?;
        let count = "UPDATE meta SET exchanges = max(0, exchanges - ?)";
        connection.execute(count, [i64::try_from(deleted).unwrap_or(i64::MAX)])?;
        Ok((deleted as u64, kept))
    });
    state.keeper.recount();
    (state.log_holds_deleted, state.shrinks) = (true, true);
    match deleted {
        Ok((deleted, kept)) => {
            state.partial.remember(&kept);
            // If the caller does not wait for it.
            state.keeper.sweep();
            Ok(deleted)
        }
        Err(error) => {
            state.partial.remember(&forgotten);
            Err(error)
        }
    }
}

/// Deletes what packs and templates hold of exchanges that are gone: few exchanges are left when it is called.
pub(crate) fn unnamed_packs(state: &mut WriterState) -> Result<(), StoreError> {
    let sql = "DELETE FROM packs WHERE id NOT IN (SELECT pack FROM exchange_rows WHERE pack IS NOT NULL)";
    state.transaction(|connection| {
        connection.execute(sql, [])?;
        heads::tidy(connection)
    })
}

/// Deletes those of `ids` that have ended; says how many there were.
pub(crate) fn these(state: &mut WriterState, ids: &[ExchangeId], pinned: bool) -> Result<u64, StoreError> {
    let deleted = state.accounted(|connection, holdings| some((connection, holdings), ids, pinned));
    state.keeper.recount();
    (state.log_holds_deleted, state.shrinks) = (true, true);
    deleted
}

/// Deletes those of `ids` that have ended, wherever they are, within the transaction that the caller has begun; those that
/// are `pinned` among them or not. Bodies of large ones are only marked.
fn some(
    (connection, holdings): (&Connection, &mut Holdings),
    ids: &[ExchangeId],
    pinned: bool,
) -> Result<u64, StoreError> {
    let sql = "SELECT request_stored + response_stored FROM exchange_rows WHERE id = ?1 AND state <> 'open' \
        AND (?2 OR NOT EXISTS (SELECT 1 FROM pins WHERE exchange = ?1))";
    let mut doomed = Vec::new();
    for ExchangeId(id) in ids {
        let bytes =
            connection.prepare_cached(sql)?.query_row((id, pinned), |row| row.get::<_, i64>(0)).optional()?;
        doomed.extend(bytes.map(|bytes| Expired { id: *id, large: bytes > BYTES }));
    }
    holdings.forget(connection, doomed.iter().map(|doomed| doomed.id))?;
    Ok(picked(connection, &doomed, Some(Cause::User))?.0)
}

/// Leaves nothing in the write-ahead log of what was deleted.
pub(crate) fn wipe_log(state: &mut WriterState) -> Result<(), StoreError> {
    state.wipe_log();
    Ok(())
}
