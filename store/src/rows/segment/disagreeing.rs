//! Segments that do not say what the rows say.

use dashcam_filter::Span;
use rusqlite::Connection;

use super::gather::{Order, gather};
use super::layout::{BITS, Segment, ids_of};
use super::stored::{Head, heads, load};
use super::wanted::Wanted;
use crate::StoreError;

/// The blocks whose segments do not say what the rows say, or cannot be read.
pub(crate) fn disagreeing(connection: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut statement =
        connection.prepare("SELECT block FROM segments UNION SELECT block FROM segment_columns")?;
    let blocks: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut blocks_unlike = Vec::new();
    for block in blocks {
        if !is_like(connection, block)? {
            blocks_unlike.push(block);
        }
    }
    Ok(blocks_unlike)
}

fn is_like(connection: &Connection, block: i64) -> Result<bool, StoreError> {
    let always = Span { min: i64::MIN, max: i64::MAX };
    let (mut found, _) = heads(connection, (block, block), always, 1)?;
    let Some(Head { exchanges, names: Some(names), .. }) = found.pop() else { return Ok(false) };
    let Some((numbers, targets)) = load(connection, (block, exchanges), &names, Wanted::ALL)? else {
        return Ok(false);
    };
    match gather(connection, ids_of(block), Order::Ascending, 1 << BITS) {
        Ok(rows) => Ok(rows == Segment { names, numbers, targets }),
        Err(StoreError::Damaged(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
