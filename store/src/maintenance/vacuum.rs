//! Unused pages, given back to the file system.
//!
//! A few at a time, from the end of the file: what is in use there moves to the front, by way of the write-ahead log.
//! So it needs little room, a crash does no harm, and those who read the recording meanwhile need not notice.

use std::path::Path;

use super::access::{identify, reader, value};
use crate::StoreError;
use crate::database::connect::write_to;
use crate::file::database::lock;
use crate::file::exposure::refuse_exposed_database;
use crate::file::path::{absolute, beside};
use crate::file::room::{available, refuse_too_little};
use crate::rows::deletion;

/// Pages that are given back at once: 64 MiB.
const PAGES: u32 = 2048;
/// Each page that moves is written to the log, and pages that say where it is now.
const WRITTEN: u64 = 3;

/// The file's size before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vacuumed {
    /// Bytes of the file before.
    pub before: u64,
    /// Bytes of the file since.
    pub after: u64,
}

/// Gives the unused pages of the recording at `path` back.
///
/// # Errors
/// When a dashcam has it open to write, when it is no recording or a newer dashcam's, when there is too little room for the
/// write-ahead log, or when it cannot be written.
pub fn vacuum(path: &Path) -> Result<Vacuumed, StoreError> {
    let path = absolute(path)?;
    identify(&path)?;
    refuse_exposed_database(&path)?;
    let _lock = lock(&path)?;
    // To refuse what is none, or a newer dashcam's.
    drop(reader(&path)?);
    let connection = write_to(&path)?;
    let size = || {
        std::fs::metadata(&path).map_or(0, |file| file.len())
            + std::fs::metadata(beside(&path, "-wal")).map_or(0, |file| file.len())
    };
    let before = size();
    let page: i64 = value(&connection, "PRAGMA page_size")?;
    let checkpoint = || connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    checkpoint()?;
    loop {
        let free: i64 = value(&connection, "PRAGMA freelist_count")?;
        if free == 0 {
            break;
        }
        let pages = u64::try_from(free).unwrap_or(0).min(u64::from(PAGES));
        refuse_too_little(&path, available(&path)?, pages * WRITTEN * u64::try_from(page).unwrap_or(0))?;
        deletion::vacuum(&connection, PAGES)?;
        checkpoint()?;
        let left: i64 = value(&connection, "PRAGMA freelist_count")?;
        if left >= free {
            break;
        }
    }
    connection.close().map_err(|(_, error)| error)?;
    Ok(Vacuumed { before, after: size() })
}
