//! Work on the rows of an older recording that goes on in the background.

use std::sync::PoisonError;

use crate::StoreError;
use crate::jobs;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::rows::backfills;

/// Work on rows that is not done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// Its name.
    pub name: String,
    /// Exchanges that it has gone through; those that were deleted count as well, but for `segments`.
    pub done: u64,
    /// Exchanges that it goes through altogether.
    pub total: u64,
    /// Why it waits at the moment.
    pub held_up: Option<String>,
}

impl Backfill {
    /// The name of the one that makes segments.
    pub const SEGMENTS: &str = "segments";
    /// All names that there are.
    pub const NAMES: [&str; 2] = [jobs::backfill::HOLDERS, Self::SEGMENTS];
}

impl Reader {
    /// The backfills of the recording that are not done: those that migrations have left, and the segments of a recording
    /// that was opened to be written, until all have been made once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn backfills(&self) -> Result<Vec<Backfill>, ReadError> {
        let held_up = self.0.held_up.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let rows = sqlx::query(backfills::ALL).fetch_all(&*self.0.readers().await?).await?;
        let rows: Vec<_> = rows.iter().map(backfills::read).collect::<Result<_, StoreError>>()?;
        let backfill = |row: backfills::Backfill| Backfill {
            done: row.last.abs_diff(row.next),
            total: row.last.abs_diff(row.first) + 1,
            name: row.name,
            held_up: held_up.clone(),
        };
        let mut all: Vec<_> = rows.into_iter().map(backfill).collect();
        if self.makes_segments().await {
            let (done, total) = (self.indexed().await?, self.count().await?);
            all.push(Backfill { name: Backfill::SEGMENTS.to_owned(), done: done.min(total), total, held_up });
        }
        Ok(all)
    }

    /// Returns whether segments of what was recorded before are still to be made.
    async fn makes_segments(&self) -> bool {
        let is_first = !self.0.indexing.lock().unwrap_or_else(PoisonError::into_inner).was_done();
        is_first && self.0.writer.read().await.is_some()
    }
}
