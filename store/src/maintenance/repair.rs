//! Repair: rows that do not agree are mended in place; of a file that SQLite cannot read, what can be read is copied to a
//! new one, which takes its place.

use std::path::{Path, PathBuf};

use dashcam_exchange::GapReason;
use rusqlite::{Connection, OptionalExtension as _};

use super::access::{identify, reader, reader_of_damaged, version};
use super::check::{check, checked};
use super::fix_counts::mend;
use super::recover::{Copied, Salvaged, books, salvage};
use super::replace::swap;
use crate::StoreError;
use crate::database::connect::write_to;
use crate::database::upgrade::migrate;
use crate::database::version::known;
use crate::file::database::{create, lock};
use crate::file::exposure::refuse_exposed_database;
use crate::file::path::{absolute, beside};
use crate::file::room::{available, refuse_too_little};

/// The outcome of a repair.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Sentences about what was mended; none if all was sound.
    pub done: Vec<String>,
    /// The rows that were copied from the damaged file, table by table; none if it was mended in place.
    pub salvaged: Vec<Salvaged>,
    /// Exchanges that are lost, as far as can be told.
    pub lost: u64,
    /// Where the damaged file is now.
    pub damaged: Option<PathBuf>,
}

/// Repairs the recording at `path`.
///
/// # Errors
/// When a dashcam has it open to write, when it is no recording or a newer dashcam's, when nothing of it can be read, or when
/// there is no room for what can be. It is as it was, then.
pub async fn repair(path: &Path) -> Result<Repaired, StoreError> {
    let path = absolute(path)?;
    identify(&path)?;
    refuse_exposed_database(&path)?;
    let _lock = lock(&path)?;
    let found = check(&path, true)?;
    if found.problems.is_empty() {
        return Ok(Repaired::default());
    }
    if !found.is_damaged() {
        let mut done = up_to_date(&path).await?;
        let connection = write_to(&path)?;
        done.extend(mend(&connection)?);
        connection.close().map_err(|(_, error)| error)?;
        return Ok(Repaired { done, ..Repaired::default() });
    }
    let size = std::fs::metadata(&path).map_or(0, |file| file.len());
    refuse_too_little(&path, available(&path)?, size)?;
    let unfinished = beside(&path, ".repairing");
    remove(&unfinished);
    let repaired = rebuild(&path, &unfinished).await;
    let damaged = repaired.and_then(|repaired| Ok((swap(&path, &unfinished)?, repaired)));
    remove(&unfinished);
    let (damaged, repaired) = damaged?;
    Ok(Repaired { damaged: Some(damaged), ..repaired })
}

/// Brings the schema of an older dashcam up to date, as what is to be written has to be of this one; says so.
async fn up_to_date(path: &Path) -> Result<Vec<String>, StoreError> {
    let (found, known) = (version(&reader(path)?, path)?, known());
    if found == known {
        return Ok(Vec::new());
    }
    migrate(path).await?;
    Ok(vec![format!("the schema, an older dashcam's ({found}), is up to date now ({known})")])
}

/// Copies what can be read of `path` to `unfinished`, and mends it.
async fn rebuild(path: &Path, unfinished: &Path) -> Result<Repaired, StoreError> {
    create(unfinished)?;
    migrate(unfinished).await?;
    let beyond = |error| match error {
        StoreError::Damaged(_) => StoreError::BeyondRepair { path: path.to_owned() },
        other => other,
    };
    let source = reader_of_damaged(path).map_err(beyond)?;
    let target = write_to(unfinished)?;
    let copied = salvage(&source, &target).map_err(beyond)?;
    let said = books(&source, &target)?;
    drop(source);
    let lost = add_gaps(&target, &copied, said)?;
    let done = mend(&target)?;
    // What takes the place of something else is to be better.
    if let Some(problem) = checked(&target, true)?.problems.first() {
        return Err(StoreError::Damaged(format!("the repaired copy is not sound: {problem:?}")));
    }
    target.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)?;
    Ok(Repaired { done, salvaged: copied.iter().map(Copied::told).collect(), lost, damaged: None })
}

/// Says in the recording itself what it misses; counts exchanges. Where the recording said how many there were, no more
/// are counted than are missing: between two that can be read others may have been deleted.
fn add_gaps(target: &Connection, copied: &[Copied], said: Option<i64>) -> Result<u64, StoreError> {
    let last: i64 = target.query_row("SELECT last_exchange FROM meta", [], |row| row.get(0))?;
    let found: i64 = target.query_row("SELECT count(*) FROM exchange_rows", [], |row| row.get(0))?;
    let mut missing = said.map_or(i64::MAX, |said| (said - found).max(0));
    let mut lost = 0;
    for table in copied {
        for (first, end) in table.lost() {
            let numbers =
                if table.is_exchanges() { (end.min(last) - first + 1).clamp(0, missing) } else { 0 };
            if table.is_exchanges() && numbers == 0 {
                continue;
            }
            missing -= numbers;
            lost += numbers;
            add_gap(target, (first, end), numbers)?;
        }
    }
    Ok(u64::try_from(lost).unwrap_or(0))
}

/// From the last exchange before it until the first one behind it.
fn add_gap(target: &Connection, (first, end): (i64, i64), exchanges: i64) -> Result<(), StoreError> {
    let before = "SELECT started_at FROM exchange_rows WHERE id <= ? ORDER BY id DESC LIMIT 1";
    let behind = "SELECT started_at FROM exchange_rows WHERE id >= ? ORDER BY id LIMIT 1";
    let at = |sql, id| target.prepare_cached(sql)?.query_row([id], |row| row.get::<_, i64>(0)).optional();
    let (before, behind) = (at(before, first)?, at(behind, end)?);
    let Some(from) = before.or(behind) else { return Ok(()) };
    let until = behind.unwrap_or(from).max(from);
    let insert = "INSERT INTO gaps (from_at, until_at, reason, exchanges) VALUES (?, ?, ?, ?)";
    target.prepare_cached(insert)?.execute((from, until, GapReason::DiskError.as_str(), exchanges))?;
    Ok(())
}

/// Removes the files that an earlier repair left, or this one.
fn remove(unfinished: &Path) {
    for ending in ["", "-wal", "-shm"] {
        // Mostly there is none.
        let _ = std::fs::remove_file(beside(unfinished, ending));
    }
}
