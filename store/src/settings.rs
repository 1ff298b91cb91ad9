//! Who changed which settings when, and why.

use dashcam_exchange::Timestamp;
use rusqlite::Connection;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::columns::Columns;

/// One change of the settings. What settings are is the caller's business: here they are JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsChange {
    /// When they changed.
    pub at: Timestamp,
    /// Who changed them: the page, the command line, a signal.
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

pub(crate) fn write(connection: &Connection, change: &SettingsChange) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO settings_history ({COLUMNS}) VALUES (?, ?, ?, ?, ?)");
    let (from, to) = (change.from.as_ref().map(ToString::to_string), change.to.to_string());
    connection.execute(&sql, (change.at.0, &change.who, &change.why, from, to))?;
    Ok(())
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
