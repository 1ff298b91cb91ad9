//! The descriptors of Protocol Buffers in the home: one set, which views read bodies with.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// A file that was read, and the set in it; `None` if it can't be read.
#[derive(Debug, Clone)]
struct Known {
    modified: Option<SystemTime>,
    size: u64,
    set: Option<Arc<Descriptors>>,
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
        let mut read = self.read();
        let meta = std::fs::metadata(&*self.path).ok()?;
        let (modified, size) = (meta.modified().ok(), meta.len());
        if let Some(known) = read.as_ref().filter(|known| (known.modified, known.size) == (modified, size)) {
            return Some((Arc::clone(known.set.as_ref()?), size));
        }
        // The system may read later a file that it can't read now.
        let found = match size > Descriptors::LARGEST as u64 {
            true => Err(format!("They are larger than {} MiB.", Descriptors::LARGEST >> 20)),
            false => Descriptors::read(&std::fs::read(&*self.path).ok()?).map_err(|error| error.to_string()),
        };
        let set = found.map(Arc::new).map_err(|why| {
            tracing::warn!(why, path = %self.path.display(), "the descriptors can't be read");
        });
        let set = set.ok();
        *read = Some(Known { modified, size, set: set.clone() });
        Some((set?, size))
    }

    /// The file that was read. Whoever looks at it, replaces it or removes it holds this: one at a time does.
    fn read(&self) -> MutexGuard<'_, Option<Known>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a set, in place of the one that is there.
    pub(crate) async fn keep(&self, bytes: Vec<u8>) -> io::Result<()> {
        let this = self.clone();
        let written = spawn_blocking(move || {
            let mut read = this.read();
            home_file::replace(&this.path, &bytes)?;
            // A file that was replaced within a tick of the clock looks as it did before.
            *read = None;
            Ok(())
        });
        written.await.map_err(io::Error::other)?
    }

    /// Removes the set; `false` if there is none.
    pub(crate) async fn remove(&self) -> io::Result<bool> {
        let this = self.clone();
        let removed = spawn_blocking(move || {
            let mut read = this.read();
            *read = None;
            match std::fs::remove_file(&*this.path) {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error),
            }
        });
        removed.await.map_err(io::Error::other)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets with the messages `A` and `B`.
    const SETS: [&[u8]; 2] = [b"\n\x05\x22\x03\n\x01A", b"\n\x05\x22\x03\n\x01B"];

    #[tokio::test]
    async fn a_file_that_cant_be_read_is_read_once() {
        let home = tempfile::tempdir().unwrap();
        let stored = StoredDescriptors::of_home(home.path());
        std::fs::write(&*stored.path, "nothing").unwrap();
        assert!(stored.current().await.is_none());
        // Were it read again, its set would be found: it looks as it did before.
        let modified = std::fs::metadata(&*stored.path).unwrap().modified().unwrap();
        let file = std::fs::File::create(&*stored.path).unwrap();
        std::fs::write(&*stored.path, SETS[0]).unwrap();
        file.set_modified(modified).unwrap();
        assert!(stored.current().await.is_none());
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(stored.current().await.is_some());
    }

    #[tokio::test]
    async fn sets_that_are_kept_at_once_are_each_whole() {
        let home = tempfile::tempdir().unwrap();
        let stored = StoredDescriptors::of_home(home.path());
        for _ in 0..20 {
            let [one, other] = SETS.map(|set| stored.keep(set.to_vec()));
            let (one, other) = tokio::join!(one, other);
            assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
            assert!(stored.current().await.is_some());
        }
    }
}
