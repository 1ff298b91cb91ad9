//! Options with which connections of sqlx are opened.

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::StoreError;
use crate::database::connect::BUSY;

pub(crate) fn base_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(false)
        // Functions that could do harm are not run because a file's schema names them, and no page is taken for sound unseen. No
        // `mmap_size`: a file that is cut off in mapped memory is a signal that ends the process.
        .pragma("trusted_schema", "off")
        .pragma("cell_size_check", "on")
        .pragma("mmap_size", "0")
        .disable_statement_logging()
}

pub(crate) fn reader_options(path: &Path) -> SqliteConnectOptions {
    // Few rows wait between SQLite's thread and ours: a row can be a quarter of a megabyte. And each reader has a small
    // cache: what is read once, to be shown or sent, is not read again, and the system caches the file as well.
    base_options(path)
        .read_only(true)
        .pragma("query_only", "on")
        .pragma("cache_size", "-2048")
        .row_buffer_size(16)
}

/// Options with which the database can be read: a folder that we may not write, with no writer at work in
/// it, has none of the files that WAL mode needs, but then nothing changes either.
pub(crate) async fn readers_of(path: &Path) -> Result<SqliteConnectOptions, StoreError> {
    let options = reader_options(path);
    let error = match try_reading(&options).await {
        Ok(()) => return Ok(options),
        Err(error) => error,
    };
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let written = std::fs::metadata(PathBuf::from(wal)).is_ok_and(|wal| wal.len() > 0);
    if StoreError::needs_files(&error) && !written {
        return Ok(options.immutable(true));
    }
    Err(StoreError::opening(error, path))
}

async fn try_reading(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = options.connect().await?;
    sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await?;
    connection.close().await
}
