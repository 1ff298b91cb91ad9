//! Connections that write, and transactions on them.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::database::distrust::distrust;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 96;
/// How long a connection waits for a lock that another program holds.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// A connection that writes.
///
/// No `mmap_size`: a disk error in mapped memory is a signal that ends the process, and traffic with it.
pub(crate) fn write_to(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    distrust(&connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(
        "PRAGMA foreign_keys = off; PRAGMA synchronous = normal; PRAGMA cache_size = -16384; \
         PRAGMA temp_store = memory; PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = on",
    )?;
    Ok(connection)
}

/// Runs `work` as one transaction of `connection`.
pub(crate) fn transaction<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.raw_execute()?;
    let done = work(connection)?;
    connection.prepare_cached("COMMIT")?.raw_execute()?;
    Ok(done)
}
