//! Errors of the database, worded for the person who has to mend it.

use std::io;
use std::path::PathBuf;

use dashcam_exchange::GapReason;

/// SQLite's primary result codes that are told apart (<https://sqlite.org/rescode.html>).
mod code {
    pub(super) const PERM: i32 = 3;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const READONLY: i32 = 8;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const IOERR: i32 = 10;
    pub(super) const PROTOCOL: i32 = 15;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const NOTADB: i32 = 26;
    /// Extended: the shared-memory file beside the WAL could not grow, which happens on a full disk.
    pub(super) const IOERR_SHMSIZE: i32 = 10 | 19 << 8;
}

/// Why the store refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the database open for writing.
    #[error("another dashcam records to {path}: stop it first, or choose another file with --db")]
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// A newer dashcam wrote the database. It was not changed.
    #[error(
        "{path} was written by a newer dashcam (schema {found}, this one knows {known}): \
        use that version, or choose another file with --db"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema's version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// Others than we could change the database, or put another in its place.
    #[error(transparent)]
    Exposed(#[from] crate::Exposed),
    /// The schema is not what a dashcam made. It was not changed.
    #[error(
        "the database holds {what}, which dashcam did not make and which could act on its own: do not trust this file, or, if you made that \
        yourself, remove it with sqlite3"
    )]
    ForeignSchema {
        /// The object that dashcam did not make.
        what: String,
    },
    /// The file is there, and no recording was begun in it.
    #[error("{path} has no recording yet: check the path, or start `dashcam serve` to begin one there")]
    Empty {
        /// The database.
        path: PathBuf,
    },
    /// There is nothing to read.
    #[error("there is no recording at {path}: check the path, or start `dashcam serve` to begin one")]
    Missing {
        /// The database.
        path: PathBuf,
    },
    /// The file is something else. It was not changed.
    #[error("{path} is not an SQLite database: choose another file with --db, or move this one away")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is another program's database. It was not changed.
    #[error("{path} is another program's database: choose another file with --db")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The database or its lock cannot be opened or created.
    #[error(
        "{path} cannot be opened for writing ({source}): check the folder, its owner and its permissions"
    )]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// This program was linked with an SQLite that is known to corrupt databases in WAL mode.
    #[error("this dashcam was built with SQLite {found}, which can corrupt a recording: 3.51.3 is needed")]
    OldSqlite {
        /// SQLite's version.
        found: String,
    },
    /// The disk is full.
    #[error("the disk is full: make room on it")]
    DiskFull,
    /// The disk failed, or the file became read-only or vanished.
    #[error(
        "the disk refuses to read or write the database ({0}): check the disk and the file's permissions"
    )]
    Disk(Box<dyn std::error::Error + Send + Sync>),
    /// The database's file was deleted or replaced while it was written.
    #[error("{path} was deleted or replaced while dashcam records to it")]
    Gone {
        /// Where it was.
        path: PathBuf,
    },
    /// The database's file was deleted or replaced, and dashcam can't go on with what is there now.
    #[error("{path} was deleted or replaced while dashcam records to it, and it can't go on there: {source}")]
    NotTaken {
        /// Where it was.
        path: PathBuf,
        /// Why not.
        source: Box<Self>,
    },
    /// The file that replaced the database is a recording that goes on beyond ours: numbers would be used twice.
    #[error(
        "the recording that is there now has ids up to {found}, beyond those of this run: start dashcam again"
    )]
    Ahead {
        /// The highest of its numbers.
        found: i64,
    },
    /// Another program holds the database locked.
    #[error("another program keeps the database locked: end it (sqlite3, a backup …)")]
    Busy,
    /// The database is damaged, or holds what no dashcam writes.
    #[error(
        "the database is damaged ({0}): stop dashcam and run `dashcam db repair`, which saves what can be read"
    )]
    Damaged(String),
    /// The first page of the database, which says what is where, cannot be read. It was not changed.
    #[error(
        "{path} is damaged at its beginning, and `db repair` cannot read it: put a copy in its place, or try `sqlite3 FILE .recover`"
    )]
    BeyondRepair {
        /// The database.
        path: PathBuf,
    },
    /// There is not enough room on the disk for what was asked. Nothing was changed.
    #[error(
        "{} has {} MiB free, and {} MiB are needed: make room there, or delete exchanges",
        path.parent().unwrap_or(path).display(), available >> 20, needed.div_ceil(1 << 20)
    )]
    NoRoom {
        /// The database.
        path: PathBuf,
        /// Bytes that are needed beside it.
        needed: u64,
        /// Bytes that are free there.
        available: u64,
    },
    /// An archive of another recording: the same numbers mean other exchanges there. It was not changed.
    #[error("{path} is an archive of another recording: choose another file with --to")]
    OtherRecording {
        /// The archive.
        path: PathBuf,
    },
    /// A number is beyond what the database can hold.
    #[error("{0} is beyond what the database can hold")]
    OutOfRange(&'static str),
    /// The database could not be opened yet; that is tried again.
    #[error("the database can't be opened: {why}")]
    NotOpen {
        /// The error of the last try.
        why: String,
    },
    /// The store is closed or was opened to be read only.
    #[error("the recording is not open for writing")]
    Closed,
    /// The schema could not be brought up to date. The database is as it was.
    #[error("the schema cannot be brought up to date: {0}")]
    Migrate(Box<sqlx::migrate::MigrateError>),
    /// SQLite refused for another reason.
    #[error("the database refused: {0}")]
    Sql(Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Why exchanges are missing that an append with this error did not store.
    #[must_use]
    pub fn gap_reason(&self) -> GapReason {
        match self {
            Self::DiskFull => GapReason::DiskFull,
            Self::NotTaken { source, .. } => source.gap_reason(),
            _ if self.keeps_batch() => GapReason::DiskError,
            _ => GapReason::RecorderFault,
        }
    }

    /// Returns whether a batch that was refused with this error is kept: the fault is not in the batch, so it
    /// may be stored later.
    #[must_use]
    pub fn keeps_batch(&self) -> bool {
        !matches!(self, Self::Sql(_) | Self::OutOfRange(_) | Self::Migrate(_) | Self::OldSqlite { .. })
    }

    /// Returns whether a database that could not be opened for this reason may be opened later: by itself, or
    /// because somebody mends the disk, a permission or the file. Else dashcam can't record to this file.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unwritable { .. }
                | Self::DiskFull
                | Self::Disk(_)
                | Self::Gone { .. }
                | Self::Busy
                | Self::Damaged(_)
        )
    }

    /// The error for a file that the system does not open for writing.
    pub(crate) fn unwritable(path: &std::path::Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Unwritable { path: path.to_owned(), source },
        }
    }

    /// The error for one of sqlx while opening `path`.
    pub(crate) fn opening(error: sqlx::Error, path: &std::path::Path) -> Self {
        let path = path.to_owned();
        match result_code(&error).map(|code| code & 0xff) {
            Some(code::CANTOPEN | code::PERM | code::READONLY) => {
                Self::Unwritable { path, source: io::Error::other(error) }
            }
            _ => Self::from(error),
        }
    }

    /// The error for an extended result code of SQLite.
    fn refused(code: i32, error: impl std::error::Error + Send + Sync + 'static) -> Self {
        if code == code::IOERR_SHMSIZE {
            return Self::DiskFull;
        }
        match code & 0xff {
            code::FULL => Self::DiskFull,
            code::IOERR | code::READONLY | code::CANTOPEN | code::PERM | code::NOMEM => {
                Self::Disk(error.into())
            }
            code::BUSY | code::LOCKED | code::PROTOCOL => Self::Busy,
            code::CORRUPT | code::NOTADB => Self::Damaged(error.to_string()),
            _ => Self::Sql(error.into()),
        }
    }

    /// Returns whether SQLite could not make the files that a database in WAL mode needs beside it.
    pub(crate) fn needs_files(error: &sqlx::Error) -> bool {
        let code = result_code(error);
        // The last where a full disk has no room for them.
        matches!(code.map(|code| code & 0xff), Some(code::CANTOPEN | code::READONLY))
            || code == Some(code::IOERR_SHMSIZE)
    }
}

impl StoreError {
    /// The same of an error of the other kind of connection.
    pub(crate) fn lacks_files(error: &rusqlite::Error) -> bool {
        let code = error.sqlite_error().map(|error| error.extended_code & 0xff);
        matches!(code, Some(code::CANTOPEN | code::READONLY))
    }
}

/// From what reads.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // A new file gets its tables one after the other.
        if error.as_database_error().is_some_and(|error| error.message().starts_with("no such table: ")) {
            return Self::NotOpen { why: "it is being created again".to_owned() };
        }
        if let Some(code) = result_code(&error) {
            return Self::refused(code, error);
        }
        match error {
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Damaged(error.to_string()),
            other => Self::Sql(other.into()),
        }
    }
}

/// From what writes.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map(|error| error.extended_code) {
            Some(code) => Self::refused(code, error),
            None => Self::Sql(error.into()),
        }
    }
}

/// SQLite's extended result code.
fn result_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
