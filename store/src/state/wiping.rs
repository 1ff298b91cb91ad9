//! Overwrites what users delete: in the database SQLite does it (`secure_delete`, set in `open`), and the
//! write-ahead log is emptied.

use rusqlite::Connection;

use crate::StoreError;
use crate::state::WriterState;

impl WriterState {
    /// As [`WriterState::transaction`], but what is deleted is not overwritten where that would have to be written to the disk: the
    /// bounds of the recording delete as much as comes.
    pub(crate) fn forgetting<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transaction(|connection| {
            overwrite_deleted(connection, "fast")?;
            let done = work(connection);
            overwrite_deleted(connection, "on")?;
            done
        })
    }

    /// Empties the write-ahead log, if what users deleted is in there still. Whoever reads it is not waited for long: then, or if
    /// the disk refuses, it is left to the next time.
    pub(crate) fn wipe_log(&mut self) {
        let Some(connection) = &self.connection else { return };
        if !self.log_holds_deleted || self.keeper.is_sweeping() {
            return;
        }
        match self.checkpoints.empty_log(connection) {
            Ok(emptied) => self.log_holds_deleted = !emptied,
            Err(error) => tracing::debug!(%error, "the write-ahead log could not be emptied"),
        }
    }
}

/// Says whether deleted bytes are overwritten: always (`on`), or only in pages that are written anyway (`fast`).
pub(crate) fn overwrite_deleted(connection: &Connection, how: &str) -> Result<(), StoreError> {
    // It has its effect when it is prepared, so it is each time. It answers with the new value.
    Ok(connection.query_row(&format!("PRAGMA secure_delete = {how}"), [], |_| Ok(()))?)
}
