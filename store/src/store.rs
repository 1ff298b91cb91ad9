//! A recording: opened, closed, and its three faces.

use std::path::Path;
use std::sync::Arc;

use crate::StoreError;
use crate::admin::Admin;
use crate::database::readers::only_readers;
use crate::file::path::absolute;
use crate::jobs;
use crate::reader::Reader;
use crate::shared::{Readers, Shared};
use crate::sink::Sink;

/// A recording. Clones share it, and so do the handles to its three faces.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    sink: Sink,
    reader: Reader,
    admin: Admin,
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
        store.shared.attempt(&mut *store.shared.readers.write().await).await?;
        Ok(store)
    }

    /// Opens the recording at `path` to be read, also while another process writes it, and if an older dashcam wrote it.
    ///
    /// # Errors
    /// When there is none, or it is of a newer dashcam, or not dashcam's at all.
    pub async fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let path = absolute(path)?;
        let readers = Readers::Open(only_readers(&path).await?);
        Ok(Self::of(Shared::new(path, readers)))
    }

    /// The recording at `path`, to be opened by [`Store::try_open`]: until then it answers that it is not.
    ///
    /// # Errors
    /// When there is no such path.
    pub fn unopened(path: &Path) -> Result<Self, StoreError> {
        let readers = Readers::Refused { why: "it was not tried yet".to_owned(), meanwhile: None };
        Ok(Self::of(Shared::new(absolute(path)?, readers)))
    }

    /// Opens it as [`Store::open`] does, unless it is open. Where that fails it may be tried again, and what can be
    /// read can be read meanwhile.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub async fn try_open(&self) -> Result<(), StoreError> {
        let mut readers = self.shared.readers.write().await;
        let Err(error) = self.shared.attempt(&mut readers).await else { return Ok(()) };
        let meanwhile = only_readers(self.path()).await.ok();
        *readers = Readers::Refused { why: error.to_string(), meanwhile };
        Err(error)
    }

    fn of(shared: Shared) -> Self {
        let shared = Arc::new(shared);
        let each = || Arc::clone(&shared);
        Self { sink: Sink(each()), reader: Reader(each()), admin: Admin(each()), shared }
    }

    /// The face for the recorder: what passed, in.
    #[must_use]
    pub fn sink(&self) -> &Sink {
        &self.sink
    }

    /// The face for whoever looks at the recording.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The face for the operator: bounds, pins, deletion.
    #[must_use]
    pub fn admin(&self) -> &Admin {
        &self.admin
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
