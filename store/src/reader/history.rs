//! Leases, snapshots, runs, and what was deleted.

use dashcam_exchange::{ExchangeId, Timestamp};
use sqlx::AssertSqlSafe;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::rows::deletions::{self, Deletion};
use crate::rows::leases::{self, Lease};
use crate::rows::runs::{self, Run};
use crate::rows::snapshots::{self, Snapshot};

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;

impl Reader {
    /// Leases, the newest first: at most `limit` of those in force if `open`, or of all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn leases(&self, open: bool, limit: u32) -> Result<Vec<Lease>, ReadError> {
        let query = sqlx::query(AssertSqlSafe(leases::list(open))).bind(limit);
        let rows = query.fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(leases::read).collect::<Result<_, StoreError>>()?)
    }

    /// Snapshots, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn snapshots(&self, limit: u32) -> Result<Vec<Snapshot>, ReadError> {
        let sql = format!("SELECT {} FROM snapshots ORDER BY id DESC LIMIT ?", snapshots::COLUMNS);
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(limit).fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(snapshots::read).collect::<Result<_, StoreError>>()?)
    }

    /// The snapshot of that name. The filter `snapshot:NAME` finds its exchanges.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        let sql = format!("SELECT {} FROM snapshots WHERE name = ?", snapshots::COLUMNS);
        let row =
            sqlx::query(AssertSqlSafe(sql)).bind(name).fetch_optional(&*self.0.readers().await?).await?;
        Ok(row.as_ref().map(snapshots::read).transpose()?)
    }

    /// The names of the snapshots that an exchange belongs to, in the order in which they were written.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn snapshots_of(&self, id: ExchangeId) -> Result<Vec<String>, ReadError> {
        let names = sqlx::query_scalar(snapshots::NAMES_OF).bind(id.0);
        Ok(names.fetch_all(&*self.0.readers().await?).await?)
    }

    /// Runs of dashcam that recorded to the file, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn runs(&self, limit: u32) -> Result<Vec<Run>, ReadError> {
        let sql = format!("SELECT {} FROM runs ORDER BY id DESC LIMIT ?", runs::COLUMNS);
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(limit).fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(runs::read).collect::<Result<_, StoreError>>()?)
    }

    /// Exchanges that were deleted, of those that began within a time, by hour and cause, oldest first. Hours at the ends of
    /// that time are whole.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn deletions(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Deletion>, ReadError> {
        let query = sqlx::query(deletions::LIST).bind(from.0.div_euclid(HOUR)).bind(until.0.div_euclid(HOUR));
        let rows = query.fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(deletions::read).collect::<Result<_, StoreError>>()?)
    }
}
