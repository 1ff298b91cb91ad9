//! The exchanges that are kept until a time, in the order in which they go.
//!
//! An entry is taken off when its time comes, or when room is wanted. Until then it may be of an exchange that is gone, or
//! kept until another time: the row says.

use dashcam_exchange::Timestamp;
use rusqlite::Connection;

use crate::StoreError;

const ADD: &str = "INSERT OR IGNORE INTO expiries (keep_until, exchange) VALUES (?, ?)";
const AGAIN: &str = "INSERT OR IGNORE INTO expiries (keep_until, exchange) \
    SELECT keep_until, id FROM exchange_rows WHERE id = ? AND keep_until IS NOT NULL";
const OPEN: &str = "INSERT OR IGNORE INTO expiries (keep_until, exchange) \
    SELECT keep_until, id FROM exchange_rows WHERE state = 'open' AND keep_until IS NOT NULL";
const REMOVE: &str = "DELETE FROM expiries WHERE keep_until = ? AND exchange = ?";
/// The first entries up to a time. Of each: the time, the exchange, the bytes of its bodies, and whether it may go; NULL
/// where it is gone.
pub(crate) const FIRST: &str = "SELECT x.keep_until, x.exchange, e.request_stored + e.response_stored, \
    e.state <> 'open' AND e.keep_until = x.keep_until AND NOT EXISTS (SELECT 1 FROM pins WHERE pins.exchange = e.id) \
    FROM expiries AS x LEFT JOIN exchange_rows AS e ON e.id = x.exchange \
    WHERE x.keep_until <= ? ORDER BY x.keep_until, x.exchange LIMIT ?";
/// Entries for exchanges that have none, and may go. An entry for each that may not goes with it once it may.
pub(crate) const MISSING: &str = "keep_until IS NOT NULL AND state <> 'open' \
    AND NOT EXISTS (SELECT 1 FROM pins WHERE pins.exchange = id) \
    AND NOT EXISTS (SELECT 1 FROM expiries AS x WHERE x.keep_until = exchange_rows.keep_until AND x.exchange = id)";

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) keep_until: i64,
    pub(crate) exchange: i64,
    /// Bytes of its bodies.
    pub(crate) bytes: i64,
    /// It is there, has ended, and nothing else keeps it.
    pub(crate) may_go: bool,
}

/// Adds an entry.
pub(crate) fn add(connection: &Connection, exchange: i64, until: Timestamp) -> Result<(), StoreError> {
    connection.prepare_cached(ADD)?.execute([until.0, exchange])?;
    Ok(())
}

/// Adds the entry of an exchange that may go again, if it has one.
pub(crate) fn add_again(connection: &Connection, exchange: i64) -> Result<(), StoreError> {
    connection.prepare_cached(AGAIN)?.execute([exchange])?;
    Ok(())
}

/// Adds the entries of all open exchanges, which may go once they have ended: those whose time came before that have none
/// any more.
pub(crate) fn add_open(connection: &Connection) -> Result<(), StoreError> {
    connection.execute(OPEN, [])?;
    Ok(())
}

/// The first entries up to a time.
pub(crate) fn first(connection: &Connection, until: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
    let mut statement = connection.prepare_cached(FIRST)?;
    let entry = |row: &rusqlite::Row<'_>| {
        let (bytes, may_go): (Option<i64>, Option<bool>) = (row.get(2)?, row.get(3)?);
        Ok(Entry {
            keep_until: row.get(0)?,
            exchange: row.get(1)?,
            bytes: bytes.unwrap_or(0),
            may_go: may_go.unwrap_or(false),
        })
    };
    let entries = statement.query_map((until, i64::try_from(most).unwrap_or(i64::MAX)), entry)?;
    Ok(entries.collect::<Result<_, _>>()?)
}

/// Takes an entry off.
pub(crate) fn remove(connection: &Connection, entry: Entry) -> Result<(), StoreError> {
    connection.prepare_cached(REMOVE)?.execute([entry.keep_until, entry.exchange])?;
    Ok(())
}
