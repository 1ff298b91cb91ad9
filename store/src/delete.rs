//! Deleting in steps that are short, so that appends get their turn.
//!
//! First the rows of `exchanges` go, and in the same transaction their numbers go to `orphans`; then bodies
//! and messages are swept bit by bit. If dashcam ends half-way, the next start goes on sweeping. So
//! no exchange is ever seen with half of its body.
//!
//! The store overwrites in the database what a user deletes, and empties the write-ahead log behind it. It
//! does not overwrite what the bounds of the recording delete: what comes is written to those pages.

use dashcam_exchange::ExchangeId;
use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::append;
use crate::pack;
use crate::payload_rows::BITS;
use crate::retention::{BYTES, Holdings};
use crate::writer::{Writer, WriterState};

/// Asks whether exchanges have more pieces of bodies or messages than should go at once.
const MANY: &str = "SELECT \
    EXISTS (SELECT 1 FROM body_rows WHERE key BETWEEN ?1 AND ?2 LIMIT 1 OFFSET ?5) \
    OR EXISTS (SELECT 1 FROM messages WHERE exchange BETWEEN ?3 AND ?4 LIMIT 1 OFFSET 1024)";
/// Exchanges that go at once.
const EXCHANGES: i64 = 500;

/// The last of the next exchanges from a number on, if there is one.
const STRETCH: &str = "SELECT max(id) FROM (SELECT id FROM exchange_rows WHERE id >= ? ORDER BY id LIMIT ?)";

/// One step of sweeping: 256 pieces are at most 64 MiB.
const SWEEP_BODIES: &str = "DELETE FROM body_rows WHERE key IN (SELECT body.key FROM orphans AS orphan \
    CROSS JOIN body_rows AS body ON body.key BETWEEN (orphan.exchange << 22) AND (orphan.exchange << 22 | 4194303) \
    WHERE orphan.deleted = 1 LIMIT 256)";
const SWEEP_MESSAGES: &str = "DELETE FROM messages WHERE (exchange, seq) IN (SELECT message.exchange, message.seq \
    FROM orphans AS orphan CROSS JOIN messages AS message ON message.exchange = orphan.exchange \
    WHERE orphan.deleted = 1 LIMIT 1024)";
/// Messages of an exchange under way that go at once.
const MESSAGES: i64 = 64;
const OLDEST_MESSAGES: &str = "SELECT coalesce(sum(length(data) + 64), 0), max(seq) \
    FROM (SELECT seq, data FROM messages WHERE exchange = ?1 \
        AND seq < (SELECT max(seq) FROM messages WHERE exchange = ?1) ORDER BY seq LIMIT ?2)";
/// Exchanges of a stretch; those that are pinned only if ?3 is true.
const THOSE: &str = "id BETWEEN ?1 AND ?2 AND (?3 OR NOT EXISTS (SELECT 1 FROM pins WHERE exchange = id))";
const ORPHAN: &str = "INSERT OR REPLACE INTO orphans (exchange, deleted) VALUES (?, 1)";
const SWEPT: &str = "DELETE FROM orphans WHERE deleted = 1";
const IS_PINNED: &str = "SELECT EXISTS (SELECT 1 FROM pins WHERE exchange = ?)";

/// Deletes the exchanges `first..=last`, those that are `pinned` among them or not; says how many there were.
pub(crate) async fn range(
    writer: &Writer,
    (first, last): (i64, i64),
    pinned: bool,
) -> Result<u64, StoreError> {
    let deleted = writer.run(move |scribe| rows(scribe, (first, last), pinned)).await?;
    sweep(writer).await?;
    writer.run(wipe_log).await?;
    Ok(deleted)
}

/// Deletes all exchanges that there are, those that are `pinned` among them or not; says how many there were. The file
/// shrinks.
pub(crate) async fn all(writer: &Writer, pinned: bool) -> Result<u64, StoreError> {
    let (mut deleted, mut first) = (0, 0);
    while let Some(last) = writer.run(move |scribe| stretch(scribe, first)).await? {
        deleted += writer.run(move |scribe| rows(scribe, (first, last), pinned)).await?;
        sweep(writer).await?;
        first = last + 1;
    }
    writer.run(unnamed_packs).await?;
    let mut left = i64::MAX;
    loop {
        let free = writer.run(shrink).await?;
        if free == 0 || free >= left {
            writer.run(wipe_log).await?;
            return Ok(deleted);
        }
        left = free;
    }
}

/// Leaves nothing in the write-ahead log of what was deleted.
pub(crate) fn wipe_log(scribe: &mut WriterState) -> Result<(), StoreError> {
    scribe.wipe_log();
    Ok(())
}

/// Removes bodies and messages of deleted exchanges, those left over by an earlier run among them.
pub(crate) async fn sweep(writer: &Writer) -> Result<(), StoreError> {
    while writer.run(sweep_some).await? {}
    Ok(())
}

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
    each(connection, doomed)
}

/// Deletes those of `ids` that have ended, wherever they are, within the transaction that the caller has begun; those that
/// are `pinned` among them or not. Bodies of large ones are only marked.
pub(crate) fn some(
    (connection, holdings): (&Connection, &mut Holdings),
    ids: &[ExchangeId],
    pinned: bool,
) -> Result<u64, StoreError> {
    let sql = "SELECT request_stored + response_stored FROM exchange_rows WHERE id = ?1 AND state <> 'open' \
        AND (?2 OR NOT EXISTS (SELECT 1 FROM pins WHERE exchange = ?1))";
    let mut doomed = Vec::new();
    for ExchangeId(id) in ids {
        let bytes =
            connection.prepare_cached(sql)?.query_row((id, pinned), |row| row.get::<_, i64>(0)).optional()?;
        doomed.extend(bytes.map(|bytes| Expired { id: *id, large: bytes > BYTES }));
    }
    holdings.forget(connection, doomed.iter().map(|doomed| doomed.id))?;
    Ok(picked(connection, &doomed)?.0)
}

/// Deletes `doomed`, wherever they are in the order of numbers, as [`these`] does the oldest.
pub(crate) fn picked(connection: &Connection, doomed: &[Expired]) -> Result<(u64, bool), StoreError> {
    pack::drop_these(connection, &doomed.iter().map(|doomed| doomed.id).collect())?;
    each(connection, doomed)
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

fn each(connection: &Connection, doomed: &[Expired]) -> Result<(u64, bool), StoreError> {
    let (mut deleted, mut marked) = (0, false);
    for run in doomed.chunk_by(|one, next| !one.large && !next.large && one.id + 1 == next.id) {
        let [Expired { id: first, large }, ..] = *run else { continue };
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
        connection.prepare_cached("DELETE FROM body_rows WHERE key BETWEEN ? AND ?")?.execute(keys)?;
        connection
            .prepare_cached("DELETE FROM messages WHERE exchange BETWEEN ? AND ?")?
            .execute([first, last])?;
    }
    connection.prepare_cached("DELETE FROM pins WHERE exchange BETWEEN ? AND ?")?.execute([first, last])?;
    let rows = "DELETE FROM exchange_rows WHERE id BETWEEN ? AND ?";
    Ok((connection.prepare_cached(rows)?.execute([first, last])? as u64, sweep))
}

/// Does one step of sweeping, and returns whether there may be more.
fn sweep_some(scribe: &mut WriterState) -> Result<bool, StoreError> {
    let more = scribe.transaction(sweep_step)?;
    if !more {
        scribe.keeper.swept();
    }
    Ok(more)
}

/// The same where the bounds of the recording delete. Is something among it that a user deleted, it is overwritten.
pub(crate) fn sweep_behind(scribe: &mut WriterState) -> Result<(), StoreError> {
    if scribe.log_holds_deleted {
        return sweep_some(scribe).map(drop);
    }
    if !scribe.forgetting(sweep_step)? {
        scribe.keeper.swept();
    }
    Ok(())
}

fn sweep_step(connection: &Connection) -> Result<bool, StoreError> {
    let bodies = connection.prepare_cached(SWEEP_BODIES)?.execute([])?;
    let messages = connection.prepare_cached(SWEEP_MESSAGES)?.execute([])?;
    if bodies + messages > 0 {
        return Ok(true);
    }
    connection.execute(SWEPT, [])?;
    Ok(false)
}

fn stretch(scribe: &mut WriterState, first: i64) -> Result<Option<i64>, StoreError> {
    scribe.transaction(|connection| Ok(connection.query_row(STRETCH, [first, EXCHANGES], |row| row.get(0))?))
}

fn rows(scribe: &mut WriterState, (first, last): (i64, i64), pinned: bool) -> Result<u64, StoreError> {
    append::waiting_first(scribe)?;
    let forgotten = scribe.underway.forget(&(first..=last));
    let deleted = scribe.accounted(|connection, holdings| {
        let ended: Vec<i64> = connection
            .prepare_cached(&format!("SELECT id FROM exchange_rows WHERE {THOSE} AND state <> 'open'"))?
            .query_map((first, last, pinned), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        holdings.forget(connection, ended.iter().copied())?;
        pack::drop_bodies(connection, first, last)?;
        let mut kept = Vec::new();
        for id in forgotten.iter().filter(|_| !pinned) {
            let is_pinned = connection.prepare_cached(IS_PINNED)?.query_row([id], |row| row.get(0))?;
            kept.extend(Some(*id).filter(|_| is_pinned));
        }
        let orphaned =
            "INSERT OR REPLACE INTO orphans (exchange, deleted) SELECT id, 1 FROM exchange_rows WHERE";
        connection.execute(&format!("{orphaned} {THOSE}"), (first, last, pinned))?;
        let deleted =
            connection.execute(&format!("DELETE FROM exchange_rows WHERE {THOSE}"), (first, last, pinned))?;
        if pinned {
            connection.execute("DELETE FROM pins WHERE exchange BETWEEN ? AND ?", (first, last))?;
        }
        let count = "UPDATE meta SET exchanges = max(0, exchanges - ?)";
        connection.execute(count, [i64::try_from(deleted).unwrap_or(i64::MAX)])?;
        Ok((deleted as u64, kept))
    });
    scribe.keeper.recount();
    scribe.log_holds_deleted = true;
    match deleted {
        Ok((deleted, kept)) => {
            scribe.underway.remember(&kept);
            // If the caller does not wait for it.
            scribe.keeper.sweep();
            Ok(deleted)
        }
        Err(error) => {
            scribe.underway.remember(&forgotten);
            Err(error)
        }
    }
}

/// Deletes what packs hold of exchanges that are gone: few exchanges are left when it is called.
fn unnamed_packs(scribe: &mut WriterState) -> Result<(), StoreError> {
    let sql = "DELETE FROM packs WHERE id NOT IN (SELECT pack FROM exchange_rows WHERE pack IS NOT NULL)";
    scribe.transaction(|connection| Ok(connection.execute(sql, []).map(drop)?))
}

/// Gives a few megabytes of free pages back to the file system; says how many pages are left.
fn shrink(scribe: &mut WriterState) -> Result<i64, StoreError> {
    scribe.transaction(|connection| {
        vacuum(connection, 512)?;
        Ok(connection.query_row("PRAGMA freelist_count", [], |row| row.get(0))?)
    })
}
