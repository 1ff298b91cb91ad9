//! Exchanges that are kept however old they are.

use dashcam_exchange::{ExchangeId, Timestamp};
use sqlx::Row;

use crate::writer::Scribe;
use crate::{Store, StoreError};

impl Store {
    /// Pins an exchange: retention leaves it. `false` if there is none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn pin(&self, id: ExchangeId, at: Timestamp) -> Result<bool, StoreError> {
        let pin = "INSERT OR IGNORE INTO pins (exchange, at) SELECT id, ? FROM exchange_rows WHERE id = ?";
        let work = move |scribe: &mut Scribe| {
            scribe.transaction(|connection| {
                connection.execute(pin, [at.0, id.0])?;
                let sql = "SELECT count(*) FROM pins WHERE exchange = ?";
                Ok(connection.query_row(sql, [id.0], |row| row.get::<_, i64>(0))? > 0)
            })
        };
        self.shared.writer.read().await.as_ref().ok_or(StoreError::Closed)?.run(work).await
    }

    /// Lets retention have an exchange again. `false` if it was not pinned.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn unpin(&self, id: ExchangeId) -> Result<bool, StoreError> {
        let work = move |scribe: &mut Scribe| {
            let unpinned = scribe.transaction(|connection| {
                Ok(connection.execute("DELETE FROM pins WHERE exchange = ?", [id.0])? > 0)
            })?;
            scribe.keeper.look_back();
            Ok(unpinned)
        };
        self.shared.writer.read().await.as_ref().ok_or(StoreError::Closed)?.run(work).await
    }

    /// When an exchange was pinned; `None` if it is not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pinned(&self, id: ExchangeId) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query("SELECT at FROM pins WHERE exchange = ?").bind(id.0);
        let row = row.fetch_optional(&self.shared.readers).await?;
        row.map(|row| Ok(Timestamp(row.try_get(0)?))).transpose()
    }
}
