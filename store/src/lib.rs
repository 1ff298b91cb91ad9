//! The recording on disk: the only crate that knows SQL.
//!
//! [`Store`] is a cheap handle: one connection that writes, on a thread of its own, and a few that read, so that
//! readers never wait for the writer nor it for them.
//!
//! A column of floors, each of which knows those below: `file` (what lies on the disk), `database` (connections and the
//! schema), `rows` (rows in and out, a file for each kind), `retention` (what keeps to the bounds), `state` (what the
//! writer knows from one job to the next), `jobs`, `writer` (the thread that does them), and the handle: `open` and
//! `open_retry`, `replaced_file`, `delete`, `read`. The schema is in `migrations/sqlite`; `docs/SCHEMA.md` explains it.

mod archive;
mod bodies;
mod database;
mod delete;
mod error;
#[cfg(test)]
mod fault_tests;
mod file;
mod gaps;
mod jobs;
mod list;
pub mod maintenance;
mod open;
mod open_retry;
mod pins;
mod read;
mod replaced_file;
mod retention;
mod rows;
mod state;
mod stream;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use dashcam_exchange::ExchangeId;
use tokio::sync::RwLock;

pub use archive::Archive;
pub use database::durability::Durability;
pub use error::StoreError;
pub use file::exposure::{Exposed, refuse_exposed_file, refuse_exposed_folder};
pub use gaps::LostHour;
use open_retry::Readers;
pub use read::Stamp;
use retention::Standing;
pub use retention::{Kept, Retention};
pub use rows::pack::Packing;
pub use rows::settings::SettingsChange;
use state::WriterState;
pub use stream::{MessagePage, MessagePreview};
use writer::Writer;

/// A recording. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    readers: RwLock<Readers>,
    file_since: database::readers::FileSince,
    /// `None` when closed, not open yet, or opened to be read only.
    writer: RwLock<Option<Writer>>,
    /// How the bounds are kept.
    standing: Arc<Standing>,
}

impl Store {
    /// Opens the recording at `path` for writing: creates it if there is none (readable by its owner only),
    /// brings its schema up to date, and marks what an earlier run left open as interrupted.
    ///
    /// # Errors
    /// When another process records to it, when the file is of a newer dashcam, of another program or no
    /// database at all (it is left as it was), or when it cannot be written.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let store = Self::unopened(path)?;
        store.attempt(&mut *store.shared.readers.write().await).await?;
        Ok(store)
    }

    /// Opens the recording at `path` to be read, also while another process writes it, and if an older dashcam wrote it.
    ///
    /// # Errors
    /// When there is none, or it is of a newer dashcam, or not dashcam's at all.
    pub async fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let path = absolute(path)?;
        let readers = RwLock::new(Readers::Open(database::readers::only_readers(&path).await?));
        let file_since = Arc::new(Mutex::new(Instant::now()));
        let (writer, standing) = (RwLock::new(None), Arc::default());
        Ok(Self { shared: Arc::new(Shared { path, readers, file_since, writer, standing }) })
    }

    /// Sets the bounds of the recording. They are kept from now on, or as soon as it is open, behind each append;
    /// [`Store::retain`] does it where nothing is appended.
    ///
    /// # Errors
    /// When the store is closed.
    pub async fn set_retention(&self, bounds: Retention) -> Result<(), StoreError> {
        self.shared.standing.keep_within(bounds);
        let work = move |state: &mut WriterState| {
            state.keeper.keep_within(bounds);
            Ok(())
        };
        match self.run(work).await {
            Err(StoreError::NotOpen { .. }) => Ok(()),
            set => set,
        }
    }

    /// Sets what a commit waits for, from the next one on.
    ///
    /// # Errors
    /// When the store is not open or can't be opened again.
    pub async fn set_durability(&self, durability: Durability) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            state.durability = durability;
            state.connection.as_ref().map_or(Ok(()), |connection| durability.set(connection))
        };
        self.run(work).await
    }

    /// Says how bodies are stored that come from now on.
    ///
    /// # Errors
    /// When the store is not open.
    pub async fn set_packing(&self, packing: Packing) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            state.packer.set(packing);
            Ok(())
        };
        self.run(work).await
    }

    /// Deletes the oldest exchanges that are beyond the bounds, in steps between which appends have their turn. Says
    /// how many went since the store was opened. A file that is gone is noticed, and a new one begun.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn retain(&self) -> Result<u64, StoreError> {
        if !self.run(|state| Ok(state.is_at_its_path())).await? {
            self.take_what_is_there().await?;
        }
        let writer = self.writer().await?;
        let step = |state: &mut WriterState| {
            state.keeper.look_again();
            let more = jobs::retain::keep(state)?;
            state.wipe_log();
            Ok((more, state.keeper.standing().deleted()))
        };
        loop {
            let (more, deleted) = writer.run(step).await?;
            if !more {
                return Ok(deleted);
            }
        }
    }

    /// Keeps a change of the settings.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn append_settings(&self, change: &SettingsChange) -> Result<(), StoreError> {
        let row = rows::settings::row(change);
        let work = move |state: &mut WriterState| {
            // Kept in any case: should there come to be a new file, it is to know them.
            state.known.settings = Some(row.clone());
            state.transaction(|connection| rows::settings::write(connection, &row))
        };
        self.run(work).await
    }

    /// Deletes an exchange with its bodies and messages; `false` if there is none. One that is still open
    /// is not stored any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn delete(&self, id: ExchangeId) -> Result<bool, StoreError> {
        Ok(delete::range(&*self.writer().await?, (id.0, id.0), true).await? > 0)
    }

    /// Deletes every exchange that is stored, with those that are `pinned` or without, in steps between which appends
    /// have their turn; says how many. Connections, gaps and the settings' history stay.
    ///
    /// # Errors
    /// When the database cannot be written; what was deleted until then stays deleted.
    pub async fn delete_all(&self, pinned: bool) -> Result<u64, StoreError> {
        delete::all(&*self.writer().await?, pinned).await
    }

    /// Has the thread that writes do `work`.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut WriterState) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer().await?.run(work).await
    }

    /// Where the database is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Writes everything into the database file and closes it, for all clones.
    pub async fn close(self) {
        let writer = self.shared.writer.write().await.take();
        self.shared.readers.write().await.close().await;
        if let Some(writer) = writer {
            // What can't be emptied now is brought over and deleted by whoever opens it next.
            let _ = writer.run(jobs::delete::wipe_log).await;
            writer.close().await;
        }
    }
}

/// Headers as they are stored, for benches/micro.
#[cfg(feature = "bench")]
#[doc(hidden)]
#[must_use]
pub fn headers_json(headers: &dashcam_exchange::Headers) -> String {
    rows::headers_json::encode(headers)
}

/// The same file whatever becomes of the working directory, and never one of SQLite's `file:` URIs.
fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(path).map_err(|source| StoreError::Unwritable { path: path.to_owned(), source })
}
