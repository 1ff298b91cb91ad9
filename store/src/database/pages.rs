//! How full the database is.

use rusqlite::Connection;

use crate::StoreError;

/// The pages of a database's file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pages {
    /// All of them.
    pub(crate) all: u64,
    /// Those that nothing is stored in.
    pub(crate) free: u64,
    /// Bytes of each.
    pub(crate) size: u64,
}

impl Pages {
    /// As `connection` sees them.
    pub(crate) fn of(connection: &Connection) -> Result<Self, StoreError> {
        let pragma = |name: &str| -> Result<u64, StoreError> {
            let number: i64 = connection.prepare_cached(name)?.query_row([], |row| row.get(0))?;
            Ok(u64::try_from(number).unwrap_or(0))
        };
        Ok(Self {
            all: pragma("PRAGMA page_count")?,
            free: pragma("PRAGMA freelist_count")?,
            size: pragma("PRAGMA page_size")?,
        })
    }

    /// Bytes of the file.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.all * self.size
    }

    /// Bytes of the pages in use.
    pub(crate) fn used_bytes(&self) -> u64 {
        self.all.saturating_sub(self.free) * self.size
    }

    /// Bytes of the free pages.
    pub(crate) fn free_bytes(&self) -> u64 {
        self.free * self.size
    }
}
