//! The part of the bounds that others may know, without asking the thread that writes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use dashcam_exchange::Timestamp;

use super::bounds::Retention;
use crate::Store;
use crate::StoreError;

/// How the bounds of a recording are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The bounds.
    pub bounds: Retention,
    /// Bytes of the database that are in use; the rest of the file is written again.
    pub used: u64,
    /// Exchanges that went since the recording was opened.
    pub deleted: u64,
    /// Exchanges that are pinned.
    pub pinned: u64,
    /// When the oldest exchange began that is stored.
    pub oldest: Option<Timestamp>,
    /// Pinned exchanges alone take the room that there is.
    pub crowded: bool,
}

/// Written by the thread that writes.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    bounds: Mutex<Retention>,
    deleted: AtomicU64,
    crowded: AtomicBool,
}

impl Standing {
    pub(crate) fn keep_within(&self, bounds: Retention) {
        *self.bounds.lock().unwrap_or_else(PoisonError::into_inner) = bounds;
        self.set_crowded(false);
    }

    pub(super) fn bounds(&self) -> Retention {
        *self.bounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add_deleted(&self, exchanges: u64) {
        self.deleted.fetch_add(exchanges, Ordering::Relaxed);
    }

    /// Sets whether the recording is crowded, and returns whether it was before.
    pub(super) fn set_crowded(&self, crowded: bool) -> bool {
        self.crowded.swap(crowded, Ordering::Relaxed)
    }

    /// Exchanges that went so far.
    pub(crate) fn deleted(&self) -> u64 {
        self.deleted.load(Ordering::Relaxed)
    }
}

impl Store {
    /// How the bounds of the recording are kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn kept(&self) -> Result<Kept, StoreError> {
        let standing = &self.shared.standing;
        let sql = "SELECT (SELECT page_count FROM pragma_page_count), (SELECT freelist_count FROM pragma_freelist_count), \
            (SELECT page_size FROM pragma_page_size), (SELECT count(*) FROM pins), \
            (SELECT started_at FROM exchange_rows ORDER BY id LIMIT 1)";
        let row: (i64, i64, i64, i64, Option<i64>) =
            sqlx::query_as(sql).fetch_one(&*self.readers().await?).await?;
        let (pages, free, page, pinned, oldest) = row;
        Ok(Kept {
            bounds: standing.bounds(),
            used: u64::try_from(pages.saturating_sub(free).saturating_mul(page)).unwrap_or(0),
            deleted: standing.deleted(),
            pinned: u64::try_from(pinned).unwrap_or(0),
            oldest: oldest.map(Timestamp),
            crowded: standing.crowded.load(Ordering::Relaxed),
        })
    }
}
