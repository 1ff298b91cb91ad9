//! The sink of a recording: batches of what passed, in.

use std::sync::Arc;

use dashcam_exchange::{ExchangeId, Record, Timestamp};

use crate::StoreError;
use crate::jobs::append::append;
use crate::jobs::snapshot;
use crate::shared::Shared;

/// The face of a recording that takes what passed. The writer of the recorder holds it.
#[derive(Debug, Clone)]
pub struct Sink(pub(crate) Arc<Shared>);

impl Sink {
    /// Stores `records` in one transaction.
    ///
    /// # Errors
    /// Nothing of `records` is stored then. They are kept if [`StoreError::keeps_batch`]: the next append stores them
    /// first, and is to be one of no records until that succeeds. Else they are lost: a body that so lost a piece is
    /// cut there and marked truncated when its exchange is stored later. A future that is dropped before its end leaves
    /// all of them or none.
    pub async fn append(&self, records: Vec<Record>) -> Result<(), StoreError> {
        let appended = self.0.run(move |state| append(state, records)).await;
        if !matches!(appended, Err(StoreError::Gone { .. })) {
            return appended;
        }
        self.0.take_what_is_there().await?;
        self.0.run(|state| append(state, Vec::new())).await
    }

    /// Stores `records` of the flight recorder in one transaction, adds their exchanges to a snapshot, and those that are
    /// `kept` already, and pins them. All records of an exchange are to come in one call. Of one that is stored with its
    /// bodies nothing is stored again; one that is stored without them gets them.
    ///
    /// # Errors
    /// As for [`Sink::append`].
    pub async fn append_to_snapshot(
        &self,
        snapshot: i64,
        records: Vec<Record>,
        kept: Vec<ExchangeId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.0.run(move |state| snapshot::append(state, (snapshot, at), records, kept)).await
    }
}
