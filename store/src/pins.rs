//! Pins: exchanges that the bounds of the recording do not delete.
//!
//! Packs of bodies are deleted with the last exchange in them, so what is pinned has its bodies in rows of their own.

use dashcam_exchange::{ExchangeId, Timestamp};
use rusqlite::Connection;

use crate::Store;
use crate::StoreError;
use crate::rows::pack;

/// A column that says whether the exchange `id` of a row is pinned.
pub(crate) const PINNED: &str = "EXISTS (SELECT 1 FROM pins WHERE pins.exchange = id)";

const PIN: &str = "INSERT OR IGNORE INTO pins (exchange, at) SELECT id, ?2 FROM exchange_rows WHERE id = ?1";
const UNPIN: &str = "DELETE FROM pins WHERE exchange = ?";

impl Store {
    /// Keeps an exchange whatever the bounds are; `false` if none with this number is stored (yet).
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn pin(&self, id: ExchangeId, at: Timestamp) -> Result<bool, StoreError> {
        self.run(move |state| {
            let found = state.transaction(|connection| {
                if connection.prepare_cached(PIN)?.execute([id.0, at.0])? > 0 {
                    pack::unpack(connection, id.0)?;
                }
                exists(connection, id)
            })?;
            state.keeper.recount();
            Ok(found)
        })
        .await
    }

    /// Leaves an exchange to the bounds again; `false` if none with this number is stored.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn unpin(&self, id: ExchangeId) -> Result<bool, StoreError> {
        self.run(move |state| {
            let found = state.transaction(|connection| {
                connection.prepare_cached(UNPIN)?.execute([id.0])?;
                exists(connection, id)
            })?;
            state.keeper.unpinned(id.0);
            Ok(found)
        })
        .await
    }

    /// Returns whether an exchange is pinned.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_pinned(&self, id: ExchangeId) -> Result<bool, StoreError> {
        let pinned = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pins WHERE exchange = ?)").bind(id.0);
        Ok(pinned.fetch_one(&*self.readers().await?).await?)
    }
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
