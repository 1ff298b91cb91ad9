//! Connections that no exchange names any more: they are small, but clients that don't keep theirs make very many.
//!
//! No index says which exchanges name a connection. Numbers ascend with time, so a look at the oldest and the newest
//! exchanges tells below which number none is named; one that served an exchange in between all the same is missing
//! then, as one is for which the recorder had no room.

use rusqlite::Connection;

use crate::StoreError;

/// Rows that go at once, at the most.
const ROWS: i64 = 1024;
/// Exchanges at either end that are looked at.
const SAMPLE: i64 = 128;

/// What the oldest and the newest exchanges name: the lowest numbers, and when the first of them began.
const NAMED: &str = "SELECT min(connection), min(upstream_connection), min(started_at) FROM (\
    SELECT * FROM (SELECT connection, upstream_connection, started_at FROM exchange_rows ORDER BY id LIMIT ?1) \
    UNION ALL \
    SELECT * FROM (SELECT connection, upstream_connection, started_at FROM exchange_rows ORDER BY id DESC LIMIT ?1))";

/// One that closed before the first of the exchanges began served none of them; one that never closed, in a run that
/// ended badly or because it is open still, goes by its number.
const CLIENTS: &str = "DELETE FROM connections WHERE id IN (\
    SELECT id FROM (SELECT id, opened_at, closed_at FROM connections ORDER BY id LIMIT ?1) \
    WHERE closed_at < ?2 OR (closed_at IS NULL AND opened_at < ?2 AND id < ?3))";

const UPSTREAMS: &str = "DELETE FROM upstream_connections WHERE id IN (\
    SELECT id FROM (SELECT id, opened_at FROM upstream_connections ORDER BY id LIMIT ?1) \
    WHERE opened_at < ?2 AND id < ?3)";

/// Deletes some of those that no exchange names, within the transaction that the caller has begun; says how many.
pub(super) fn forget(connection: &Connection) -> Result<u64, StoreError> {
    type Named = (Option<i64>, Option<i64>, Option<i64>);
    let named = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (client, upstream, began): Named = connection.prepare_cached(NAMED)?.query_row([SAMPLE], named)?;
    let began = began.unwrap_or(i64::MAX);
    let below = |number: Option<i64>| [ROWS, began, number.unwrap_or(0)];
    let clients = connection.prepare_cached(CLIENTS)?.execute(below(client))?;
    let upstreams = connection.prepare_cached(UPSTREAMS)?.execute(below(upstream))?;
    Ok((clients + upstreams) as u64)
}
