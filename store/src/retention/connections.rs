//! Connections that no exchange names any more: they are small, but clients that don't keep theirs make very many.
//!
//! No index says which exchanges name a connection. Numbers ascend with time, so a look at the oldest exchanges that
//! may go and at the newest tells below which number none is named, but by exchanges that were passed because they
//! stay: theirs are known. One that served an exchange in between all the same is missing then, as one is for which
//! the recorder had no room.

use rusqlite::Connection;

use super::window::Window;
use crate::StoreError;

/// Rows that are looked at, at once.
const ROWS: i64 = 1024;
/// Exchanges at either end that are looked at.
const SAMPLE: i64 = 128;

/// The lowest ids of connections among the newest exchanges and the oldest that may go, and when the first
/// of these exchanges began.
const NAMED: &str = "SELECT min(connection), min(upstream_connection), min(started_at) FROM (\
    SELECT * FROM (SELECT connection, upstream_connection, started_at FROM exchange_rows \
        WHERE id >= ?2 ORDER BY id LIMIT ?1) \
    UNION ALL \
    SELECT * FROM (SELECT connection, upstream_connection, started_at FROM exchange_rows ORDER BY id DESC LIMIT ?1))";

/// How one kind of connections is looked at and deleted. The third column is when it closed, where that is known.
const KINDS: [(&str, &str); 2] = [
    (
        "SELECT id, opened_at, closed_at FROM connections WHERE id >= ? ORDER BY id LIMIT ?",
        "DELETE FROM connections WHERE id = ?",
    ),
    (
        "SELECT id, opened_at, NULL FROM upstream_connections WHERE id >= ? ORDER BY id LIMIT ?",
        "DELETE FROM upstream_connections WHERE id = ?",
    ),
];

/// Deletes some of those that no exchange names, within the transaction that the caller has begun; says how many.
pub(super) fn forget(connection: &Connection, window: &mut Window) -> Result<usize, StoreError> {
    if !window.is_settled() {
        return Ok(0);
    }
    type Named = ([Option<i64>; 2], Option<i64>);
    let named = |row: &rusqlite::Row<'_>| Ok(([row.get(0)?, row.get(1)?], row.get(2)?));
    let (lowest, began): Named = connection.prepare_cached(NAMED)?.query_row([SAMPLE, window.from], named)?;
    let began = began.unwrap_or(i64::MAX);
    let mut deleted = 0;
    for kind in [0, 1] {
        let unnamed = unnamed(connection, window, kind, (began, lowest[kind].unwrap_or(0)))?;
        for id in &unnamed {
            connection.prepare_cached(KINDS[kind].1)?.execute([id])?;
        }
        deleted += unnamed.len();
    }
    Ok(deleted)
}

/// Those of a `kind` that no exchange names.
///
/// One that closed before the first of the exchanges began served none of them; one that never closed, in a run that
/// ended badly or because it is open still, goes by its number.
fn unnamed(
    connection: &Connection,
    window: &mut Window,
    kind: usize,
    (began, lowest): (i64, i64),
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(KINDS[kind].0)?;
    let mut rows = statement.query([window.connections_from[kind], ROWS])?;
    let (mut unnamed, mut leading) = (Vec::new(), true);
    while let Some(row) = rows.next()? {
        let (id, opened_at, closed_at): (i64, i64, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if opened_at >= began {
            leading = false;
            continue;
        }
        let is_passed = window.named[kind].contains(id.cast_unsigned());
        let is_over = closed_at.map_or(id < lowest, |at| at < began);
        if is_over && !is_passed {
            unnamed.push(id);
        }
        leading &= is_over;
        if leading {
            window.connections_from[kind] = id + 1;
        }
    }
    Ok(unnamed)
}
