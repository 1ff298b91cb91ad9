//! The beginning and the end of a run.

use dashcam_exchange::Timestamp;

use super::Admin;
use crate::StoreError;
use crate::rows::runs::{self, Running};
use crate::state::WriterState;

impl Admin {
    /// Notes that a run of dashcam `version` began at a time. From now on it is noted with what is stored that it goes on.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn begin_run(&self, version: String, at: Timestamp) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            let id = state.transaction(|connection| runs::begin(connection, &version, at))?;
            state.run = Some(Running { id, version, seen_at: at });
            Ok(())
        };
        self.0.run(work).await
    }

    /// Notes that the run ended at a time; nothing if none was begun.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_run(&self, at: Timestamp) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            let Some(run) = state.run.take() else { return Ok(()) };
            state.transaction(|connection| runs::end(connection, run.id, at))
        };
        self.0.run(work).await
    }
}
