//! Gaps in the recording.

use dashcam_exchange::{Gap, GapReason, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::rows::columns::Columns;
use crate::rows::payload_rows::read_gap;

/// The exchanges of one hour that were not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostHour {
    /// When it began (by the clock, UTC).
    pub hour: Timestamp,
    /// When the first was missed …
    pub from: Timestamp,
    /// … and the last.
    pub until: Timestamp,
    /// How many exchanges for which reason; 0 where only parts of exchanges were lost.
    pub lost: Vec<(GapReason, u64)>,
}

impl Reader {
    /// Holes in the recording, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn gaps(&self, limit: u32) -> Result<Vec<Gap>, ReadError> {
        let sql = "SELECT from_at, until_at, reason, exchanges FROM gaps ORDER BY id DESC LIMIT ?";
        let rows = sqlx::query(sql).bind(limit).fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(read_gap).collect::<Result<_, StoreError>>()?)
    }

    /// Holes that touch the time from `from` to `until`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn gaps_within(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Gap>, ReadError> {
        let sql = "SELECT from_at, until_at, reason, exchanges FROM gaps \
            WHERE until_at >= ? AND from_at <= ? ORDER BY from_at";
        let query = sqlx::query(sql).bind(from.0).bind(until.0);
        let rows = query.fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(read_gap).collect::<Result<_, StoreError>>()?)
    }

    /// Exchanges that were not stored, by reason, of the gaps that had not ended before `since`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn lost(&self, since: Timestamp) -> Result<Vec<Gap>, ReadError> {
        let sql = "SELECT min(from_at), max(until_at), reason, sum(exchanges) FROM gaps \
            WHERE until_at >= ? AND exchanges > 0 GROUP BY reason ORDER BY reason";
        let rows = sqlx::query(sql).bind(since.0).fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(read_gap).collect::<Result<_, StoreError>>()?)
    }

    /// How many exchanges were not stored, by hour and reason; the latest hours first. A hole counts in the hour in which
    /// it began.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn gaps_by_hour(&self, limit: u32) -> Result<Vec<LostHour>, ReadError> {
        let sql = "SELECT from_at / 3600000000 * 3600000000 AS hour, min(from_at), max(until_at), reason, sum(exchanges) \
            FROM gaps WHERE hour IN \
            (SELECT DISTINCT from_at / 3600000000 * 3600000000 AS hour FROM gaps ORDER BY hour DESC LIMIT ?) \
            GROUP BY hour, reason ORDER BY hour DESC, reason";
        let rows = sqlx::query(sql).bind(limit).fetch_all(&*self.0.readers().await?).await?;
        let mut hours: Vec<LostHour> = Vec::new();
        for row in &rows {
            let lost = read(row)?;
            match hours.last_mut() {
                Some(last) if last.hour == lost.hour => last.add(lost),
                _ => hours.push(lost),
            }
        }
        Ok(hours)
    }
}

impl LostHour {
    fn add(&mut self, other: Self) {
        self.from = self.from.min(other.from);
        self.until = self.until.max(other.until);
        self.lost.extend(other.lost);
    }
}

/// Reads a row: an hour, and the number for one reason.
fn read(row: &SqliteRow) -> Result<LostHour, StoreError> {
    let mut columns = Columns::of(row);
    Ok(LostHour {
        hour: Timestamp(columns.take()?),
        from: Timestamp(columns.take()?),
        until: Timestamp(columns.take()?),
        lost: vec![(columns.name(GapReason::parse)?, columns.number()?)],
    })
}
