//! The identity of a file: another one, or none, may come to stand at its path while it is written.

use std::fs::Metadata;
use std::io::ErrorKind;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::StoreError;

/// The numbers that tell a file from others, where the system has such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(Option<(u64, u64)>);

impl Identity {
    pub(crate) fn of(path: &Path) -> Result<Self, StoreError> {
        match std::fs::metadata(path) {
            Ok(file) => Ok(Self::of_file(&file)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(StoreError::Gone { path: path.to_owned() })
            }
            Err(error) => Err(StoreError::Disk(error.into())),
        }
    }

    #[cfg(unix)]
    pub(crate) fn of_file(file: &Metadata) -> Self {
        Self(Some((file.dev(), file.ino())))
    }

    #[cfg(not(unix))]
    pub(crate) fn of_file(_: &Metadata) -> Self {
        Self(None)
    }
}
