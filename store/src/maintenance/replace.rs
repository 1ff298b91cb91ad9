//! A repaired recording takes the place of the damaged one, which stays under another name.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::file::path::beside;

/// Puts `repaired`, a closed database, where `path` is; says where the damaged one is now.
///
/// At each moment there is a database at `path`, and the damaged one is whole but for the moment in which its write-ahead
/// log has its new name already: then it is whole under that name.
pub(super) fn swap(path: &Path, repaired: &Path) -> Result<PathBuf, StoreError> {
    let damaged = free_name(path);
    let swapped = || -> io::Result<()> {
        File::open(repaired)?.sync_all()?;
        // A second name for the same file; where the system has none such, the name moves.
        fs::hard_link(path, &damaged).or_else(|_| fs::rename(path, &damaged))?;
        // Its log must not be taken for the repaired one's.
        existing(fs::rename(beside(path, "-wal"), beside(&damaged, "-wal")))?;
        existing(fs::remove_file(beside(path, "-shm")))?;
        fs::rename(repaired, path)?;
        File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
    };
    swapped().map_err(|source| StoreError::Unwritable { path: path.to_owned(), source })?;
    Ok(damaged)
}

/// `PATH.damaged-N` with the lowest N that is free.
fn free_name(path: &Path) -> PathBuf {
    let mut names = (1..).map(|number: u64| beside(path, &format!(".damaged-{number}")));
    names.find(|name| !name.exists()).unwrap_or_else(|| beside(path, ".damaged"))
}

fn existing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
