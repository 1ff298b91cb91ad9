//! An archive: exchanges of a recording, moved to a database of their own.
//!
//! An exchange is on the archive's disk before it is deleted from the recording. So whatever ends a move
//! half-way, each exchange is in one of the two at least; one that is in both is deleted from the recording
//! by the next move.

mod packs;
mod rows;

use std::fs::File;
use std::path::{Path, PathBuf};

use dashcam_exchange::{ExchangeId, Timestamp};
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::database::connect::BUSY;
use crate::database::distrust::distrust;
use crate::database::upgrade::migrate;
use crate::database::version::{known, probe};
use crate::file::database::{create, lock};
use crate::file::exposure::refuse_exposed_database;
use crate::file::path::{absolute, uri};

/// An archive that exchanges are moved to.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    /// To the archive, with the recording beside it as `source`, to be read only.
    connection: Connection,
    /// Held open, and so locked.
    _lock: File,
}

impl Archive {
    /// Opens the archive at `path` of the recording at `source`, or begins one.
    ///
    /// # Errors
    /// When it is another recording's, or anything else that cannot be opened to write; when there is no recording.
    pub async fn open(path: &Path, source: &Path) -> Result<Self, StoreError> {
        let (path, source) = (absolute(path)?, absolute(source)?);
        refuse_exposed_database(&path)?;
        let lock = lock(&path)?;
        create(&path)?;
        let known = known();
        if let Some(found) = probe(&path).await?.filter(|found| *found > known) {
            return Err(StoreError::Newer { path, found, known });
        }
        migrate(&path).await?;
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri(&path), flags)?;
        connection.busy_timeout(BUSY)?;
        distrust(&connection)?;
        // Full: what is committed is on the disk.
        connection.execute_batch(
            "PRAGMA foreign_keys = off; PRAGMA synchronous = full; PRAGMA temp_store = memory",
        )?;
        connection.execute("ATTACH ? AS source", [format!("{}?mode=ro", uri(&source))])?;
        let archive = Self { path, connection, _lock: lock };
        archive.belong()?;
        // The name of a new file is to be on the disk as well.
        let folder = archive.path.parent().unwrap_or(Path::new("/"));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|source| StoreError::Unwritable { path: folder.to_owned(), source })?;
        Ok(archive)
    }

    /// Copies exchanges with all that belongs to them; when it returns, they are on the disk. Those that are there
    /// already, or are under way, or gone, are left out.
    ///
    /// # Errors
    /// When one with the same number and another content is there, or when it cannot be read or written. Nothing of
    /// `ids` is copied then.
    pub fn copy(&mut self, ids: &[ExchangeId]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        let mut copied = Vec::new();
        for ExchangeId(id) in ids {
            if rows::copy(&transaction, *id, &self.path)? {
                copied.push(*id);
            }
        }
        packs::copy(&transaction, &copied)?;
        rows::count(&transaction, copied.len())?;
        Ok(transaction.commit()?)
    }

    /// Copies the gaps before `before`, and closes the archive: it is one file then.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self, before: Timestamp) -> Result<(), StoreError> {
        let gaps = "INSERT OR IGNORE INTO main.gaps SELECT * FROM source.gaps WHERE until_at < ?";
        self.connection.execute(gaps, [before.0])?;
        self.connection.execute_batch("DETACH source")?;
        // Without the write-ahead log, whose files readers would need beside it.
        self.connection.query_row("PRAGMA journal_mode = delete", [], |_| Ok(()))?;
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }

    /// Makes sure that the archive is of this recording. A new one is from now on.
    fn belong(&self) -> Result<(), StoreError> {
        let of =
            "SELECT a.recording = s.recording, a.last_exchange = 0 FROM main.meta AS a, source.meta AS s";
        match self.connection.query_row(of, [], |row| Ok((row.get(0)?, row.get(1)?)))? {
            (true, _) => Ok(()),
            (false, true) => {
                let become_its = "UPDATE main.meta SET recording = (SELECT recording FROM source.meta)";
                self.connection.execute(become_its, [])?;
                Ok(())
            }
            (false, false) => Err(StoreError::OtherRecording { path: self.path.clone() }),
        }
    }
}
