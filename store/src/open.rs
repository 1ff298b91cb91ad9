//! From a path to a database that is ours, up to date and safe to write, or to an error that harmed nothing.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection as _, SqliteConnection};

use crate::distrust::distrust;
use crate::exposure::{private_file, refuse_exposed_database, warn_of_readers};
use crate::migrations::MIGRATIONS;
use crate::writer::{Writer, WriterState, lock_path};
use crate::{StoreError, legacy_schema, schema};

/// The bytes with which every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// "DCAM": what `PRAGMA application_id` of a recording says.
pub(crate) const APPLICATION_ID: i64 = 1_145_258_317;
/// The first SQLite whose WAL is sound with several connections.
const SOUND_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// Readers at the same time.
const READERS: u32 = 4;
/// Statements that the writer keeps prepared.
const STATEMENTS: usize = 96;
/// How long a connection waits for a lock that another program holds.
pub(crate) const BUSY: Duration = Duration::from_secs(5);
/// How long the first one does, while nobody can read: it is tried again.
const TRY: Duration = Duration::from_secs(1);

/// Opens for writing: locks, creates, migrates. What was open when the last run ended is interrupted now.
pub(crate) async fn writer(path: &Path) -> Result<Writer, StoreError> {
    refuse_exposed_database(path)?;
    let lock = lock(path)?;
    bring_up_to_date(path).await?;
    warn_of_readers(path);
    let connection = write_to(path)?;
    connection.busy_timeout(TRY)?;
    let scribe = WriterState::new(path.to_owned(), connection, lock)?;
    let writer = Writer::start(scribe).map_err(|source| StoreError::unwritable(path, source))?;
    let begin = |scribe: &mut WriterState| {
        scribe.transaction(interrupt_all)?;
        scribe.be_patient()
    };
    match writer.run(begin).await {
        Ok(()) => Ok(writer),
        Err(error) => {
            writer.close().await;
            Err(error)
        }
    }
}

/// Creates the database if there is none, and brings its schema up to date; a newer one is left as it is.
pub(crate) async fn bring_up_to_date(path: &Path) -> Result<(), StoreError> {
    refuse_exposed_database(path)?;
    create(path)?;
    let known = known();
    match probe(path).await? {
        Some(found) if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
        _ => migrate(path).await,
    }
}

/// Creates the database or brings it up to date.
pub(crate) async fn migrate(path: &Path) -> Result<(), StoreError> {
    let options = migration_options(path);
    let mut connection = options.connect().await.map_err(|error| StoreError::opening(error, path))?;
    MIGRATIONS.run(&mut connection).await.map_err(migrating)?;
    Ok(connection.close().await?)
}

/// A connection for the writer.
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

fn migrating(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Migrate(Box::new(other)),
    }
}

/// Since when the file that is written stands at its path.
pub(crate) type FileSince = Arc<Mutex<Instant>>;

/// Readers of a database that [`writer`] has open. Connections that were made before the present file stood there are
/// closed when their turn comes.
pub(crate) async fn readers(path: &Path, since: FileSince) -> Result<Pools, StoreError> {
    let options = reader_options(path);
    let pool = pool().before_acquire(move |_, connection| {
        let since = since.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
        Box::pin(std::future::ready(Ok(connection.age < since)))
    });
    Pools::connect(pool, options).await.map_err(|error| StoreError::opening(error, path))
}

/// Connections that read.
#[derive(Debug)]
pub(crate) struct Pools {
    pub(crate) rows: SqlitePool,
    /// One connection, opened when it is needed: SQLite takes memory for a whole message, however little of
    /// it is wanted, and memory that one thread took and gave back is no use to another.
    pub(crate) messages: SqlitePool,
}

impl Pools {
    async fn connect(pool: SqlitePoolOptions, options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let messages = pool.clone().max_connections(1).connect_lazy_with(options.clone());
        Ok(Self { rows: pool.connect_with(options).await?, messages })
    }

    pub(crate) async fn close(&self) {
        self.messages.close().await;
        self.rows.close().await;
    }
}

/// Readers of a database that somebody else may be writing.
pub(crate) async fn only_readers(path: &Path) -> Result<Pools, StoreError> {
    check_magic(path)?;
    let found = readable(path, probe(path).await?)?;
    let pool = if found < known() { legacy_schema::read(pool()) } else { pool() };
    let options = readers_of(path).await?;
    Pools::connect(pool, options).await.map_err(|error| StoreError::opening(error, path))
}

/// The version that was `found` at `path`, if a recording of that version can be read.
pub(crate) fn readable(path: &Path, found: Option<i64>) -> Result<i64, StoreError> {
    let (path, known) = (path.to_owned(), known());
    match found {
        None => Err(StoreError::Empty { path }),
        Some(found) if found > known => Err(StoreError::Newer { path, found, known }),
        Some(found) => Ok(found),
    }
}

fn pool() -> SqlitePoolOptions {
    // A check before each use would be a hop to SQLite's thread; connections to a file do not go stale.
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

fn base_options(path: &Path) -> SqliteConnectOptions {
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

/// Options that a file keeps from its creation on; [`write_to`] has the rest.
fn migration_options(path: &Path) -> SqliteConnectOptions {
    base_options(path)
        .page_size(32_768)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
}

fn reader_options(path: &Path) -> SqliteConnectOptions {
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
async fn readers_of(path: &Path) -> Result<SqliteConnectOptions, StoreError> {
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

pub(crate) fn known() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Takes the lock that keeps a second writer out; it is held until the file is closed.
pub(crate) fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = lock_path(path);
    let unwritable = |source| StoreError::unwritable(&lock_path, source);
    let file = private_file(&lock_path).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unwritable(source)),
    }
}

/// Makes sure that there is a file, which only its owner can read: it holds secrets that passed.
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    private_file(path).map_err(|source| StoreError::unwritable(path, source))?;
    check_magic(path)
}

pub(crate) fn check_magic(path: &Path) -> Result<(), StoreError> {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    match read {
        Ok(_) if start.is_empty() || start == MAGIC => Ok(()),
        Ok(_) => Err(StoreError::NotADatabase { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(StoreError::Missing { path: path.to_owned() })
        }
        Err(source) => Err(StoreError::unwritable(path, source)),
    }
}

/// The version of the schema in the file, `None` if it is empty. Reads only.
pub(crate) async fn probe(path: &Path) -> Result<Option<i64>, StoreError> {
    let options = readers_of(path).await?;
    let mut connection = options.connect().await.map_err(|error| StoreError::opening(error, path))?;
    let found = inspect(&mut connection, path).await;
    connection.close().await?;
    found
}

async fn inspect(connection: &mut SqliteConnection, path: &Path) -> Result<Option<i64>, StoreError> {
    check_version(sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *connection).await?)?;
    let objects: Vec<schema::Object> = sqlx::query_as(schema::OBJECTS).fetch_all(&mut *connection).await?;
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let is_own = |(_, name, _): &schema::Object| {
        name == schema::VERSIONS || name == "sqlite_autoindex__sqlx_migrations_1"
    };
    if application != APPLICATION_ID && objects.iter().any(|object| !is_own(object)) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    schema::refuse_programs(&objects)?;
    if !objects.iter().any(|(_, name, _)| name == schema::VERSIONS) {
        return Ok(None);
    }
    let sql = "SELECT max(version) FROM _sqlx_migrations";
    let found: Option<i64> = sqlx::query_scalar(sql).fetch_one(connection).await?;
    if let Some(found) = found.filter(|found| *found <= known()) {
        schema::check(&objects, found)?;
    }
    Ok(found)
}

fn check_version(found: String) -> Result<(), StoreError> {
    let mut numbers = found.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    let version = (next(), next(), next());
    if version < SOUND_SQLITE { Err(StoreError::OldSqlite { found }) } else { Ok(()) }
}

/// Marks all open exchanges: those of the last run ended with it.
pub(crate) fn interrupt_all(connection: &Connection) -> Result<(), StoreError> {
    connection.execute(&interrupt("state = 'open'"), [])?;
    connection.execute("DELETE FROM orphans WHERE exchange IN (SELECT id FROM exchange_rows)", [])?;
    connection.execute("UPDATE orphans SET deleted = 1", [])?;
    Ok(())
}

/// The statement that marks the exchanges for which `condition` holds as interrupted. The stored bytes of
/// bodies are counted again, because the counts in an open exchange's row are those of some moment before:
/// what had passed and was not stored yet is missing.
pub(crate) fn interrupt(condition: &str) -> String {
    let bytes = "(SELECT coalesce(sum(length(data)), 0) FROM body_rows WHERE key BETWEEN";
    let request = format!("{bytes} (id << 22) AND (id << 22 | 2097151))");
    let response = format!("{bytes} (id << 22 | 2097152) AND (id << 22 | 4194303))");
    format!(
        "UPDATE exchange_rows SET state = 'interrupted', request_stored = {request}, response_stored = {response}, \
         request_truncated = request_truncated OR (level = 'full' AND request_size > {request}), \
         response_truncated = response_truncated OR (level = 'full' AND response_size > {response}), \
         request_size = max(request_size, {request}), response_size = max(response_size, {response}) \
         WHERE {condition}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsound_sqlite_is_refused() {
        let sound = |version: &str| check_version(version.to_owned()).is_ok();
        assert!(sound("3.51.3") && sound("3.52.0") && sound("4.0.0"));
        assert!(!sound("3.51.2") && !sound("3.46.0") && !sound("3.51") && !sound(""));
    }
}
