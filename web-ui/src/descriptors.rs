//! The descriptors of Protocol Buffers in the home: one set, which views read bodies with.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use dashcam_views::content::Descriptors;
use tokio::task::spawn_blocking;

use crate::home_file;

/// The set in the home. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct StoredDescriptors {
    path: Arc<PathBuf>,
    read: Arc<Mutex<Option<Known>>>,
}

/// A set that was read, and the file that it was read from.
#[derive(Debug, Clone)]
struct Known {
    modified: Option<SystemTime>,
    size: u64,
    set: Arc<Descriptors>,
}

impl StoredDescriptors {
    pub(crate) fn of_home(home: &Path) -> Self {
        Self { path: Arc::new(home.join(Descriptors::FILE)), read: Arc::default() }
    }

    /// The set, and its size in bytes; `None` where there is none that can be read. A file that somebody copied there counts
    /// at once.
    pub(crate) async fn current(&self) -> Option<(Arc<Descriptors>, u64)> {
        let this = self.clone();
        spawn_blocking(move || this.look()).await.ok()?
    }

    fn look(&self) -> Option<(Arc<Descriptors>, u64)> {
        let meta = std::fs::metadata(&*self.path).ok()?;
        let (modified, size) = (meta.modified().ok(), meta.len());
        let known = self.read.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| (known.modified, known.size) == (modified, size)) {
            return Some((known.set, size));
        }
        if size > Descriptors::LARGEST as u64 {
            tracing::warn!(path = %self.path.display(), size, "the descriptors are too large: they are not read");
            return None;
        }
        let set = match Descriptors::read(&std::fs::read(&*self.path).ok()?) {
            Ok(set) => Arc::new(set),
            Err(error) => {
                tracing::warn!(%error, path = %self.path.display(), "the descriptors can't be read");
                return None;
            }
        };
        let known = Known { modified, size, set: Arc::clone(&set) };
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Some((set, size))
    }

    /// Keeps a set, in place of the one that is there.
    pub(crate) async fn keep(&self, bytes: Vec<u8>) -> io::Result<()> {
        let this = self.clone();
        let written = spawn_blocking(move || {
            home_file::replace(&this.path, &bytes)?;
            // A file that was replaced within a tick of the clock looks as it did before.
            *this.read.lock().unwrap_or_else(PoisonError::into_inner) = None;
            Ok(())
        });
        written.await.map_err(io::Error::other)?
    }

    /// Removes the set; `false` if there is none.
    pub(crate) async fn remove(&self) -> io::Result<bool> {
        match tokio::fs::remove_file(&*self.path).await {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
