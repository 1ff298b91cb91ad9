//! Rows of `backfills`: work on the rows of an older recording, and how far it has come.

use rusqlite::{Connection, OptionalExtension as _, Row};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

pub(crate) const ALL: &str = "SELECT name, first, next, last FROM backfills ORDER BY name";
const FIRST: &str = "SELECT name, first, next, last FROM backfills ORDER BY name LIMIT 1";
const ADVANCE: &str = "UPDATE backfills SET next = ? WHERE name = ?";
const END: &str = "DELETE FROM backfills WHERE name = ?";

/// A row: it goes from the exchange `last` down to `first`, and goes on at `next`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backfill {
    pub(crate) name: String,
    pub(crate) first: i64,
    pub(crate) next: i64,
    pub(crate) last: i64,
}

/// One that is not done, if there is any.
pub(crate) fn any(connection: &Connection) -> Result<Option<Backfill>, StoreError> {
    let row = |row: &Row<'_>| {
        Ok(Backfill { name: row.get(0)?, first: row.get(1)?, next: row.get(2)?, last: row.get(3)? })
    };
    Ok(connection.prepare_cached(FIRST)?.query_row([], row).optional()?)
}

/// It goes on at `next`, or is done where that is before its first exchange.
pub(crate) fn advance(connection: &Connection, backfill: &Backfill, next: i64) -> Result<(), StoreError> {
    match next < backfill.first {
        true => connection.prepare_cached(END)?.execute([&backfill.name])?,
        false => connection.prepare_cached(ADVANCE)?.execute((next, &backfill.name))?,
    };
    Ok(())
}

pub(crate) fn read(row: &SqliteRow) -> Result<Backfill, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Backfill {
        name: columns.take()?,
        first: columns.take()?,
        next: columns.take()?,
        last: columns.take()?,
    })
}
