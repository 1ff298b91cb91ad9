//! The way out when the database's file was deleted or replaced while it was written: a new one is begun in
//! its place, or the one that stands there is taken.
//!
//! Others that have the old file open go on with it undisturbed: SQLite does not touch files by their names
//! once the database is not at its own any more. Its `-wal` and `-shm` that still lie there are removed
//! first, because a new database must not take them for its own.

use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::Instant;

use rusqlite::Connection;
use tokio::runtime::Handle;

use crate::StoreError;
use crate::database::connect::transaction;
use crate::database::upgrade;
use crate::file::database::check_magic;
use crate::file::identity::Identity;
use crate::file::path::{beside, remove};
use crate::rows::body_key::BITS;
use crate::rows::interruption::interrupt_all;
use crate::rows::{arrivals, pack, segment};
use crate::shared::Shared;
use crate::state::WriterState;
use crate::state::known::{Known, now};

impl Shared {
    /// Begins a new database where the file is gone, or takes the one that stands there now.
    ///
    /// # Errors
    /// When the folder is gone as well, or the file is none that can be taken; what was to be stored is still kept.
    pub(crate) async fn take_what_is_there(&self) -> Result<(), StoreError> {
        let path = self.path.clone();
        let taken = async {
            if self.run(prepare).await? {
                bring_up_to_date(path.clone()).await?;
                self.run(take).await?;
                // Connections that are older have the old file.
                *self.file_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            }
            Ok(())
        };
        taken.await.map_err(|error: StoreError| match error {
            error if error.keeps_batch() => error,
            error => StoreError::NotTaken { path, source: error.into() },
        })
    }
}

/// On a thread of its own: what sqlx does there can't move between threads.
async fn bring_up_to_date(path: PathBuf) -> Result<(), StoreError> {
    let runtime = Handle::current();
    let work = move || runtime.block_on(upgrade::bring_up_to_date(&path));
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Closed))
}

/// Lets go of the old file, and of what lies beside the path and is not of the file there. False if there is nothing
/// to do: the file is back.
fn prepare(state: &mut WriterState) -> Result<bool, StoreError> {
    let path = state.path.clone();
    let there = match Identity::of(&path) {
        Ok(file) if file == state.file => return Ok(false),
        Ok(_) => true,
        Err(StoreError::Gone { .. }) => false,
        Err(error) => return Err(error),
    };
    state.keep_others_out()?;
    if there {
        check_magic(&path)?;
    }
    state.checkpoints.close(state.connection.as_ref());
    if let Some(connection) = state.connection.take() {
        // So that the old file is whole, wherever it is now.
        if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)") {
            tracing::debug!(%error, "the old database could not be completed");
        }
        drop(connection);
    }
    for (file, own) in ["-wal", "-shm"].into_iter().zip(state.beside) {
        let path = beside(&path, file);
        // Without a database they are nothing; beside another they may be its own.
        if !there || own.is_some_and(|own| Identity::of(&path).is_ok_and(|there| there == own)) {
            remove(&path)?;
        }
    }
    Ok(true)
}

/// Makes the file at the path the one that is written, if its numbers do not run ahead of ours.
fn take(state: &mut WriterState) -> Result<(), StoreError> {
    let path = state.path.clone();
    let file = Identity::of(&path)?;
    if file == state.file && state.connection.is_some() {
        // Somebody else took it meanwhile.
        return Ok(());
    }
    let connection = state.connect()?;
    let theirs = Known::of(&connection)?;
    if let Some(ahead) = theirs.last.iter().zip(state.known.last).find(|(theirs, ours)| **theirs > *ours) {
        return Err(StoreError::Ahead { found: *ahead.0 });
    }
    let mut known = state.known.clone();
    if theirs.settings.is_some() && theirs.settings == known.settings {
        known.settings = None;
    }
    let again = state.partial.ids();
    let run = state.run.clone();
    // Until that is done the file is none of ours: it is tried again.
    transaction(&connection, |connection| {
        interrupt_all(connection)?;
        forget(connection, &again)?;
        known.tell(connection)?;
        run.map(|run| run.begin_here(connection, now())).transpose()
    })
    .map(|run| state.run = run)?;
    state.take_over(file, connection);
    let waiting = state.queue.first.as_mut();
    state.partial.begin_anew(waiting);
    tracing::warn!(
        path = %path.display(),
        "the database's file was deleted or replaced; recording goes on in the one that is there now"
    );
    Ok(())
}

/// Deletes exchanges that are still under way, which an older copy may hold: they are stored again.
fn forget(connection: &Connection, ids: &[i64]) -> Result<(), StoreError> {
    let mut deleted = 0;
    for id in ids {
        pack::drop_bodies(connection, *id, *id)?;
        segment::forget(connection, [*id])?;
        deleted += connection.execute("DELETE FROM exchange_rows WHERE id = ?", [id])?;
        let pieces = [id << BITS, id << BITS | ((1 << BITS) - 1)];
        connection.execute("DELETE FROM body_rows WHERE key BETWEEN ? AND ?", pieces)?;
        connection.execute(arrivals::OF, pieces)?;
        connection.execute("DELETE FROM messages WHERE exchange = ?", [id])?;
        connection.execute("DELETE FROM orphans WHERE exchange = ?", [id])?;
        connection.execute("DELETE FROM pins WHERE exchange = ?", [id])?;
        connection.execute("DELETE FROM notes WHERE exchange = ?", [id])?;
        connection.execute("DELETE FROM snapshot_exchanges WHERE exchange = ?", [id])?;
    }
    let deleted = i64::try_from(deleted).unwrap_or(i64::MAX);
    connection.execute("UPDATE meta SET exchanges = max(0, exchanges - ?)", [deleted])?;
    Ok(())
}
