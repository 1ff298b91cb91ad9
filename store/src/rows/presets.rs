//! Presets: filters that are kept under a name.

use dashcam_exchange::Timestamp;
use rusqlite::Connection;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

/// The most of them: a filter is read together with all that it names.
pub const MOST_PRESETS: usize = 200;

/// A filter that is kept under a name. Whether it can be read is the caller's business: here it is a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// The filter.
    pub filter: String,
    /// When it was kept.
    pub at: Timestamp,
}

pub(crate) const ALL: &str = "SELECT name, filter, at FROM presets ORDER BY name";

const PUT: &str = "INSERT INTO presets (name, filter, at) SELECT ?1, ?2, ?3 \
    WHERE (SELECT count(*) FROM presets WHERE name <> ?1) < ?4 \
    ON CONFLICT (name) DO UPDATE SET filter = excluded.filter, at = excluded.at";
const REMOVE: &str = "DELETE FROM presets WHERE name = ?";

/// Keeps a filter, in place of the one of that name; `false` if there are too many.
pub(crate) fn put(connection: &Connection, preset: &Preset) -> Result<bool, StoreError> {
    let Preset { name, filter, at } = preset;
    let values = (name, filter, at.0, MOST_PRESETS as i64);
    Ok(connection.prepare_cached(PUT)?.execute(values)? > 0)
}

/// Removes one; `false` if there is none of that name.
pub(crate) fn remove(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached(REMOVE)?.execute([name])? > 0)
}

pub(crate) fn read(row: &SqliteRow) -> Result<Preset, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Preset { name: columns.take()?, filter: columns.take()?, at: Timestamp(columns.take()?) })
}
