//! Connections of rusqlite that read.

use std::path::Path;
use std::time::Instant;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::database::connect::BUSY;
use crate::database::distrust::distrust;
use crate::database::legacy_schema;
use crate::database::version::known;
use crate::database::words;
use crate::file::path::{beside, uri};
use crate::rows::heads;

/// SQLite's trust in the content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    Sound,
    /// It goes on where it would stop.
    Damaged,
}

/// A connection that reads; in a folder that may not be written, without the files of the write-ahead log.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, "", Trust::Sound)?;
    let tried = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    let written = std::fs::metadata(beside(path, "-wal")).is_ok_and(|wal| wal.len() > 0);
    match tried {
        Err(error) if StoreError::lacks_files(&error) && !written => {
            connect(path, "&immutable=1", Trust::Sound)
        }
        _ => Ok(connection),
    }
}

/// A connection for searches.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) connection: Connection,
    pub(crate) opened: Instant,
    /// False if it sees an older schema as one of today's: it may be brought up to date at any time.
    pub(crate) is_of_today: bool,
}

/// A connection that reads a recording whose schema was looked at when it was opened. It has a small cache, as
/// [`crate::database::options::reader_options`] says.
pub(crate) fn search(path: &Path) -> Result<Search, StoreError> {
    let (opened, connection) = (Instant::now(), open(path)?);
    let found = connection.query_row("SELECT max(version) FROM _sqlx_migrations", [], |row| row.get(0))?;
    overlay(&connection, found)?;
    words::add(&connection)?;
    heads::add_function(&connection, found == known())?;
    connection.execute_batch("PRAGMA cache_size = -2048")?;
    Ok(Search { connection, opened, is_of_today: found == known() })
}

/// Makes `connection` see a recording of schema `found` as one of today's.
pub(crate) fn overlay(connection: &Connection, found: i64) -> Result<(), StoreError> {
    if found < known() {
        connection.execute_batch(&legacy_schema::views(found))?;
    }
    Ok(())
}

/// A connection that reads, with `more` parameters of the URI.
pub(crate) fn connect(path: &Path, more: &str, trust: Trust) -> Result<Connection, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(format!("{}?mode=ro{more}", uri(path)), flags)?;
    connection.busy_timeout(BUSY)?;
    distrust(&connection)?;
    if trust == Trust::Damaged {
        // With a schema that may be written, SQLite reads a file that was cut off as far as it goes.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
        connection.execute_batch("PRAGMA writable_schema = on")?;
    }
    let reading = "PRAGMA cell_size_check = on; PRAGMA query_only = on; PRAGMA cache_size = -16384";
    connection.execute_batch(reading)?;
    Ok(connection)
}
