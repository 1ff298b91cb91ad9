//! About how many exchanges are within the bounds of a filter.

use dashcam_exchange::{ExchangeId, Timestamp};
use dashcam_filter::Filter;
use rusqlite::Connection;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::reader::moments::{Rows, first_since};
use crate::reader::scan::bounds::Bounds;

impl Reader {
    /// About how many exchanges can match `filter` by their number and by when they began, by their share of the ids; only
    /// those below `below`, if that is given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn extent(&self, filter: &Filter, below: Option<ExchangeId>) -> Result<u64, ReadError> {
        let bounds = Bounds::of(filter.tree());
        Ok(self.0.search(move |connection| extent(connection, bounds, below)).await?)
    }
}

/// The first and the last exchange of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The oldest one.
    pub first: ExchangeId,
    /// The newest one.
    pub last: ExchangeId,
}

impl Reader {
    /// The first and the last exchange; `None` if there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn ends(&self) -> Result<Option<Ends>, ReadError> {
        let sql = "SELECT (SELECT min(id) FROM exchange_rows), (SELECT max(id) FROM exchange_rows)";
        let ends: (Option<i64>, Option<i64>) =
            sqlx::query_as(sql).fetch_one(&*self.0.readers().await?).await?;
        Ok(ends.0.zip(ends.1).map(|(first, last)| Ends { first: ExchangeId(first), last: ExchangeId(last) }))
    }

    /// The first exchange that began behind `moment`, or the number behind the last one if none did. It is found by
    /// halving, as times ascend with numbers, or nearly so.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn first_behind(&self, moment: Timestamp) -> Result<ExchangeId, ReadError> {
        let Some(Ends { first, last }) = self.ends().await? else { return Ok(ExchangeId(0)) };
        let (ids, later) = ((first.0, last.0), moment.0.saturating_add(1));
        let id =
            self.0.search(move |connection| first_since(connection, Rows::Exchanges, ids, later)).await?;
        Ok(ExchangeId(id))
    }
}

fn extent(connection: &Connection, bounds: Bounds, below: Option<ExchangeId>) -> Result<u64, StoreError> {
    let sql = "SELECT (SELECT exchanges FROM meta), (SELECT min(id) FROM exchange_rows), \
        (SELECT max(id) FROM exchange_rows)";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (all, first, last): (i64, Option<i64>, Option<i64>) =
        connection.prepare_cached(sql)?.query_row([], read)?;
    let Some((first, last)) = first.zip(last).filter(|_| !bounds.is_empty()) else { return Ok(0) };
    let ids = (first, last);
    let from = first_since(connection, Rows::Exchanges, ids, bounds.at.min)?.max(bounds.ids.min);
    let behind = match bounds.at.max.checked_add(1) {
        Some(later) => first_since(connection, Rows::Exchanges, ids, later)?,
        None => last.saturating_add(1),
    };
    let behind = behind.min(bounds.ids.max.saturating_add(1)).min(below.map_or(i64::MAX, |id| id.0));
    let share = behind.saturating_sub(from).max(0) as f64 / (last - first + 1) as f64;
    Ok((all as f64 * share).round() as u64)
}
