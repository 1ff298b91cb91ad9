//! Brings what was committed from the write-ahead log to its place in the database, on a thread of its own.
//!
//! SQLite alone does it behind the commit that makes the log long, and waits for the disk: sometimes for longer than the
//! recorder has room for what comes. Here the writer goes on meanwhile. What it adds is left for the next pass, and the last
//! bit it brings over itself: only while nobody writes can all of the log be done, and the log begin anew.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::StoreError;
use crate::open::write_to;

/// Pages (of 32 KiB) by which the log grows before a pass begins.
const MANY: u32 = 1000;
/// More is left to another pass, if that gets anywhere: the writer, who does the rest, waits for the disk only shortly.
const FEW: u32 = 256;
/// With so many the writer waits: the disk is slower than what comes.
const MOST: u32 = 8 * MANY;

/// The passes over one database.
#[derive(Debug, Default)]
pub(crate) struct Checkpoints {
    pass: Option<Pass>,
    /// What passes work with, while none is under way.
    connection: Option<Connection>,
    /// The same file, to wait for the disk: SQLite does only when a pass empties the log. Kept open, as closing it would
    /// take the locks of all connections to it (fcntl(2)).
    database: Option<Arc<File>>,
    /// Pages in the log when it was looked at last …
    pages: u32,
    /// … and when passes ended that could not empty it.
    tried: u32,
    /// That a pass failed was told.
    failing: bool,
}

/// A pass under way.
#[derive(Debug)]
struct Pass {
    thread: JoinHandle<Result<Connection, StoreError>>,
    /// Pages that were to be brought over when it began.
    pages: u32,
}

/// How long the log is.
#[derive(Debug, Clone, Copy)]
struct Log {
    pages: u32,
    /// Pages that were not brought over.
    left: u32,
}

impl Checkpoints {
    /// From now on the log is left to us when `connection` commits.
    pub(crate) fn leave_to_us(connection: &Connection) -> Result<(), rusqlite::Error> {
        // It answers with the new value.
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))
    }

    /// Does what is due behind a commit of `connection` to the database at `path`. A failure is told once, and does the
    /// commit no harm: the log grows until the disk takes it, or refuses that as well.
    pub(crate) fn behind_commit(&mut self, connection: &Connection, path: &Path) {
        let done = self.look(connection, path);
        let told = std::mem::replace(&mut self.failing, done.is_err());
        if let Err(error) = done
            && !told
        {
            tracing::warn!(%error, "the write-ahead log could not be brought into the database, and grows");
        }
    }

    fn look(&mut self, connection: &Connection, path: &Path) -> Result<(), StoreError> {
        let log = checkpoint(connection, "NOOP")?;
        if log.pages < self.pages {
            self.tried = 0;
        }
        self.pages = log.pages;
        let wait = log.left >= MOST;
        let Some(pass) = self.pass.take_if(|pass| wait || pass.thread.is_finished()) else {
            let due = self.pass.is_none() && log.pages >= self.tried + MANY;
            return if due { self.begin(log.left, connection, path) } else { Ok(()) };
        };
        // Where a reader or the disk holds it up, one more pass at once would do no more.
        self.tried = log.pages;
        self.connection = Some(end(pass.thread)?);
        if FEW < log.left && log.left < pass.pages / 2 {
            return self.begin(log.left, connection, path);
        }
        if checkpoint(connection, "PASSIVE")?.left == 0 {
            self.tried = 0;
        }
        Ok(())
    }

    /// Begins a pass; without a thread for it `connection` makes it.
    fn begin(&mut self, pages: u32, connection: &Connection, path: &Path) -> Result<(), StoreError> {
        match self.start(path) {
            Ok(thread) => self.pass = Some(Pass { thread, pages }),
            Err(_) => {
                checkpoint(connection, "PASSIVE")?;
            }
        }
        Ok(())
    }

    fn start(&mut self, path: &Path) -> Result<JoinHandle<Result<Connection, StoreError>>, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => write_to(path)?,
        };
        let database = match &mut self.database {
            Some(database) => database,
            none => none.insert(Arc::new(File::open(path).map_err(disk)?)),
        };
        let database = Arc::clone(database);
        let pass = move || {
            checkpoint(&connection, "PASSIVE")?;
            database.sync_data().map_err(disk)?;
            Ok(connection)
        };
        std::thread::Builder::new().name("checkpoint".to_owned()).spawn(pass).map_err(disk)
    }

    /// Waits for the pass under way, and closes its connection.
    pub(crate) fn close(&mut self) {
        if let Some(Err(error)) = self.pass.take().map(|pass| end(pass.thread)) {
            tracing::debug!(%error, "the last pass over the write-ahead log failed");
        }
        self.connection = None;
    }
}

fn end(pass: JoinHandle<Result<Connection, StoreError>>) -> Result<Connection, StoreError> {
    // A panic there was told of when it happened.
    pass.join().unwrap_or(Err(StoreError::Closed))
}

fn disk(error: std::io::Error) -> StoreError {
    StoreError::Disk(error.into())
}

/// `NOOP` only looks; `PASSIVE` brings over what it can without waiting for anybody but the disk.
fn checkpoint(connection: &Connection, mode: &str) -> Result<Log, StoreError> {
    let mut statement = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    // Whether another one was under way, pages in the log, those that are in their place; -1 without a log.
    let (pages, placed): (i64, i64) = statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    let number = |pages: i64| u32::try_from(pages).unwrap_or(0);
    Ok(Log { pages: number(pages), left: number(pages - placed) })
}
