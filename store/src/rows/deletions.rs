//! How many exchanges were deleted of which hour, and why.

use dashcam_exchange::Timestamp;
use rusqlite::Connection;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

/// Why exchanges were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The bounds of the recording: its size, its age, its number.
    Bounds,
    /// The time was over for which their rules keep them.
    Expired,
    /// A user deleted them, or moved them to an archive.
    User,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 3] = [Self::Bounds, Self::Expired, Self::User];

    /// Its name, as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounds => "bounds",
            Self::Expired => "expired",
            Self::User => "user",
        }
    }

    /// The cause of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }
}

/// Exchanges of one hour that were deleted for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// When the first of them began …
    pub from: Timestamp,
    /// … and the last.
    pub until: Timestamp,
    /// Why they went.
    pub cause: Cause,
    /// How many there were.
    pub exchanges: u64,
}

/// The statement that notes those of the exchanges `?1` to `?2` that are about to be deleted, and meet a condition.
pub(crate) fn note(cause: Cause, condition: &str) -> String {
    format!(
        "INSERT INTO deletions (hour, cause, from_at, until_at, exchanges) \
         SELECT started_at / 3600000000, '{}', min(started_at), max(started_at), count(*) FROM exchange_rows \
         WHERE id BETWEEN ?1 AND ?2 AND ({condition}) GROUP BY 1 \
         ON CONFLICT (hour, cause) DO UPDATE SET from_at = min(from_at, excluded.from_at), \
             until_at = max(until_at, excluded.until_at), exchanges = exchanges + excluded.exchanges",
        cause.as_str()
    )
}

/// Notes that the exchanges `first..=last` are about to be deleted.
pub(crate) fn note_range(
    connection: &Connection,
    cause: Cause,
    (first, last): (i64, i64),
) -> Result<(), StoreError> {
    connection.prepare_cached(&note(cause, "true"))?.execute([first, last])?;
    Ok(())
}

/// Those of hours from one to another, oldest first.
pub(crate) const LIST: &str = "SELECT from_at, until_at, cause, exchanges FROM deletions \
    WHERE hour BETWEEN ? AND ? ORDER BY hour, cause";

pub(crate) fn read(row: &SqliteRow) -> Result<Deletion, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Deletion {
        from: Timestamp(columns.take()?),
        until: Timestamp(columns.take()?),
        cause: columns.name(Cause::parse)?,
        exchanges: columns.number()?,
    })
}
