//! The time that figures are about, and what the recording misses of it.

use dashcam_exchange::{Gap, Timestamp};
use dashcam_filter::Filter;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::reader::scan::bounds::Bounds;
use crate::rows::payload_rows::read_gap;

/// Exchanges that were not stored within some time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missed {
    /// Gaps, the newest first.
    pub gaps: Vec<Gap>,
    /// How many exchanges all gaps have, also those that are not among `gaps`.
    pub exchanges: u64,
}

impl Reader {
    /// The part of the time that `filter` asks for in which something was recorded, or could have been: from the first
    /// exchange of the recording until `now`, or until the last exchange if that is `None` as nobody records. `None` if it is
    /// empty.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn span(
        &self,
        filter: &Filter,
        now: Option<Timestamp>,
    ) -> Result<Option<(Timestamp, Timestamp)>, ReadError> {
        let asked = Bounds::of(filter.tree()).at;
        let sql = "SELECT (SELECT started_at FROM exchange_rows ORDER BY id LIMIT 1), \
            (SELECT started_at FROM exchange_rows ORDER BY id DESC LIMIT 1)";
        let ends: (Option<i64>, Option<i64>) =
            sqlx::query_as(sql).fetch_one(&*self.0.readers().await?).await?;
        let (Some(oldest), Some(newest)) = ends else { return Ok(None) };
        let from = oldest.max(asked.min);
        let until = now.map_or(newest, |now| now.0.max(oldest)).min(asked.max);
        Ok((from <= until).then_some((Timestamp(from), Timestamp(until))))
    }

    /// The newest `most` gaps that touch the time from the first moment to the last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn missed(
        &self,
        (from, until): (Timestamp, Timestamp),
        most: u32,
    ) -> Result<Missed, ReadError> {
        let condition = "FROM gaps WHERE until_at >= ? AND from_at <= ?";
        let readers = self.0.readers().await?;
        let sql = format!("SELECT from_at, until_at, reason, exchanges {condition} ORDER BY id DESC LIMIT ?");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(from.0).bind(until.0).bind(most);
        let rows = query.fetch_all(&*readers).await?;
        let sql = format!("SELECT coalesce(sum(exchanges), 0) {condition}");
        let sum = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(from.0).bind(until.0);
        let exchanges: i64 = sum.fetch_one(&*readers).await?;
        let gaps = rows.iter().map(read_gap).collect::<Result<_, StoreError>>()?;
        Ok(Missed { gaps, exchanges: exchanges.unsigned_abs() })
    }
}
