//! Exchanges and what belongs to them, deleted within a transaction that the caller has begun.
//!
//! The rows of exchanges go first. Where so much belongs to one that it should not go at once, its number goes to
//! `orphans` in the same transaction; then bodies and messages are swept bit by bit. So no exchange is ever seen with
//! half of its body.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::StoreError;
use crate::rows::arrivals;
use crate::rows::body_key::BITS;
use crate::rows::deletions::{self, Cause};
use crate::rows::heads;
use crate::rows::pack;
use crate::rows::segment;

/// Bytes of bodies and messages that go in one step, unless a single exchange has more.
pub(crate) const BYTES: i64 = 8 << 20;
/// Asks whether exchanges have more pieces of bodies or messages than should go at once.
const MANY: &str = "SELECT \
    EXISTS (SELECT 1 FROM body_rows WHERE key BETWEEN ?1 AND ?2 LIMIT 1 OFFSET ?5) \
    OR EXISTS (SELECT 1 FROM messages WHERE exchange BETWEEN ?3 AND ?4 LIMIT 1 OFFSET 1024)";
pub(crate) const BODIES: &str = "DELETE FROM body_rows WHERE key BETWEEN ? AND ?";
pub(crate) const MESSAGES_OF: &str = "DELETE FROM messages WHERE exchange BETWEEN ? AND ?";
pub(crate) const PINS: &str = "DELETE FROM pins WHERE exchange BETWEEN ? AND ?";
pub(crate) const NOTES: &str = "DELETE FROM notes WHERE exchange BETWEEN ? AND ?";
pub(crate) const SNAPSHOTS: &str = "DELETE FROM snapshot_exchanges WHERE exchange BETWEEN ? AND ?";
pub(crate) const ROWS: &str = "DELETE FROM exchange_rows WHERE id BETWEEN ? AND ?";
/// One step of sweeping: 256 pieces are at most 64 MiB.
pub(crate) const SWEEP_BODIES: &str = "DELETE FROM body_rows WHERE key IN (SELECT body.key FROM orphans AS orphan \
    CROSS JOIN body_rows AS body ON body.key BETWEEN (orphan.exchange << 22) AND (orphan.exchange << 22 | 4194303) \
    WHERE orphan.deleted = 1 LIMIT 256)";
pub(crate) const SWEEP_MESSAGES: &str = "DELETE FROM messages WHERE (exchange, seq) IN (SELECT message.exchange, message.seq \
    FROM orphans AS orphan CROSS JOIN messages AS message ON message.exchange = orphan.exchange \
    WHERE orphan.deleted = 1 LIMIT 1024)";
/// Messages of an exchange under way that go at once.
const MESSAGES: i64 = 64;
const OLDEST_MESSAGES: &str = "SELECT coalesce(sum(length(data) + 64), 0), max(seq) \
    FROM (SELECT seq, data FROM messages WHERE exchange = ?1 \
        AND seq < (SELECT max(seq) FROM messages WHERE exchange = ?1) ORDER BY seq LIMIT ?2)";
const ORPHAN: &str = "INSERT OR REPLACE INTO orphans (exchange, deleted) VALUES (?, 1)";
const SWEPT: &str = "DELETE FROM orphans WHERE deleted = 1";

/// An exchange that retention deletes.
#[derive(Debug)]
pub(crate) struct Expired {
    pub(crate) id: i64,
    /// It has so many bytes that they should not go at once.
    pub(crate) large: bool,
}

/// Gives up to `pages` free pages back to the file system.
pub(crate) fn vacuum(connection: &Connection, pages: u32) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut freed = statement.query([])?;
    // A row for each page, which is freed when the next one is asked for.
    while freed.next()?.is_some() {}
    Ok(())
}

/// Deletes `doomed`, the oldest exchanges there are but for those that are pinned, with all that belongs to them, within
/// the transaction that the caller has begun; says how many there were, and whether any was so large that its bodies are
/// only marked, for [`sweep`].
pub(crate) fn these(connection: &Connection, doomed: &[Expired]) -> Result<(u64, bool), StoreError> {
    if let Some(Expired { id, .. }) = doomed.last() {
        pack::forget(connection, *id)?;
    }
    let done = each(connection, doomed, Some(Cause::Bounds))?;
    heads::forget_behind(connection)?;
    Ok(done)
}

/// Deletes `doomed`, wherever they are in the order of numbers, as [`these`] does the oldest. A `cause` is noted; without
/// one they were never wanted.
pub(crate) fn picked(
    connection: &Connection,
    doomed: &[Expired],
    cause: Option<Cause>,
) -> Result<(u64, bool), StoreError> {
    pack::drop_these(connection, &doomed.iter().map(|doomed| doomed.id).collect())?;
    let mut templates = BTreeSet::new();
    if cause == Some(Cause::User) {
        for Expired { id, .. } in doomed {
            templates.append(&mut heads::held(connection, (*id, *id))?);
        }
    }
    let done = each(connection, doomed, cause)?;
    heads::release(connection, templates)?;
    heads::forget_behind(connection)?;
    Ok(done)
}

/// Deletes some of the oldest messages of an exchange, never the last one; says how many bytes they had.
pub(crate) fn oldest_messages(connection: &Connection, exchange: i64) -> Result<i64, StoreError> {
    let (bytes, last): (i64, Option<i64>) = connection
        .prepare_cached(OLDEST_MESSAGES)?
        .query_row([exchange, MESSAGES], |row| Ok((row.get(0)?, row.get(1)?)))?;
    connection
        .prepare_cached("DELETE FROM messages WHERE exchange = ? AND seq <= ?")?
        .execute((exchange, last))?;
    Ok(bytes)
}

fn each(
    connection: &Connection,
    doomed: &[Expired],
    cause: Option<Cause>,
) -> Result<(u64, bool), StoreError> {
    let (mut deleted, mut marked) = (0, false);
    for run in doomed.chunk_by(|one, next| !one.large && !next.large && one.id + 1 == next.id) {
        let [Expired { id: first, large }, ..] = *run else { continue };
        if let Some(cause) = cause {
            deletions::note_range(connection, cause, (first, first + run.len() as i64 - 1))?;
        }
        let (more, more_marked) = consecutive(connection, first, first + run.len() as i64 - 1, large)?;
        (deleted, marked) = (deleted + more, marked | more_marked);
    }
    let count = "UPDATE meta SET exchanges = max(0, exchanges - ?)";
    connection.prepare_cached(count)?.execute([i64::try_from(deleted).unwrap_or(i64::MAX)])?;
    Ok((deleted, marked))
}

/// Deletes the exchanges `first..=last`, with one statement a table: a statement each would cost more than what it does.
fn consecutive(
    connection: &Connection,
    first: i64,
    last: i64,
    large: bool,
) -> Result<(u64, bool), StoreError> {
    let keys = [first << BITS, last << BITS | ((1 << BITS) - 1)];
    let pieces = 64 + 2 * (last - first);
    let limits = [keys[0], keys[1], first, last, pieces];
    let sweep = large || connection.prepare_cached(MANY)?.query_row(limits, |row| row.get(0))?;
    if sweep && first < last {
        let middle = first.midpoint(last);
        let (deleted, marked) = consecutive(connection, first, middle, large)?;
        let (others, also) = consecutive(connection, middle + 1, last, large)?;
        return Ok((deleted + others, marked | also));
    }
    if sweep {
        connection.prepare_cached(ORPHAN)?.execute([first])?;
    } else {
        connection.prepare_cached(BODIES)?.execute(keys)?;
        connection.prepare_cached(arrivals::OF)?.execute(keys)?;
        connection.prepare_cached(MESSAGES_OF)?.execute([first, last])?;
    }
    connection.prepare_cached(PINS)?.execute([first, last])?;
    connection.prepare_cached(NOTES)?.execute([first, last])?;
    connection.prepare_cached(SNAPSHOTS)?.execute([first, last])?;
    segment::forget(connection, first..=last)?;
    Ok((connection.prepare_cached(ROWS)?.execute([first, last])? as u64, sweep))
}

/// One step of sweeping bodies and messages of deleted exchanges. Says whether there may be more.
pub(crate) fn sweep(connection: &Connection) -> Result<bool, StoreError> {
    let bodies = connection.prepare_cached(SWEEP_BODIES)?.execute([])?;
    let messages = connection.prepare_cached(SWEEP_MESSAGES)?.execute([])?;
    let arrivals = connection.prepare_cached(arrivals::SWEEP)?.execute([])?;
    if bodies + messages + arrivals > 0 {
        return Ok(true);
    }
    connection.execute(SWEPT, [])?;
    Ok(false)
}
