//! The file of a database, and the lock beside it that keeps a second writer out.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use crate::StoreError;
use crate::file::exposure::private_file;
use crate::file::path::lock_path;

/// The bytes with which every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Takes the lock that keeps a second writer out; it is held until the file is closed.
pub(crate) fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = lock_path(path);
    let unwritable = |source| StoreError::unwritable(&lock_path, source);
    let file = private_file(&lock_path).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unwritable(source)),
    }
}

/// Makes sure that there is a file, which only its owner can read: it holds secrets that passed.
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    private_file(path).map_err(|source| StoreError::unwritable(path, source))?;
    check_magic(path)
}

pub(crate) fn check_magic(path: &Path) -> Result<(), StoreError> {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    match read {
        Ok(_) if start.is_empty() || start == MAGIC => Ok(()),
        Ok(_) => Err(StoreError::NotADatabase { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(StoreError::Missing { path: path.to_owned() })
        }
        Err(source) => Err(StoreError::unwritable(path, source)),
    }
}
