//! The choice of how much a power cut can take.

use rusqlite::Connection;

use crate::StoreError;

/// How much of what was stored outlives a power cut. What outlives the end of the process, however it came, is the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// All but what was stored since the latest checkpoint: the disk is not waited for.
    #[default]
    Normal,
    /// All that was stored: the disk is waited for with each batch.
    Full,
}

impl Durability {
    pub(crate) fn set(self, connection: &Connection) -> Result<(), StoreError> {
        let level = match self {
            Self::Normal => "PRAGMA synchronous = normal",
            Self::Full => "PRAGMA synchronous = full",
        };
        Ok(connection.execute_batch(level)?)
    }
}
