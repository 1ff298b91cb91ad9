//! Snapshots: what a flight recorder wrote down, under a name. Their exchanges are pinned.

use dashcam_exchange::{ExchangeId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;
use crate::rows::{expiries, pack};

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Its number; 0 for one that is not stored yet.
    pub id: i64,
    /// Its name, which no other has.
    pub name: String,
    /// The trigger that set it off: `api`, `signal`, `crash`, `latency`, or a filter.
    pub trigger: String,
    /// Why, in the words of the one that asked for it.
    pub reason: Option<String>,
    /// The one that asked for it.
    pub who: Option<String>,
    /// When it was set off.
    pub created_at: Timestamp,
    /// The time from which it has what passed …
    pub covers_from: Timestamp,
    /// … and until which.
    pub covers_until: Timestamp,
    /// Exchanges in it, counted as they are added.
    pub exchanges: u64,
    /// Stored bytes of their bodies.
    pub bytes: u64,
    /// True once it is whole: all that passed in that time is in it.
    pub complete: bool,
    /// A remark for people, such as what is missing.
    pub note: Option<String>,
}

/// Columns in the order in which they are written and read.
pub(crate) const COLUMNS: &str = "id, name, trigger, reason, who, created_at, covers_from, covers_until, exchanges, \
    bytes, complete, note";

/// The exchange `id` of a row belongs to a snapshot; in a form that lets SQLite begin with those, which are few.
pub(crate) const HAS_SNAPSHOT: &str = "id IN (SELECT exchange FROM snapshot_exchanges)";
/// The names of the snapshots that an exchange belongs to.
pub(crate) const NAMES_OF: &str = "SELECT s.name FROM snapshot_exchanges AS m JOIN snapshots AS s ON s.id = m.snapshot \
    WHERE m.exchange = ? ORDER BY s.id";
/// Deletes what snapshots know of exchanges that are gone, in a range.
pub(crate) const FORGET: &str = "DELETE FROM snapshot_exchanges WHERE exchange BETWEEN ? AND ? \
    AND NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange)";

const CHANGE: &str = "UPDATE snapshots SET reason = ?, covers_from = ?, covers_until = ?, complete = ?, note = ? \
    WHERE id = ?";
const ADD: &str = "INSERT OR IGNORE INTO snapshot_exchanges (exchange, snapshot, stays) \
    SELECT id, ?2, EXISTS (SELECT 1 FROM pins WHERE exchange = id) \
        AND NOT EXISTS (SELECT 1 FROM snapshot_exchanges AS m WHERE m.exchange = id AND NOT m.stays) \
    FROM exchange_rows WHERE id = ?1";
const PIN: &str = "INSERT OR IGNORE INTO pins (exchange, at) VALUES (?, ?)";
const COUNT: &str = "UPDATE snapshots SET exchanges = exchanges + 1, bytes = bytes + \
    (SELECT request_stored + response_stored FROM exchange_rows WHERE id = ?1) WHERE id = ?2";
/// Exchanges that are in no other snapshot, and that no user pinned.
const DOOMED: &str = "SELECT exchange FROM snapshot_exchanges AS m WHERE snapshot = ?1 AND exchange > ?2 AND NOT stays \
    AND NOT EXISTS (SELECT 1 FROM snapshot_exchanges AS o WHERE o.exchange = m.exchange AND o.snapshot <> ?1) \
    ORDER BY exchange LIMIT ?3";

/// Keeps a new snapshot; returns its number, or `None` if its name is taken.
pub(crate) fn put(connection: &Connection, snapshot: &Snapshot) -> Result<Option<i64>, StoreError> {
    let Snapshot { name, trigger, reason, who, note, complete, .. } = snapshot;
    let times = [snapshot.created_at, snapshot.covers_from, snapshot.covers_until].map(|at| at.0);
    let sql = "INSERT OR IGNORE INTO snapshots (name, trigger, reason, who, created_at, covers_from, covers_until, \
        complete, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = (name, trigger, reason, who, times[0], times[1], times[2], complete, note);
    let stored = connection.prepare_cached(sql)?.execute(values)? > 0;
    Ok(stored.then(|| connection.last_insert_rowid()))
}

/// Says what a snapshot covers from now on, whether it is complete, its reason and its note; `false` if there is none.
pub(crate) fn change(connection: &Connection, snapshot: &Snapshot) -> Result<bool, StoreError> {
    let Snapshot { id, reason, complete, note, .. } = snapshot;
    let (from, until) = (snapshot.covers_from.0, snapshot.covers_until.0);
    Ok(connection.prepare_cached(CHANGE)?.execute((reason, from, until, complete, note, id))? > 0)
}

/// Adds those of `ids` that are stored, and pins them; says how many were not in it before.
pub(crate) fn add(
    connection: &Connection,
    snapshot: i64,
    ids: &[ExchangeId],
    at: Timestamp,
) -> Result<u64, StoreError> {
    let mut added = 0;
    for ExchangeId(id) in ids {
        if connection.prepare_cached(ADD)?.execute([*id, snapshot])? == 0 {
            continue;
        }
        added += 1;
        connection.prepare_cached(COUNT)?.execute([*id, snapshot])?;
        if connection.prepare_cached(PIN)?.execute([*id, at.0])? > 0 {
            pack::unpack(connection, *id)?;
        }
    }
    Ok(added)
}

/// The names of the snapshots that an exchange belongs to.
pub(crate) fn names_of(connection: &Connection, id: ExchangeId) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(NAMES_OF)?;
    let names = statement.query_map([id.0], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The number of the snapshot of that name.
pub(crate) fn id_of(connection: &Connection, name: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id FROM snapshots WHERE name = ?";
    Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}

/// Some of the exchanges that go with a snapshot, those above `after`.
pub(crate) fn doomed(
    connection: &Connection,
    (snapshot, after): (i64, i64),
    most: i64,
) -> Result<Vec<ExchangeId>, StoreError> {
    let mut statement = connection.prepare_cached(DOOMED)?;
    let ids = statement.query_map([snapshot, after, most], |row| Ok(ExchangeId(row.get(0)?)))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Deletes a snapshot, but for its exchanges. Those that are left are unpinned if nobody else pinned them.
pub(crate) fn remove(connection: &Connection, snapshot: i64) -> Result<(), StoreError> {
    for ExchangeId(left) in doomed(connection, (snapshot, 0), i64::MAX)? {
        connection.prepare_cached("DELETE FROM pins WHERE exchange = ?")?.execute([left])?;
        expiries::add_again(connection, left)?;
    }
    connection.prepare_cached("DELETE FROM snapshot_exchanges WHERE snapshot = ?")?.execute([snapshot])?;
    connection.prepare_cached("DELETE FROM snapshots WHERE id = ?")?.execute([snapshot])?;
    Ok(())
}

/// A user pinned an exchange, or unpinned it: it stays behind its snapshots, or goes with them.
pub(crate) fn set_stays(connection: &Connection, exchange: i64, stays: bool) -> Result<(), StoreError> {
    let sql = "UPDATE snapshot_exchanges SET stays = ?2 WHERE exchange = ?1";
    connection.prepare_cached(sql)?.execute((exchange, stays))?;
    Ok(())
}

pub(crate) fn read(row: &SqliteRow) -> Result<Snapshot, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Snapshot {
        id: columns.take()?,
        name: columns.take()?,
        trigger: columns.take()?,
        reason: columns.take()?,
        who: columns.take()?,
        created_at: Timestamp(columns.take()?),
        covers_from: Timestamp(columns.take()?),
        covers_until: Timestamp(columns.take()?),
        exchanges: columns.number()?,
        bytes: columns.number()?,
        complete: columns.take()?,
        note: columns.take()?,
    })
}
