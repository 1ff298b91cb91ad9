//! Nothing is left in the files but what the recording says.
//!
//! SQLite overwrites what a user has it delete. But where it moves rows from page to page it leaves copies in the unused parts
//! of pages, and what the bounds delete it does not overwrite (`state/wiping.rs`). So the whole database is written once more,
//! from its rows, in the place of all pages that there are.

use std::path::Path;

use rusqlite::Connection;

use crate::StoreError;
use crate::database::connect::write_to;
use crate::database::pages::Pages;
use crate::file::room::{available, refuse_too_little};
use crate::jobs::waiting;
use crate::state::WriterState;

/// The database is written to a temporary file, from there to the log, and from there to its place.
const COPIES: u64 = 2;

/// Writes the database once more. The log has all of its pages then.
pub(crate) fn rebuild(state: &mut WriterState) -> Result<(), StoreError> {
    waiting::store(state)?;
    state.log_holds_deleted = true;
    let used = state.transaction(|connection| Ok(Pages::of(connection)?.used_bytes()))?;
    refuse_too_little(&state.path, available(&state.path)?, used * COPIES)?;
    write_again(&state.path)?;
    (state.shrinks, state.is_shrinking) = (false, false);
    Ok(())
}

/// Over a connection of its own: the writer's keeps temporary files in memory.
fn write_again(path: &Path) -> Result<(), StoreError> {
    let connection: Connection = write_to(path)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    connection.execute_batch("PRAGMA temp_store = file; VACUUM")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Empties the log. False if somebody reads it: then it is tried again.
pub(crate) fn empty_log(state: &mut WriterState) -> Result<bool, StoreError> {
    state.wipe_log();
    Ok(!state.log_holds_deleted)
}
