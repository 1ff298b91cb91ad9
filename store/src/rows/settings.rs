//! The history of the settings: their changes, by whom, when and why.

use dashcam_exchange::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

/// One change of the settings. What settings are is the caller's business: here they are JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsChange {
    /// When they changed.
    pub at: Timestamp,
    /// The one that changed them: the page, the command line, a signal.
    pub who: String,
    /// Why, in that person's words.
    pub why: Option<String>,
    /// The settings before; `None` at the first start.
    pub from: Option<Value>,
    /// The settings since.
    pub to: Value,
}

/// Columns in the order in which they are written and read.
pub(crate) const COLUMNS: &str = "at, who, why, from_settings, to_settings";

/// A change as its columns.
pub(crate) type Row = (i64, String, Option<String>, Option<String>, String);

pub(crate) fn row(change: &SettingsChange) -> Row {
    let (from, to) = (change.from.as_ref().map(ToString::to_string), change.to.to_string());
    (change.at.0, change.who.clone(), change.why.clone(), from, to)
}

pub(crate) fn write(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO settings_history ({COLUMNS}) VALUES (?, ?, ?, ?, ?)");
    connection.execute(&sql, (row.0, &row.1, &row.2, &row.3, &row.4))?;
    Ok(())
}

/// The last change that is stored.
pub(crate) fn last(connection: &Connection) -> Result<Option<Row>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM settings_history ORDER BY id DESC LIMIT 1");
    let columns =
        |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
    Ok(connection.query_row(&sql, [], columns).optional()?)
}

pub(crate) fn read(row: &SqliteRow) -> Result<SettingsChange, StoreError> {
    let mut columns = Columns::of(row);
    Ok(SettingsChange {
        at: Timestamp(columns.take()?),
        who: columns.take()?,
        why: columns.take()?,
        from: columns.json()?,
        to: columns.json()?.unwrap_or(Value::Null),
    })
}
