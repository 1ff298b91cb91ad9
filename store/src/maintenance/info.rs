//! A recording as a whole, in figures.

use std::path::{Path, PathBuf};

use dashcam_exchange::Timestamp;
use rusqlite::Connection;
use serde::Serialize;

use super::access::{reader, value};
use crate::StoreError;
use crate::file::path::{absolute, beside};

/// The contents of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Info {
    /// Where it is.
    pub path: PathBuf,
    /// The schema's version.
    pub schema: i64,
    /// Bytes of a page.
    pub page_size: u64,
    /// Bytes of the file.
    pub file: u64,
    /// Bytes of its write-ahead log.
    pub wal: u64,
    /// Bytes of pages in the file that are free.
    pub free: u64,
    /// Exchanges.
    pub exchanges: u64,
    /// Of these, exchanges that are under way, or were when dashcam was killed.
    pub open: u64,
    /// Of these, exchanges that are pinned.
    pub pinned: u64,
    /// Bytes of bodies that are stored, before they are compressed.
    pub bodies: u64,
    /// Client connections.
    pub connections: u64,
    /// Connections to upstreams.
    pub upstream_connections: u64,
    /// Certificates that were shown.
    pub certificates: u64,
    /// WebSocket and gRPC messages.
    pub messages: u64,
    /// When the oldest exchange began, in unix microseconds.
    pub oldest_at: Option<i64>,
    /// When the newest exchange began, in unix microseconds.
    pub newest_at: Option<i64>,
    /// Holes in the recording, oldest first.
    pub gaps: Vec<GapInfo>,
}

/// A hole in the recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GapInfo {
    /// When it began, in unix microseconds.
    pub from: i64,
    /// When it ended, in unix microseconds.
    pub until: i64,
    /// Why.
    pub reason: String,
    /// How many exchanges are missing.
    pub exchanges: u64,
}

impl GapInfo {
    /// From when until when.
    #[must_use]
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (Timestamp(self.from), Timestamp(self.until))
    }
}

/// Looks through a recording, also while another process writes it. It reads all heads: of a large one for seconds.
///
/// # Errors
/// When it cannot be read, or is none, or a newer dashcam's.
pub fn info(path: &Path) -> Result<Info, StoreError> {
    let path = absolute(path)?;
    let connection = reader(&path)?;
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let count = |sql: &str| value::<i64>(&connection, sql).map(|count| u64::try_from(count).unwrap_or(0));
    let page_size = count("PRAGMA page_size")?;
    let exchanges = "SELECT count(*), count(*) FILTER (WHERE state = 'open'), \
        coalesce(sum(request_stored + response_stored), 0) FROM exchange_rows";
    let [exchanges, open, bodies]: [i64; 3] =
        connection.query_row(exchanges, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let at = |order: &str| {
        let sql = format!("SELECT (SELECT started_at FROM exchange_rows ORDER BY id {order} LIMIT 1)");
        value::<Option<i64>>(&connection, &sql)
    };
    Ok(Info {
        schema: value(&connection, "SELECT max(version) FROM _sqlx_migrations")?,
        page_size,
        file: size(&path),
        wal: size(&beside(&path, "-wal")),
        free: count("PRAGMA freelist_count")? * page_size,
        exchanges: number(exchanges),
        open: number(open),
        pinned: count("SELECT count(*) FROM pins")?,
        bodies: number(bodies),
        connections: count("SELECT count(*) FROM connections")?,
        upstream_connections: count("SELECT count(*) FROM upstream_connections")?,
        certificates: count("SELECT count(*) FROM certificates")?,
        messages: count("SELECT count(*) FROM messages")?,
        oldest_at: at("ASC")?,
        newest_at: at("DESC")?,
        gaps: gaps(&connection)?,
        path,
    })
}

/// The version of a recording's schema, which is known at once.
///
/// # Errors
/// As for [`info`].
pub fn schema(path: &Path) -> Result<i64, StoreError> {
    value(&reader(&absolute(path)?)?, "SELECT max(version) FROM _sqlx_migrations")
}

fn gaps(connection: &Connection) -> Result<Vec<GapInfo>, StoreError> {
    let mut statement =
        connection.prepare("SELECT from_at, until_at, reason, exchanges FROM gaps ORDER BY id")?;
    let gap = |row: &rusqlite::Row<'_>| {
        let exchanges = row.get::<_, i64>(3)?;
        let exchanges = u64::try_from(exchanges).unwrap_or(0);
        Ok(GapInfo { from: row.get(0)?, until: row.get(1)?, reason: row.get(2)?, exchanges })
    };
    let gaps = statement.query_map([], gap)?.collect::<Result<_, _>>()?;
    Ok(gaps)
}
