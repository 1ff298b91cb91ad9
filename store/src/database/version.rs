//! The schema version of a database, if it is a recording.

use std::path::Path;

use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::StoreError;
use crate::database::migrations::ALL;
use crate::database::options::readers_of;
use crate::database::schema;

/// "DCAM": what `PRAGMA application_id` of a recording says.
pub(crate) const APPLICATION_ID: i64 = 1_145_258_317;
/// The first SQLite whose WAL is sound with several connections.
const SOUND_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// The newest version that this program knows.
pub(crate) fn known() -> i64 {
    ALL.iter().map(|(version, ..)| *version).max().unwrap_or(0)
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

/// The version of the schema in the file, `None` if it is empty. Reads only.
pub(crate) async fn probe(path: &Path) -> Result<Option<i64>, StoreError> {
    let options = readers_of(path).await?;
    let mut connection = options.connect().await.map_err(|error| StoreError::opening(error, path))?;
    // Of one moment: another dashcam may be about to bring it up to date.
    sqlx::query("BEGIN").execute(&mut connection).await?;
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
