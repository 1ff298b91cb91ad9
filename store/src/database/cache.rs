//! The part of the database that its writer keeps in memory.

use rusqlite::Connection;

use crate::StoreError;

/// An amount of memory for pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cache(u64);

impl Default for Cache {
    fn default() -> Self {
        Self(16 << 20)
    }
}

impl Cache {
    /// So many bytes, about.
    pub(crate) fn of(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Lets `connection` keep as much.
    pub(crate) fn set(self, connection: &Connection) -> Result<(), StoreError> {
        // Negative numbers are KiB, others pages.
        let kib = i64::try_from(self.0 / 1024).unwrap_or(i64::MAX);
        Ok(connection.pragma_update(None, "cache_size", -kib)?)
    }
}
