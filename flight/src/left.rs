//! Rings that killed runs have left, until they are saved or deleted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::reading::Left;
use crate::schedule::time;

/// A ring that a killed run has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftRing {
    /// Its name: `crash-` and the time of its last entry.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Its contents.
    pub left: Left,
    /// True while it is being saved.
    pub saving: bool,
}

impl LeftRing {
    /// The ring in the file at `path`.
    #[must_use]
    pub fn new(path: PathBuf, left: Left) -> Self {
        Self { name: format!("crash-{}", time(left.until)), path, left, saving: false }
    }
}

/// The rings that killed runs have left, the newest first. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct LeftRings(Arc<Mutex<Vec<LeftRing>>>);

impl LeftRings {
    /// These, in any order.
    #[must_use]
    pub fn new(mut rings: Vec<LeftRing>) -> Self {
        rings.sort_by_key(|ring| std::cmp::Reverse(ring.left.until));
        Self(Arc::new(Mutex::new(rings)))
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> Vec<LeftRing> {
        self.lock().clone()
    }

    /// The one of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<LeftRing> {
        self.lock().iter().find(|ring| ring.name == name).cloned()
    }

    /// Notes that one is being saved, or is not after all; `false` if that was so before, or there is none.
    pub fn set_saving(&self, name: &str, saving: bool) -> bool {
        let mut rings = self.lock();
        let ring = rings.iter_mut().find(|ring| ring.name == name && ring.saving != saving);
        ring.map(|ring| ring.saving = saving).is_some()
    }

    /// Deletes one with its file, which nobody needs any more.
    ///
    /// # Errors
    /// When the file can't be removed; it stays in the list then.
    pub fn remove(&self, name: &str) -> std::io::Result<()> {
        let mut rings = self.lock();
        if let Some(at) = rings.iter().position(|ring| ring.name == name) {
            std::fs::remove_file(&rings[at].path)?;
            rings.remove(at);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<LeftRing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{LastIds, Timestamp};

    use super::*;

    #[test]
    fn one_is_saved_once_and_deleted_with_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let ring = |until: i64| {
            let path = directory.path().join(until.to_string());
            std::fs::write(&path, "").unwrap();
            let (started_at, from, until) = (Timestamp(0), Timestamp(0), Timestamp(until * 1_000_000));
            let last = LastIds::default();
            LeftRing::new(path, Left { started_at, from, until, exchanges: 1, bytes: 1, damaged: 0, last })
        };
        let rings = LeftRings::new(vec![ring(1), ring(2)]);
        let name = "crash-1970-01-01T00-00-02";
        assert_eq!(rings.list()[0].name, name);
        assert!(rings.set_saving(name, true) && !rings.set_saving(name, true), "one at a time");
        assert!(rings.find(name).unwrap().saving && rings.find("crash-x").is_none());
        rings.remove(name).unwrap();
        rings.remove(name).unwrap();
        assert_eq!((rings.list().len(), directory.path().read_dir().unwrap().count()), (1, 1));
    }
}
