//! The sink of a recording: batches of what passed, in.

use std::sync::Arc;

use dashcam_exchange::{ExchangeId, Record, Timestamp};

use crate::StoreError;
use crate::jobs::append::append;
use crate::shared::Shared;
use crate::state::batch::Members;
use crate::state::queue::Addition;

/// The face of a recording that takes what passed. The writer of the recorder holds it.
#[derive(Debug, Clone)]
pub struct Sink(pub(crate) Arc<Shared>);

impl Sink {
    /// Stores `records` in one transaction.
    ///
    /// # Errors
    /// Nothing of `records` is stored then. They are kept if [`StoreError::keeps_batch`]: the next append stores them
    /// first, and is to be one of no records until that succeeds. Others may append meanwhile, of whom nothing is said
    /// here. Else they are lost: a body that so lost a piece is
    /// cut there and marked truncated when its exchange is stored later. A future that is dropped before its end leaves
    /// all of them or none.
    pub async fn append(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.add(Addition { records, members: None }, Addition::default()).await
    }

    /// Stores `records` of the flight recorder in one transaction, adds their exchanges to a snapshot, and those that are
    /// `kept` already, and pins them. All records of an exchange are to come in one call. Of one that is stored with its
    /// bodies nothing is stored again; one that is stored without them gets them.
    ///
    /// # Errors
    /// As for [`Sink::append`], and of what came by this call only: the next call of this one, with nothing to add, says what
    /// became of what was kept.
    pub async fn append_to_snapshot(
        &self,
        snapshot: i64,
        records: Vec<Record>,
        kept: Vec<ExchangeId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let members = move |exchanges| Some(Members { snapshot, exchanges, at });
        let nothing = Addition { records: Vec::new(), members: members(Vec::new()) };
        self.add(Addition { records, members: members(kept) }, nothing).await
    }

    /// Adds something. Where the file is gone, it is stored in the one that is there instead, and `nothing` is added then.
    async fn add(&self, addition: Addition, nothing: Addition) -> Result<(), StoreError> {
        let added = self.0.run(move |state| append(state, addition)).await;
        if !matches!(added, Err(StoreError::Gone { .. })) {
            return added;
        }
        self.0.take_what_is_there().await?;
        self.0.run(|state| append(state, nothing)).await
    }
}
