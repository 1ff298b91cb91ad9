//! Statements beside segments: for the rows that may match, and for pins.

use rusqlite::Connection;

use crate::StoreError;
use crate::reader::filter::{Translation, Value};
use crate::rows::segment::{Column, Segment};

/// The ids between those of `open` whose rows meet the filter's condition in SQL, ascending.
pub(super) fn candidates(
    connection: &Connection,
    translation: &Translation,
    open: &[i64],
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(&statement(translation))?;
    let ends = [open.iter().min(), open.iter().max()].map(|id| Value::Integer(id.copied().unwrap_or(0)));
    for (at, value) in (1..).zip(ends.iter().chain(&translation.values)) {
        match value {
            Value::Integer(number) => statement.raw_bind_parameter(at, number)?,
            Value::Text(text) => statement.raw_bind_parameter(at, text)?,
        }
    }
    let (mut rows, mut ids) = (statement.raw_query(), Vec::new());
    while let Some(row) = rows.next()? {
        ids.push(row.get(0)?);
    }
    Ok(ids)
}

/// The statement for the rows in a range that may match.
pub(crate) fn statement(Translation { sql, .. }: &Translation) -> String {
    format!("SELECT id FROM exchanges WHERE id BETWEEN ? AND ? AND ({sql}) ORDER BY id")
}

/// The exchanges of a segment that are pinned, in the order of their ids.
pub(super) fn pinned(connection: &Connection, segment: &Segment) -> Result<Vec<i64>, StoreError> {
    let ids = segment.numbers.of(Column::Id);
    let range = (ids.first().copied().unwrap_or(0), ids.last().copied().unwrap_or(-1));
    let sql = "SELECT exchange FROM pins WHERE exchange BETWEEN ? AND ? ORDER BY exchange";
    let mut statement = connection.prepare_cached(sql)?;
    let pinned = statement.query_map(range, |row| row.get(0))?;
    Ok(pinned.collect::<Result<_, _>>()?)
}
