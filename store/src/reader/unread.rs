//! Client connections of which exchanges do not tell all: those that failed, and those that were tunnelled.

use dashcam_exchange::{Connection, ConnectionId, Timestamp};
use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::reader::moments::{Rows, first_since};
use crate::rows::columns::Columns;
use crate::rows::connection_row::{self, CONNECTION, without_port};
use crate::rows::recorded::names;

/// Numbers that one call goes through at most.
const LOOKED_AT: i64 = 20_000;

/// A part of the connections that failed or were tunnelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The connections, newest first, shortened.
    pub connections: Vec<Connection>,
    /// The number below which the next call goes on; `None` at the end.
    pub next: Option<ConnectionId>,
}

impl Reader {
    /// Connections that failed or were tunnelled, and that were opened from one moment on and before another, newest first, at
    /// most `most` of those below `before`.
    ///
    /// # Errors
    /// When the database cannot be read; so with all that follow.
    pub async fn unread(
        &self,
        (from, until): (Timestamp, Timestamp),
        before: Option<ConnectionId>,
        most: u32,
    ) -> Result<Unread, ReadError> {
        let (from, until) = self.0.search(move |connection| range(connection, from.0, until.0)).await?;
        let until = until.min(before.map_or(i64::MAX, |id| id.0));
        let lowest = from.max(until.saturating_sub(LOOKED_AT));
        let query = sqlx::query(AssertSqlSafe(statement())).bind(until).bind(lowest).bind(most);
        let readers = self.0.readers().await?;
        let (mut rows, mut connections) = (query.fetch(&*readers), Vec::new());
        while let Some(row) = rows.try_next().await.map_err(StoreError::from)? {
            let mut connection = connection_row::read(&mut Columns::of(&row))?;
            connection.shorten();
            connections.push(connection);
        }
        let is_full = connections.len() >= most as usize;
        let last = connections.last().filter(|_| is_full).map_or(lowest, |connection| connection.id.0);
        Ok(Unread { connections, next: (last > from).then_some(ConnectionId(last)) })
    }

    /// The address of the client of connection `id`, without its port; `None` if it is not stored.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn client(&self, id: ConnectionId) -> Result<Option<String>, ReadError> {
        let client: Option<String> = sqlx::query_scalar("SELECT client FROM connections WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&*self.0.readers().await?)
            .await?;
        Ok(client.as_deref().map(without_port))
    }
}

/// The first number of a connection that was opened at `from` or later, and of one at `until` or later.
fn range(connection: &rusqlite::Connection, from: i64, until: i64) -> Result<(i64, i64), StoreError> {
    let sql = "SELECT (SELECT min(id) FROM connections), (SELECT max(id) FROM connections)";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (first, last): (Option<i64>, Option<i64>) = connection.prepare_cached(sql)?.query_row([], read)?;
    let Some(ends) = first.zip(last) else { return Ok((0, 0)) };
    let since = |moment| first_since(connection, Rows::Connections, ends, moment);
    Ok((since(from)?, since(until)?))
}

/// The statement that reads those in a range of numbers.
pub(crate) fn statement() -> String {
    format!(
        "SELECT {} FROM connections WHERE id < ? AND id >= ? \
            AND (failure_side IS NOT NULL OR verdict = 'tunnel') ORDER BY id DESC LIMIT ?",
        names(CONNECTION)
    )
}
