//! Sealed secrets that are forgotten before their time is over.

use super::Admin;
use crate::StoreError;
use crate::jobs;
use crate::rows::seals::Chosen;

impl Admin {
    /// Overwrites and deletes sealed secrets, so that nobody can put them back; says how many there were. In steps, between
    /// which appends have their turn.
    ///
    /// # Errors
    /// When the database cannot be written; those that are forgotten until then stay forgotten.
    pub async fn forget_seals(&self, which: Chosen) -> Result<u64, StoreError> {
        let writer = self.0.writer().await?;
        let mut forgotten = 0;
        loop {
            let which = which.clone();
            let step = writer.run(move |state| jobs::seals::forget(state, &which)).await?;
            forgotten += step.forgotten;
            if !step.more {
                break;
            }
        }
        writer.run(jobs::seals::rewrite).await?;
        writer.run(jobs::delete::wipe_log).await?;
        Ok(forgotten)
    }
}
