//! Exchanges that their rules keep until a time: gone with it, whatever the bounds are, and the last to go where room is
//! wanted before.

use rusqlite::Connection;

use super::fair::Taken;
use super::keeper::Keeper;
use super::oldest::{EXCHANGES, MESSAGES, now};
use crate::StoreError;
use crate::rows::deletion::{self, BYTES, Expired};
use crate::rows::deletions::Cause;
use crate::rows::expiries;

/// Deletes some of those whose time is over, within the transaction that the caller has begun; `None` if there are none.
pub(super) fn expire(connection: &Connection, keeper: &mut Keeper) -> Result<Option<Taken>, StoreError> {
    take(connection, keeper, (now(), EXCHANGES), Cause::Expired)
}

/// Deletes some of those whose time is over soonest, at most `most`; `None` if there are none.
pub(super) fn take_soonest(
    connection: &Connection,
    keeper: &mut Keeper,
    most: usize,
) -> Result<Option<Taken>, StoreError> {
    take(connection, keeper, (i64::MAX, most.min(EXCHANGES)), Cause::Bounds)
}

fn take(
    connection: &Connection,
    keeper: &mut Keeper,
    (until, most): (i64, usize),
    cause: Cause,
) -> Result<Option<Taken>, StoreError> {
    let entries = expiries::first(connection, until, most)?;
    if entries.is_empty() {
        return Ok(None);
    }
    let (mut doomed, mut all) = (Vec::new(), 0);
    for entry in entries {
        if entry.may_go {
            let mut messages = connection.prepare_cached(MESSAGES)?;
            let bytes = entry.bytes + messages.query_row([entry.exchange], |row| row.get::<_, i64>(0))?;
            all += bytes;
            if all > BYTES && !doomed.is_empty() {
                break;
            }
            doomed.push(Expired { id: entry.exchange, large: bytes > BYTES });
        }
        expiries::remove(connection, entry)?;
    }
    doomed.sort_unstable_by_key(|doomed| doomed.id);
    keeper.shares.holdings.forget(connection, doomed.iter().map(|doomed| doomed.id))?;
    let (exchanges, marked) = deletion::picked(connection, &doomed, Some(cause))?;
    Ok(Some(Taken { exchanges, marked, ..Taken::default() }))
}
