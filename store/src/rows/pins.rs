//! Pins: exchanges that the bounds of the recording do not delete.
//!
//! Packs of bodies are deleted with the last exchange in them, so what is pinned has its bodies in rows of their own.

use dashcam_exchange::{ExchangeId, Timestamp};
use rusqlite::Connection;

use crate::StoreError;
use crate::rows::{expiries, pack, snapshots};

/// A column that says whether the exchange `id` of a row is pinned.
pub(crate) const PINNED: &str = "EXISTS (SELECT 1 FROM pins WHERE pins.exchange = id)";

const PIN: &str = "INSERT OR IGNORE INTO pins (exchange, at) SELECT id, ?2 FROM exchange_rows WHERE id = ?1";
const UNPIN: &str = "DELETE FROM pins WHERE exchange = ?";

/// Pins an exchange; `false` if none with this number is stored.
pub(crate) fn pin(connection: &Connection, id: ExchangeId, at: Timestamp) -> Result<bool, StoreError> {
    if connection.prepare_cached(PIN)?.execute([id.0, at.0])? > 0 {
        pack::unpack(connection, id.0)?;
    }
    snapshots::set_stays(connection, id.0, true)?;
    exists(connection, id)
}

/// Unpins an exchange; `false` if none with this number is stored.
pub(crate) fn unpin(connection: &Connection, id: ExchangeId) -> Result<bool, StoreError> {
    connection.prepare_cached(UNPIN)?.execute([id.0])?;
    snapshots::set_stays(connection, id.0, false)?;
    expiries::add_again(connection, id.0)?;
    exists(connection, id)
}

/// Pins those of `ids` that are stored; says how many were not pinned before.
pub(crate) fn pin_these(
    connection: &Connection,
    ids: &[ExchangeId],
    at: Timestamp,
) -> Result<u64, StoreError> {
    let mut changed = 0;
    for id in ids {
        if connection.prepare_cached(PIN)?.execute([id.0, at.0])? > 0 {
            pack::unpack(connection, id.0)?;
            changed += 1;
        }
        snapshots::set_stays(connection, id.0, true)?;
    }
    Ok(changed)
}

/// Unpins those of `ids`; says how many were pinned.
pub(crate) fn unpin_these(connection: &Connection, ids: &[ExchangeId]) -> Result<u64, StoreError> {
    let mut changed = 0;
    for id in ids {
        changed += connection.prepare_cached(UNPIN)?.execute([id.0])? as u64;
        snapshots::set_stays(connection, id.0, false)?;
        expiries::add_again(connection, id.0)?;
    }
    Ok(changed)
}

/// Of exchanges that were stored again, those that were pinned while they were under way get their bodies out of the packs.
pub(crate) fn unpack_pinned(
    connection: &Connection,
    ids: impl Iterator<Item = i64>,
) -> Result<(), StoreError> {
    for id in ids {
        let sql = "SELECT EXISTS (SELECT 1 FROM pins WHERE exchange = ?)";
        if connection.prepare_cached(sql)?.query_row([id], |row| row.get(0))? {
            pack::unpack(connection, id)?;
        }
    }
    Ok(())
}

fn exists(connection: &Connection, id: ExchangeId) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM exchange_rows WHERE id = ?)";
    Ok(connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
}
