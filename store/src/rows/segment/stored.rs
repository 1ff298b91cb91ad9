//! Segments in the database.

use dashcam_filter::Span;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _};

use super::compression::{compressed, damaged, decompressed};
use super::integers::{Column, Numbers};
use super::layout::{Segment, block_of, ids_of};
use super::names::Names;
use super::targets::Targets;
use super::wanted::Wanted;
use crate::StoreError;

/// The most bytes of a part of a segment before it is compressed. Blocks with more stay without one.
const LARGEST: usize = 4 << 20;

const HEAD: &str =
    "INSERT OR REPLACE INTO segments (block, exchanges, first_at, last_at, names) VALUES (?, ?, ?, ?, ?)";
const DATA: &str = "INSERT OR REPLACE INTO segment_columns (block, numbers, targets) VALUES (?, ?, ?)";
pub(crate) const LOAD: &str = "SELECT numbers, targets FROM segment_columns WHERE block = ?";
const LOAD_NUMBERS: &str = "SELECT numbers FROM segment_columns WHERE block = ?";

/// A segment without its columns: enough to pass over it, mostly.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) block: i64,
    /// How many exchanges there are.
    pub(crate) exchanges: usize,
    /// The different names; `None` of blocks that began at other times than those that were asked for.
    pub(crate) names: Option<Names>,
}

/// Stores the segment of a block, within the transaction that the caller has begun. False if it is too large for one.
pub(crate) fn store(connection: &Connection, block: i64, segment: &Segment) -> Result<bool, StoreError> {
    let names = serde_json::to_vec(&segment.names).map_err(|_| damaged())?;
    if segment.targets.bytes().max(names.len()) > LARGEST / 2 {
        return Ok(false);
    }
    let starts = segment.numbers.of(Column::StartedAt);
    let (first, last) =
        (starts.iter().min().copied().unwrap_or(0), starts.iter().max().copied().unwrap_or(0));
    let exchanges = i64::try_from(segment.len()).unwrap_or(i64::MAX);
    connection.prepare_cached(HEAD)?.execute((block, exchanges, first, last, compressed(&names)?))?;
    let (numbers, targets) = (segment.numbers.pack()?, compressed(&segment.targets.pack())?);
    connection.prepare_cached(DATA)?.execute((block, numbers, targets))?;
    Ok(true)
}

/// Deletes the segments of `exchanges`, within the transaction that the caller has begun and that adds, changes or deletes
/// these. They are in the order of their ids, or nearly so.
pub(crate) fn forget(
    connection: &Connection,
    exchanges: impl IntoIterator<Item = i64>,
) -> Result<(), StoreError> {
    let mut before = None;
    for block in exchanges.into_iter().map(block_of) {
        if before.replace(block) != Some(block)
            && connection.prepare_cached("DELETE FROM segments WHERE block = ?")?.execute([block])? > 0
        {
            connection.prepare_cached("DELETE FROM segment_columns WHERE block = ?")?.execute([block])?;
        }
    }
    Ok(())
}

/// The heads of at most `most` blocks from `first` to `last`, in that order: `first` may be the greater one. Those that make
/// no sense are left out. Names are read of those in which an exchange began in `at`. And whether these are all.
pub(crate) fn heads(
    connection: &Connection,
    (first, last): (i64, i64),
    at: Span,
    most: usize,
) -> Result<(Vec<Head>, bool), StoreError> {
    let mut statement = connection.prepare_cached(&heads_statement(first <= last))?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows = statement.query((at.min, at.max, first.min(last), first.max(last), most))?;
    let (mut heads, mut read) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        read += 1;
        let names = match row.get_ref(2)? {
            ValueRef::Null => Some(None),
            names => names.as_blob().ok().and_then(unpacked).map(Some),
        };
        let exchanges = row.get::<_, u16>(1).ok();
        let Some((names, exchanges)) = names.zip(exchanges) else { continue };
        let head = Head { block: row.get(0)?, exchanges: exchanges.into(), names };
        heads.push(head);
    }
    Ok((heads, read < most))
}

/// The statement that reads heads, those of the lowest blocks first or of the highest.
pub(crate) fn heads_statement(ascending: bool) -> String {
    let direction = if ascending { "ASC" } else { "DESC" };
    format!(
        "SELECT block, exchanges, CASE WHEN last_at >= ? AND first_at <= ? THEN names END \
         FROM segments WHERE block BETWEEN ? AND ? ORDER BY block {direction} LIMIT ?"
    )
}

fn unpacked(names: &[u8]) -> Option<Names> {
    serde_json::from_slice(&decompressed(names, LARGEST).ok()?).ok()
}

/// The wanted parts of the segment of a block with so many exchanges; `None` if it is gone meanwhile, or makes no sense.
pub(crate) fn load(
    connection: &Connection,
    (block, exchanges): (i64, usize),
    names: &Names,
    wanted: Wanted,
) -> Result<Option<(Numbers, Targets)>, StoreError> {
    let read = |row: &rusqlite::Row<'_>| {
        let numbers = row.get_ref(0)?.as_blob().ok();
        let numbers = numbers.and_then(|blob| Numbers::unpack(blob, exchanges, names.lengths(), wanted));
        let targets = match wanted.targets {
            true => {
                let plain = row.get_ref(1)?.as_blob().ok().and_then(|blob| decompressed(blob, LARGEST).ok());
                plain.and_then(|plain| Targets::unpack(&plain, exchanges))
            }
            false => Some(Targets::default()),
        };
        Ok(numbers.zip(targets))
    };
    let sql = if wanted.targets { LOAD } else { LOAD_NUMBERS };
    Ok(connection.prepare_cached(sql)?.query_row([block], read).optional()?.flatten())
}

/// The highest block up to `last` that has exchanges and no segment. Blocks that hold an open exchange, and those for
/// which `is_hopeless` holds, are passed over.
pub(crate) fn missing(
    connection: &Connection,
    last: i64,
    is_hopeless: impl Fn(i64) -> bool,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT block FROM segments WHERE block BETWEEN 0 AND ? ORDER BY block DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let (mut stored, mut expected, mut is_end) = (statement.query([last])?, last, false);
    while !is_end {
        let next = stored.next()?.map(|row| row.get(0)).transpose()?;
        is_end = next.is_none();
        let next = next.unwrap_or(-1);
        while next < expected {
            let range = (ids_of(next + 1).0, ids_of(expected).1);
            let sql = "SELECT max(id) FROM exchange_rows WHERE id BETWEEN ? AND ?";
            let highest: Option<i64> = connection.prepare_cached(sql)?.query_row(range, |row| row.get(0))?;
            let Some(block) = highest.map(block_of) else { break };
            if !is_hopeless(block) && !has_open(connection, block)? {
                return Ok(Some(block));
            }
            expected = block - 1;
        }
        expected = next - 1;
    }
    Ok(None)
}

fn has_open(connection: &Connection, block: i64) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM exchange_rows WHERE state = 'open' AND id BETWEEN ? AND ?)";
    Ok(connection.prepare_cached(sql)?.query_row(ids_of(block), |row| row.get(0))?)
}
