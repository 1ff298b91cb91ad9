//! Work that can wait: done behind the writer, a step at a time, while that has time and the disk has room.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::Admin;
use crate::StoreError;
use crate::jobs::backfill;

impl Admin {
    /// Does one step of the work on rows that migrations have left: a block of exchanges
    /// ([`Reader::backfills`](crate::Reader::backfills) says how much there is). False if there is nothing to do, or no
    /// time for it. Call it again and again, in the background.
    ///
    /// # Errors
    /// When the database cannot be read or written: nothing of the step is done, and it may be tried again.
    pub async fn backfill(&self) -> Result<bool, StoreError> {
        self.noted(self.backfill_step().await)
    }

    /// The CPU time that recording has taken on threads of its own since the start: writing, bringing the write-ahead log
    /// over, and work that can wait.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        self.0.cpu_time.read()
    }

    /// Says that such work waits for something outside, such as room on the disk, until it is tried again.
    pub fn hold_up(&self, why: String) {
        *self.held_up() = Some(why);
    }

    /// Returns whether the writer has no time for what can wait.
    pub(super) async fn is_held_up(&self) -> Result<bool, StoreError> {
        let obstacle = self.0.run(backfill::obstacle).await?;
        *self.held_up() = obstacle.map(str::to_owned);
        Ok(obstacle.is_some())
    }

    /// The outcome of a step. A failure is why such work waits.
    pub(super) fn noted<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        done.inspect_err(|error| self.hold_up(error.to_string()))
    }

    async fn backfill_step(&self) -> Result<bool, StoreError> {
        if self.is_held_up().await? {
            return Ok(false);
        }
        let Some(begun) = self.0.run(backfill::begin).await? else { return Ok(false) };
        let cpu_time = self.0.cpu_time.clone();
        let read = move |connection: &Connection| cpu_time.of(|| backfill::read(connection, begun));
        let step = self.0.search(read).await?;
        self.0.run(move |state| backfill::write(state, step)).await?;
        Ok(true)
    }

    fn held_up(&self) -> MutexGuard<'_, Option<String>> {
        self.0.held_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
