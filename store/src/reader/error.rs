//! Errors of reading, by what whoever reads can do about them.

use crate::StoreError;

/// Why a recording could not be read. The text is the [`StoreError`]'s.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not open yet. Opening it is tried again, and the pause of the recording says why it fails.
    #[error(transparent)]
    NotOpen(StoreError),
    /// The disk or another program keeps it from being read, or it is closed. That may pass.
    #[error(transparent)]
    Unavailable(StoreError),
    /// The bytes that were asked for can't be read, or make no sense: `dashcam db repair` saves the rest.
    #[error(transparent)]
    Damaged(StoreError),
    /// Something else is wrong that does not pass by itself: a fault in dashcam.
    #[error(transparent)]
    Fault(StoreError),
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotOpen { .. } => Self::NotOpen(error),
            StoreError::Damaged(_) => Self::Damaged(error),
            error if error.keeps_batch() => Self::Unavailable(error),
            error => Self::Fault(error),
        }
    }
}

impl From<ReadError> for StoreError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotOpen(error)
            | ReadError::Unavailable(error)
            | ReadError::Damaged(error)
            | ReadError::Fault(error) => error,
        }
    }
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}
