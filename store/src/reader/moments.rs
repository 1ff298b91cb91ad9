//! Rows by the moment at which they began, found by halving: times ascend with ids, or nearly so.

use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;

/// Rows whose ids ascend with their times.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows {
    Exchanges,
    Connections,
}

impl Rows {
    /// The row of an id, or the one behind it, with its time.
    fn statement(self) -> &'static str {
        match self {
            Self::Exchanges => "SELECT id, started_at FROM exchange_rows WHERE id >= ? ORDER BY id LIMIT 1",
            Self::Connections => "SELECT id, opened_at FROM connections WHERE id >= ? ORDER BY id LIMIT 1",
        }
    }
}

/// The first id of a row that began at `moment` or later; one behind the last if none did.
pub(super) fn first_since(
    connection: &Connection,
    rows: Rows,
    (first, last): (i64, i64),
    moment: i64,
) -> Result<i64, StoreError> {
    let mut next = connection.prepare_cached(rows.statement())?;
    let (mut from, mut behind) = (first, last.saturating_add(1));
    while from < behind {
        let middle = from + (behind - from) / 2;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found: Option<(i64, i64)> = next.query_row([middle], read).optional()?;
        match found {
            Some((id, at)) if at < moment => from = id.saturating_add(1),
            _ => behind = middle,
        }
    }
    Ok(from)
}
