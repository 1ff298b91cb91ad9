//! Lists of exchanges, filtered.
//!
//! [`TextFilter::matches`] decides. SQL is there to spare it the rows that surely do not match: its
//! `lower()` knows ASCII only, so what is not ASCII is left to the filter itself.
//!
//! The filter sees a row whole; what the list keeps of it is short, and a row is read at a time.

use std::sync::LazyLock;

use dashcam_exchange::{Summary, TextFilter};
use futures_util::TryStreamExt as _;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, SqlitePool};

use crate::StoreError;
use crate::reader::Reader;
use crate::rows::connection_row::PROGRAM;
use crate::rows::exchange_row::{self, SUMMARY_COLUMNS};
use crate::rows::pins::PINNED;

/// Words that SQL looks at; the filter itself looks at all of them.
const WORDS: usize = 8;

/// The text in which words are looked for: the same as `TextFilter`'s haystack.
static HAYSTACK: LazyLock<String> = LazyLock::new(|| {
    format!(
        "(method || ' ' || url || ' ' || coalesce(status, '') || ' ' || coalesce(content_type, '') || ' ' || \
         CASE WHEN state IN ('open', 'complete') THEN '' ELSE state END || ' ' || coalesce({PROGRAM}, ''))"
    )
});

/// Which way a list goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum From {
    /// Newest first, below a number.
    Before(i64),
    /// Oldest first, above a number.
    After(i64),
}

/// At most `limit` exchanges that match, from `start` on, shortened.
pub(crate) async fn list(
    readers: &SqlitePool,
    filter: &TextFilter,
    mut start: From,
    limit: u32,
) -> Result<Vec<Summary>, StoreError> {
    let sql = sql(filter, start);
    let limit = limit as usize;
    let mut found = Vec::new();
    loop {
        let wanted = limit - found.len();
        let values = values(filter, start, wanted)?;
        let mut rows = sqlx::query_with(AssertSqlSafe(sql.as_str()), values).fetch(readers);
        let mut read = 0;
        while let Some(row) = rows.try_next().await? {
            let mut summary = exchange_row::summary(&row)?;
            (read, start) = (read + 1, start.at(summary.id.0));
            if filter.matches(&summary) {
                summary.shorten();
                found.push(summary);
            }
        }
        if read < wanted || found.len() == limit {
            return Ok(found);
        }
    }
}

impl From {
    fn at(self, id: i64) -> Self {
        match self {
            Self::Before(_) => Self::Before(id),
            Self::After(_) => Self::After(id),
        }
    }
}

impl Reader {
    /// The rows of exchanges in the order of their ids, with their texts whole; without those that are gone.
    pub(crate) async fn summaries(&self, ids: &[i64]) -> Result<Vec<Summary>, StoreError> {
        let columns = SUMMARY_COLUMNS.as_str();
        let sql = format!(
            "SELECT {columns}, {PINNED}, {PROGRAM} FROM exchanges WHERE id IN (SELECT value FROM json_each(?)) \
             ORDER BY id"
        );
        let ids = serde_json::to_string(ids).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let readers = self.0.readers().await?;
        let mut rows = sqlx::query(AssertSqlSafe(sql)).bind(ids).fetch(&*readers);
        let mut found = Vec::new();
        while let Some(row) = rows.try_next().await? {
            found.push(exchange_row::summary(&row)?);
        }
        Ok(found)
    }
}

fn sql(filter: &TextFilter, start: From) -> String {
    let (seek, order) = match start {
        From::Before(_) => ("id < ?", "DESC"),
        From::After(_) => ("id > ?", "ASC"),
    };
    let columns = SUMMARY_COLUMNS.as_str();
    let mut sql = format!("SELECT {columns}, {PINNED}, {PROGRAM} FROM exchanges WHERE {seek}");
    if let words @ 1.. = filter.words().iter().take(WORDS).count() {
        // More bytes than characters: not ASCII (or a NUL, at which SQL's text functions stop).
        let haystack = HAYSTACK.as_str();
        let all = vec![format!("instr(lower({haystack}), ?)"); words].join(" AND ");
        sql += &format!(" AND (({all}) OR octet_length({haystack}) <> length({haystack}))");
    }
    sql + &format!(" ORDER BY id {order} LIMIT ?")
}

fn values(filter: &TextFilter, start: From, limit: usize) -> Result<SqliteArguments, StoreError> {
    let mut values = SqliteArguments::default();
    let (From::Before(id) | From::After(id)) = start;
    values.add(id).map_err(sqlx::Error::Encode)?;
    for word in filter.words().iter().take(WORDS) {
        values.add(word.as_str()).map_err(sqlx::Error::Encode)?;
    }
    values.add(i64::try_from(limit).unwrap_or(i64::MAX)).map_err(sqlx::Error::Encode)?;
    Ok(values)
}
