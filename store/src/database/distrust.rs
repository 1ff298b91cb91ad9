//! Distrust of a file: a connection lets it do no more than it has to.

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;

use crate::StoreError;

/// Bytes of the largest value that is read or written; none that we write is larger, whatever `[limits]` say.
const LARGEST_VALUE: i32 = 256 << 20;

/// Takes from a database whatever could act through its schema, and bounds what a value may take of memory.
pub(crate) fn distrust(connection: &Connection) -> Result<(), StoreError> {
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    ] {
        connection.set_db_config(config, on)?;
    }
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LARGEST_VALUE)?;
    Ok(())
}
