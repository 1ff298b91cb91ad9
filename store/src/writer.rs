//! The one connection that writes.

use std::fs::File;
use std::path::PathBuf;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::StoreError;
use crate::underway::Underway;

/// The writer. Nobody else writes while it lives: it holds the lock of the file.
#[derive(Debug)]
pub(crate) struct Writer {
    options: SqliteConnectOptions,
    /// `None` after a fault: the next transaction opens a new one.
    connection: Option<SqliteConnection>,
    /// Held open, and so locked.
    _lock: File,
    /// What is stored of open exchanges.
    pub(crate) underway: Underway,
}

impl Writer {
    pub(crate) fn new(options: SqliteConnectOptions, connection: SqliteConnection, lock: File) -> Self {
        Self { options, connection: Some(connection), _lock: lock, underway: Underway::default() }
    }

    /// Runs `work` as one transaction: everything of it is stored, or nothing.
    ///
    /// After a fault, or when this future is dropped half-way, the connection is given up, which rolls back
    /// whatever SQLite's state is (on a full disk it may have rolled back by itself, and then sqlx's own
    /// transactions would wait for a rollback that can never succeed).
    pub(crate) async fn transaction<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        match run(&mut connection, work).await {
            Ok(done) => {
                self.connection = Some(connection);
                Ok(done)
            }
            Err(error) => {
                // Waits for the rollback, so that the next connection finds the database free.
                if let Err(error) = connection.close().await {
                    tracing::debug!(%error, "the database connection did not close well after a fault");
                }
                Err(error)
            }
        }
    }

    /// Writes the WAL into the database and lets go of both.
    pub(crate) async fn close(mut self) -> Result<(), StoreError> {
        let Some(mut connection) = self.connection.take() else { return Ok(()) };
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// The connection itself, for tests that set limits on it.
    #[cfg(test)]
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().unwrap()
    }
}

async fn run<T>(
    connection: &mut SqliteConnection,
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let done = work(&mut *connection).await?;
    sqlx::query("COMMIT").execute(connection).await?;
    Ok(done)
}

/// Where the lock of a database is.
pub(crate) fn lock_path(database: &std::path::Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}
