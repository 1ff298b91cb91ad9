//! Sealed secrets go when their time is over, or before if a user wants it. They are overwritten in the database, and the
//! write-ahead log is emptied behind them.

use crate::StoreError;
use crate::jobs::waiting;
use crate::rows::seals::{self, Chosen};
use crate::state::WriterState;
use crate::state::known::now;

/// Seals that go in one transaction.
const MOST: usize = 2000;

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// How many went.
    pub(crate) forgotten: u64,
    /// There may be more.
    pub(crate) more: bool,
}

/// Some of those whose time is over, if that was not looked at for a while.
pub(crate) fn expire(state: &mut WriterState) -> Result<(), StoreError> {
    if !state.keeper.looks_at_seals() {
        return Ok(());
    }
    let gone = state.transaction(|connection| seals::expire(connection, now(), MOST))?;
    state.log_holds_deleted |= gone > 0;
    state.keeper.looked_at_seals(gone > 0, gone == MOST);
    Ok(())
}

/// Some of those that a user has chosen.
pub(crate) fn forget(state: &mut WriterState, which: &Chosen) -> Result<Step, StoreError> {
    // What waits for the disk may hold some.
    waiting::store(state)?;
    state.log_holds_deleted = true;
    let forgotten = state.transaction(|connection| seals::forget(connection, which, MOST))?;
    Ok(Step { forgotten: forgotten as u64, more: forgotten == MOST })
}
