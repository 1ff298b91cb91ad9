//! From a file, or none, to a database of today's schema.

use std::path::Path;

use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::StoreError;
use crate::database::migrations::MIGRATIONS;
use crate::database::options::base_options;
use crate::database::version::{known, probe};
use crate::file::database::create;
use crate::file::exposure::refuse_exposed_database;

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

fn migrating(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Migrate(Box::new(other)),
    }
}

/// Options that a file keeps from its creation on; [`crate::database::connect::write_to`] has the rest.
fn migration_options(path: &Path) -> SqliteConnectOptions {
    base_options(path)
        .page_size(32_768)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("temp_store", "memory")
}
