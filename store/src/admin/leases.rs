//! Leases in, as they are put, used and ended.

use super::Admin;
use crate::StoreError;
use crate::rows::leases::{self, Lease, LeaseEnd, LeaseUse};
use crate::state::WriterState;

impl Admin {
    /// Keeps a lease, in place of the one that has its number; one with the number 0 is new and gets a number. Returns
    /// that.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_lease(&self, lease: Lease) -> Result<i64, StoreError> {
        let work =
            move |state: &mut WriterState| state.transaction(|connection| leases::put(connection, &lease));
        self.0.run(work).await
    }

    /// Notes what leases have used so far, each by its number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note_lease_use(&self, used: Vec<(i64, LeaseUse)>) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            state.transaction(|connection| leases::note_use(connection, &used))
        };
        self.0.run(work).await
    }

    /// Ends a lease, with what it has used in the end; `false` if there is none of that number, or it has ended.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_lease(&self, id: i64, used: LeaseUse, end: LeaseEnd) -> Result<bool, StoreError> {
        let work = move |state: &mut WriterState| {
            state.transaction(|connection| {
                let ended = leases::end(connection, id, &end)?;
                if ended {
                    leases::note_use(connection, &[(id, used)])?;
                }
                Ok(ended)
            })
        };
        self.0.run(work).await
    }
}
