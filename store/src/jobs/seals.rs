//! Sealed secrets go when their time is over, or before if a user wants it. They are overwritten in the database, and the
//! write-ahead log is emptied behind them. As SQLite leaves copies in unused parts of pages where it moves rows from one to
//! another, the table is written once more now and then.

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
    if !state.seals.is_due() {
        return Ok(());
    }
    let gone = state.transaction(|connection| seals::expire(connection, now(), MOST))?;
    state.log_holds_deleted |= gone > 0;
    state.seals.went(gone as u64, gone == MOST);
    if gone < MOST && state.seals.leaves_copies() {
        let live = state.transaction(seals::count)?;
        if state.seals.is_worth_rewriting(live) {
            rewrite(state)?;
        }
    }
    Ok(())
}

/// Leaves no copies in unused parts of pages of those that went.
pub(crate) fn rewrite(state: &mut WriterState) -> Result<(), StoreError> {
    state.log_holds_deleted = true;
    state.transaction(seals::rewrite)?;
    state.seals.rewritten();
    Ok(())
}

/// Some of those that a user has chosen.
pub(crate) fn forget(state: &mut WriterState, which: &Chosen) -> Result<Step, StoreError> {
    // Records that wait for the disk may hold some.
    waiting::store(state)?;
    state.log_holds_deleted = true;
    let forgotten = state.transaction(|connection| seals::forget(connection, which, MOST))?;
    Ok(Step { forgotten: forgotten as u64, more: forgotten == MOST })
}
