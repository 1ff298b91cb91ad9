//! The connections that read.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use crate::StoreError;
use crate::database::legacy_schema;
use crate::database::options::{reader_options, readers_of};
use crate::database::reading::Search;
use crate::database::version::{known, probe, readable};
use crate::file::database::check_magic;

/// Readers at the same time.
const READERS: u32 = 4;

/// Connections for searches that are kept.
const SEARCHES: usize = 2;

/// Since when the file that is written stands at its path.
pub(crate) type FileSince = Arc<Mutex<Instant>>;

/// Readers of a database that [`crate::open::writer`] has open. Connections that were made before the present file stood there are
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
    /// Connections for searches, while none uses them.
    pub(crate) searches: Mutex<Vec<Search>>,
}

impl Pools {
    async fn connect(pool: SqlitePoolOptions, options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let messages = pool.clone().max_connections(1).connect_lazy_with(options.clone());
        Ok(Self { rows: pool.connect_with(options).await?, messages, searches: Mutex::default() })
    }

    /// A connection for a search that was opened after `since`, if one is idle.
    pub(crate) fn idle_search(&self, since: Instant) -> Option<Search> {
        let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        searches.retain(|search| search.opened > since);
        searches.pop()
    }

    /// Keeps a connection for the next search.
    pub(crate) fn keep(&self, search: Search) {
        let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        if searches.len() < SEARCHES {
            searches.push(search);
        }
    }

    pub(crate) async fn close(&self) {
        self.searches.lock().unwrap_or_else(PoisonError::into_inner).clear();
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

fn pool() -> SqlitePoolOptions {
    // A check before each use would be a hop to SQLite's thread; connections to a file do not go stale.
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}
