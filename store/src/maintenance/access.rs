//! From a path to a connection that reads a recording, also a damaged one.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use rusqlite::Connection;

use crate::StoreError;
use crate::database::reading::{Trust, connect, open, overlay};
use crate::database::schema;
use crate::database::version::{APPLICATION_ID, readable};

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
