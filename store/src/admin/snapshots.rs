//! Snapshots in, and out again with their exchanges.

use dashcam_exchange::{ExchangeId, Timestamp};

use super::Admin;
use crate::StoreError;
use crate::rows::snapshots::{self, Snapshot};
use crate::state::WriterState;

/// Exchanges of a snapshot that go in one step.
const STEP: i64 = 250;

impl Admin {
    /// Keeps a new snapshot, without exchanges yet; returns its number, or `None` if its name is taken.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_snapshot(&self, snapshot: Snapshot) -> Result<Option<i64>, StoreError> {
        let work = move |state: &mut WriterState| {
            state.transaction(|connection| snapshots::put(connection, &snapshot))
        };
        self.0.run(work).await
    }

    /// Says of the snapshot with that number what it covers now, whether it is complete, its reason and its note; `false`
    /// if there is none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn change_snapshot(&self, snapshot: Snapshot) -> Result<bool, StoreError> {
        let work = move |state: &mut WriterState| {
            state.transaction(|connection| snapshots::change(connection, &snapshot))
        };
        self.0.run(work).await
    }

    /// Adds those of `ids` that are stored to a snapshot, which counts them, and pins them; says how many were not in it
    /// before.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_to_snapshot(
        &self,
        snapshot: i64,
        ids: Vec<ExchangeId>,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let work = move |state: &mut WriterState| {
            let added = state.transaction(|connection| snapshots::add(connection, snapshot, &ids, at))?;
            state.keeper.recount();
            Ok(added)
        };
        self.0.run(work).await
    }

    /// Deletes a snapshot with its exchanges, but for those that a user pinned or that belong to another; says how many
    /// exchanges went, or `None` if there is no snapshot of that name.
    ///
    /// # Errors
    /// When the database cannot be written; what was deleted until then stays deleted.
    pub async fn delete_snapshot(&self, name: String) -> Result<Option<u64>, StoreError> {
        let find = move |state: &mut WriterState| {
            state.transaction(|connection| snapshots::id_of(connection, &name))
        };
        let Some(id) = self.0.run(find).await? else { return Ok(None) };
        let (mut deleted, mut after) = (0, 0);
        loop {
            let step = move |state: &mut WriterState| {
                state.transaction(|connection| snapshots::doomed(connection, (id, after), STEP))
            };
            let ids = self.0.run(step).await?;
            let Some(last) = ids.last() else { break };
            after = last.0;
            deleted += self.delete_step(ids, true).await?;
        }
        let remove = move |state: &mut WriterState| {
            state.transaction(|connection| snapshots::remove(connection, id))?;
            // The rest of it may go by the bounds.
            state.keeper.unpinned_many();
            Ok(())
        };
        self.0.run(remove).await?;
        self.finish_deleting().await?;
        Ok(Some(deleted))
    }
}
