//! Stored exchanges get other content, and nothing of what they had is left.

use std::time::{Duration, Instant};

use super::Admin;
use crate::StoreError;
use crate::delete;
use crate::jobs;
use crate::jobs::rewrite::Rewrite;

/// How long readers of the write-ahead log are waited for.
const READERS: Duration = Duration::from_secs(30);
/// Between two looks at them.
const PAUSE: Duration = Duration::from_millis(100);

impl Admin {
    /// Rewrites exchanges that are stored and have ended, in one transaction: all of them or none, whatever ends dashcam
    /// meanwhile. The others are left out; says how many were not. SQLite overwrites what they had, and the write-ahead log
    /// is emptied at the next [`Admin::retain`], or by [`Admin::scrub`], which comes behind the last.
    ///
    /// # Errors
    /// When the database cannot be written, or the pack of a body makes no sense. Nothing is rewritten then.
    pub async fn rewrite(&self, all: Vec<Rewrite>) -> Result<u64, StoreError> {
        self.0.run(move |state| jobs::rewrite::rewrite(state, all)).await
    }

    /// Leaves nothing in the files but what the recording says: neither rows that were deleted or rewritten, nor copies of
    /// them in unused parts of pages, nor what the bounds deleted. Writes the whole database once more, and needs room for
    /// it twice meanwhile. What passes until then waits in memory. False if somebody reads the recording all the while, so
    /// that the write-ahead log and old pages are still there: then the next [`Admin::retain`] goes on.
    ///
    /// # Errors
    /// When there is too little room, or the database cannot be written.
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        let writer = self.0.writer().await?;
        delete::sweep(&writer).await?;
        writer.run(jobs::scrub::rebuild).await?;
        let began = Instant::now();
        while !writer.run(jobs::scrub::empty_log).await? {
            if began.elapsed() >= READERS {
                return Ok(false);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(true)
    }
}
