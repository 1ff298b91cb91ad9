//! Runs: each time that dashcam recorded to the file, and when it surely did so still.

use dashcam_exchange::Timestamp;
use rusqlite::Connection;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

/// A run of dashcam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub started_at: Timestamp,
    /// When it surely went on still: with what it stored, noted at most every ten seconds.
    pub seen_at: Timestamp,
    /// When it ended; `None` while it goes on, and if it was killed.
    pub ended_at: Option<Timestamp>,
    /// The version of dashcam.
    pub version: String,
}

/// The run that goes on, to the thread that writes.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    /// Its number.
    pub(crate) id: i64,
    pub(crate) version: String,
    /// When it was noted last that it goes on.
    pub(crate) seen_at: Timestamp,
}

/// So long nothing new is noted, in microseconds.
const SEEN: i64 = 10_000_000;

/// Columns in the order in which they are read.
pub(crate) const COLUMNS: &str = "started_at, seen_at, ended_at, version";

/// Notes that a run begins; returns its number.
pub(crate) fn begin(connection: &Connection, version: &str, at: Timestamp) -> Result<i64, StoreError> {
    let sql = "INSERT INTO runs (started_at, seen_at, version) VALUES (?1, ?1, ?2)";
    connection.execute(sql, (at.0, version))?;
    Ok(connection.last_insert_rowid())
}

/// Notes that it ended.
pub(crate) fn end(connection: &Connection, id: i64, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE runs SET seen_at = max(seen_at, ?1), ended_at = ?1 WHERE id = ?2";
    connection.execute(sql, [at.0, id])?;
    Ok(())
}

impl Running {
    /// Notes in another file that it goes on there.
    pub(crate) fn begin_here(self, connection: &Connection, now: Timestamp) -> Result<Self, StoreError> {
        let id = begin(connection, &self.version, now)?;
        Ok(Self { id, seen_at: now, ..self })
    }

    /// Returns whether it is time to note that it goes on.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        now.0.saturating_sub(self.seen_at.0) >= SEEN
    }

    /// Notes that it goes on.
    pub(crate) fn note(&self, connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE runs SET seen_at = max(seen_at, ?1) WHERE id = ?2";
        connection.prepare_cached(sql)?.execute([now.0, self.id])?;
        Ok(())
    }
}

pub(crate) fn read(row: &SqliteRow) -> Result<Run, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Run {
        started_at: Timestamp(columns.take()?),
        seen_at: Timestamp(columns.take()?),
        ended_at: columns.take::<Option<i64>>()?.map(Timestamp),
        version: columns.take()?,
    })
}
