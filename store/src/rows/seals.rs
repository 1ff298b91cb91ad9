//! Sealed secrets: rows of `seals`, which are overwritten when their time is over.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use dashcam_exchange::{Seal, SealId, Timestamp};
use rusqlite::Connection;

use crate::StoreError;

/// One that is there already lives as long as the one that lives longest. Nothing is written where that changes nothing.
const ADD: &str = "INSERT INTO seals (id, sealed, created_at, expires_at) VALUES (?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at WHERE excluded.expires_at > expires_at";
/// Some of those whose time is over, those that expired first.
pub(crate) const EXPIRED: &str = "DELETE FROM seals WHERE number IN (SELECT number FROM seals WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)";

/// Takes those that live out of the table, which then has no page any more (each is overwritten), and puts them into new
/// ones.
const REWRITE: &str = "CREATE TEMP TABLE live_seals AS SELECT * FROM main.seals; \
    DELETE FROM main.seals; \
    INSERT INTO main.seals SELECT * FROM temp.live_seals ORDER BY number; \
    DROP TABLE temp.live_seals";

/// Seals of one batch, each once.
pub(crate) type Seals = BTreeMap<SealId, Seal>;

/// A choice among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All of them.
    All,
    /// Those that were sealed first before that time.
    SealedBefore(Timestamp),
    /// Those of these names.
    These(Vec<SealId>),
}

/// Adds a seal to others.
pub(crate) fn add(seals: &mut Seals, seal: Seal) {
    match seals.entry(seal.id) {
        Entry::Vacant(entry) => drop(entry.insert(seal)),
        Entry::Occupied(mut entry) => {
            let known = entry.get_mut();
            known.expires_at = known.expires_at.max(seal.expires_at);
        }
    }
}

/// Writes seals within the transaction that the caller has begun, before the rows that name them.
pub(crate) fn write(connection: &Connection, seals: &Seals, now: Timestamp) -> Result<(), StoreError> {
    if seals.is_empty() {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(ADD)?;
    for Seal { id: SealId(id), sealed, expires_at } in seals.values() {
        statement.execute((id, sealed, now.0, expires_at.0))?;
    }
    Ok(())
}

/// Deletes at most `most` of those whose time is over by `now`, within the transaction that the caller has begun; says how
/// many. SQLite overwrites them, where the connection has it overwrite what is deleted.
pub(crate) fn expire(connection: &Connection, now: Timestamp, most: usize) -> Result<usize, StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached(EXPIRED)?.execute((now.0, most))?)
}

/// Deletes at most `most` of those that are chosen, as [`expire`] does.
pub(crate) fn forget(connection: &Connection, which: &Chosen, most: usize) -> Result<usize, StoreError> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let some = "DELETE FROM seals WHERE number IN (SELECT number FROM seals WHERE created_at < ? ORDER BY number LIMIT ?)";
    match which {
        Chosen::All => Ok(connection.prepare_cached(some)?.execute((i64::MAX, limit))?),
        Chosen::SealedBefore(time) => Ok(connection.prepare_cached(some)?.execute((time.0, limit))?),
        Chosen::These(ids) => {
            let mut one = connection.prepare_cached("DELETE FROM seals WHERE id = ?")?;
            let mut gone = 0;
            for SealId(id) in ids {
                gone += one.execute([id])?;
                if gone == most {
                    break;
                }
            }
            Ok(gone)
        }
    }
}

/// How many there are.
pub(crate) fn count(connection: &Connection) -> Result<u64, StoreError> {
    let count =
        connection.prepare_cached("SELECT count(*) FROM seals")?.query_row([], |row| row.get::<_, i64>(0))?;
    Ok(count.unsigned_abs())
}

/// Writes all of them once more, within the transaction that the caller has begun: what was left of others in unused parts
/// of pages is overwritten.
pub(crate) fn rewrite(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.execute_batch(REWRITE)?)
}
