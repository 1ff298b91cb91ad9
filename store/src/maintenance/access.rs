//! From a path to a connection that reads a recording, also a damaged one.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::database::connect::BUSY;
use crate::database::distrust::distrust;
use crate::database::legacy_schema;
use crate::database::schema;
use crate::database::version::{APPLICATION_ID, known, readable};
use crate::file::path::{beside, uri};

/// Where `PRAGMA application_id` stands in the file, in four bytes (<https://sqlite.org/fileformat.html>).
const APPLICATION_ID_AT: usize = 68;
const HEADER: u64 = 100;
/// How many tables there are, by what the first page says.
const TABLES: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";

/// A connection that reads the recording at `path`, as if it were of this version if it is of an older one.
///
/// # Errors
/// When there is none, it is another program's, or of a newer version, or too damaged to tell.
pub(crate) fn reader(path: &Path) -> Result<Connection, StoreError> {
    identify(path)?;
    let connection = open(path)?;
    let objects = objects(&connection)?;
    schema::refuse_programs(&objects)?;
    let version = version(&connection, path)?;
    schema::check(&objects, version)?;
    overlay(&connection, version)?;
    Ok(connection)
}

/// The same for a recording that is damaged: what SQLite would not trust is read all the same.
pub(super) fn reader_of_damaged(path: &Path) -> Result<Connection, StoreError> {
    identify(path)?;
    let connection = connect(path, "", Trust::Damaged)?;
    // Of a schema that can be read, nothing runs that no dashcam made.
    objects(&connection).map_or(Ok(()), |objects| schema::refuse_programs(&objects))?;
    match version(&connection, path) {
        // If it is of another version, its tables will not be found.
        Err(StoreError::Damaged(_)) if value::<i64>(&connection, TABLES).is_ok_and(|tables| tables > 0) => {}
        other => overlay(&connection, other?)?,
    }
    Ok(connection)
}

/// SQLite's trust in the content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Sound,
    /// It goes on where it would stop.
    Damaged,
}

fn overlay(connection: &Connection, found: i64) -> Result<(), StoreError> {
    if found < known() {
        connection.execute_batch(&legacy_schema::views(found))?;
    }
    Ok(())
}

/// Makes sure that the file is a recording, by what it begins with: that is there if anything is.
pub(super) fn identify(path: &Path) -> Result<(), StoreError> {
    let mut header = Vec::new();
    match File::open(path).and_then(|file| file.take(HEADER).read_to_end(&mut header)) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        Err(source) => return Err(StoreError::Unwritable { path: path.to_owned(), source }),
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(StoreError::NotADatabase { path: path.to_owned() });
    }
    let id = header.get(APPLICATION_ID_AT..APPLICATION_ID_AT + 4).and_then(|bytes| bytes.try_into().ok());
    if id.map(i32::from_be_bytes).map(i64::from) == Some(APPLICATION_ID) {
        return Ok(());
    }
    // The first page may be in the write-ahead log still.
    let id = open(path)?.query_row("PRAGMA application_id", [], |row| row.get::<_, i64>(0));
    match id {
        Ok(APPLICATION_ID) => Ok(()),
        _ => Err(StoreError::Foreign { path: path.to_owned() }),
    }
}

/// A connection that reads; in a folder that may not be written, without the files of the write-ahead log.
fn open(path: &Path) -> Result<Connection, StoreError> {
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

fn connect(path: &Path, more: &str, trust: Trust) -> Result<Connection, StoreError> {
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

fn objects(connection: &Connection) -> Result<Vec<schema::Object>, StoreError> {
    let mut statement = connection.prepare(schema::OBJECTS)?;
    let objects = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(objects.collect::<Result<_, _>>()?)
}

/// The version of the schema, which can be read.
pub(super) fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    if value::<i64>(connection, TABLES)? == 0 {
        return Err(StoreError::Damaged("it does not say which tables there are".to_owned()));
    }
    let sql = "SELECT max(version) FROM _sqlx_migrations";
    readable(path, connection.query_row(sql, [], |row| row.get(0))?)
}

/// One value.
pub(super) fn value<T: rusqlite::types::FromSql>(
    connection: &Connection,
    sql: &str,
) -> Result<T, StoreError> {
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}
