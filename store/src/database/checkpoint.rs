//! Brings what was committed from the write-ahead log to its place in the database, on a thread of its own.
//!
//! SQLite alone does it behind the commit that makes the log long, and waits for the disk: sometimes for longer than the
//! recorder has room for what comes. Here the writer goes on meanwhile. What it adds is left for the next pass, and the last
//! bit it brings over itself: only while nobody writes can all of the log be done, and the log start over.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::StoreError;
use crate::cpu_time::CpuTime;
use crate::database::connect::{BUSY, write_to};
use crate::file::identity::Identity;

/// Pages (of 32 KiB) by which the log grows before a pass begins.
const MANY: u32 = 1000;
/// More is left to another pass, if that gets anywhere: the writer, who does the rest, waits for the disk only shortly.
const FEW: u32 = 256;
/// With so many the writer waits: the disk is slower than what comes.
const MOST: u32 = 8 * MANY;
/// How long readers of the log are waited for where it is to be emptied.
const SHORTLY: Duration = Duration::from_millis(200);

/// The passes over one database.
#[derive(Debug, Default)]
pub(crate) struct Checkpoints {
    pass: Option<Pass>,
    /// The connection of passes, while none is under way.
    connection: Option<Connection>,
    /// The same file, to wait for the disk: SQLite does only when a pass empties the log. Kept open as long as we write
    /// it, as closing it takes the locks of all connections to it (fcntl(2)).
    database: Option<Arc<File>>,
    /// Pages in the log when it was looked at last …
    pages: u32,
    /// … and when passes ended that could not empty it.
    tried: u32,
    /// That a pass failed was told.
    failing: bool,
    /// True if pages that passes brought over may be lost: the log is kept as it is.
    kept: bool,
    pub(crate) sync: Sync,
    /// The account of passes.
    pub(crate) cpu_time: CpuTime,
}

/// How the disk is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sync(pub(crate) fn(&File) -> std::io::Result<()>);

impl Default for Sync {
    fn default() -> Self {
        Self(File::sync_data)
    }
}

/// A pass under way.
#[derive(Debug)]
struct Pass {
    thread: JoinHandle<Result<Passed, StoreError>>,
    /// Pages that were to be brought over when it began.
    pages: u32,
}

/// A pass that has ended.
#[derive(Debug)]
struct Passed {
    connection: Connection,
    /// An error if the pages that it brought over may not be on the disk.
    synced: std::io::Result<()>,
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
    pub(crate) fn watch(&self, connection: &Connection) -> Result<(), rusqlite::Error> {
        if self.kept {
            leave_log(connection)?;
        }
        // It answers with the new value.
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))
    }

    /// Does what is due behind a commit of `connection` to `file`, the database at `path`. A failure is told once, and does the
    /// commit no harm: the log grows until the disk takes it, or refuses that as well.
    pub(crate) fn behind_commit(&mut self, connection: &Connection, path: &Path, file: Identity) {
        if self.kept {
            return;
        }
        let done = self.look(connection, (path, file));
        let told = std::mem::replace(&mut self.failing, done.is_err());
        if let Err(error) = done
            && !told
        {
            tracing::warn!(%error, "the write-ahead log could not be brought into the database, and grows");
        }
    }

    fn look(&mut self, connection: &Connection, database: (&Path, Identity)) -> Result<(), StoreError> {
        let log = checkpoint(connection, "NOOP")?;
        if log.pages < self.pages {
            self.tried = 0;
        }
        self.pages = log.pages;
        let wait = log.left >= MOST;
        let Some(pass) = self.pass.take_if(|pass| wait || pass.thread.is_finished()) else {
            let due = self.pass.is_none() && log.pages >= self.tried + MANY;
            return if due { self.begin(log.left, connection, database) } else { Ok(()) };
        };
        // Where a reader or the disk holds it up, one more pass at once would do no more.
        self.tried = log.pages;
        let pages = pass.pages;
        self.take_back(pass, connection)?;
        if self.kept {
            return Ok(());
        }
        if FEW < log.left && log.left < pages / 2 {
            return self.begin(log.left, connection, database);
        }
        if checkpoint(connection, "PASSIVE")?.left == 0 {
            self.tried = 0;
        }
        Ok(())
    }

    /// Ends a pass. Its connection is there for the next one.
    fn take_back(&mut self, pass: Pass, connection: &Connection) -> Result<(), StoreError> {
        let Passed { connection: own, synced } = end(pass.thread)?;
        self.connection = Some(own);
        synced.or_else(|error| self.keep_log(Some(connection), &error))
    }

    /// Begins a pass; without a thread for it `connection` makes it.
    fn begin(
        &mut self,
        pages: u32,
        connection: &Connection,
        database: (&Path, Identity),
    ) -> Result<(), StoreError> {
        match self.start(database) {
            Ok(thread) => self.pass = Some(Pass { thread, pages }),
            Err(_) => {
                checkpoint(connection, "PASSIVE")?;
            }
        }
        Ok(())
    }

    fn start(
        &mut self,
        (path, file): (&Path, Identity),
    ) -> Result<JoinHandle<Result<Passed, StoreError>>, StoreError> {
        // Another file may have come to stand there, with our log beside it.
        let is_ours = |there: Identity| match there == file {
            true => Ok(()),
            false => Err(StoreError::Gone { path: path.to_owned() }),
        };
        if self.database.is_none() {
            let database = File::open(path).map_err(disk)?;
            is_ours(Identity::of_file(&database.metadata().map_err(disk)?))?;
            self.database = Some(Arc::new(database));
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let connection = write_to(path)?;
                leave_log(&connection)?;
                connection
            }
        };
        is_ours(Identity::of(path)?)?;
        let (database, Sync(sync)) = (self.database.clone(), self.sync);
        let pass = move || {
            checkpoint(&connection, "PASSIVE")?;
            // That tells of the log as it was at its beginning. SQLite has waited for the disk only if nothing came since.
            let left = checkpoint(&connection, "NOOP")?.left;
            let synced = database.filter(|_| left > 0).map_or(Ok(()), |database| sync(&database));
            Ok(Passed { connection, synced })
        };
        let cpu_time = self.cpu_time.clone();
        let pass = move || cpu_time.of(pass);
        std::thread::Builder::new().name("checkpoint".to_owned()).spawn(pass).map_err(disk)
    }

    /// Takes care that the log never starts over: SQLite counts as brought over what the disk then failed to
    /// take. The next start brings all of it over once more, as after a crash.
    fn keep_log(
        &mut self,
        connection: Option<&Connection>,
        error: &std::io::Error,
    ) -> Result<(), StoreError> {
        self.kept = true;
        connection.map_or(Ok(()), leave_log)?;
        tracing::error!(
            %error,
            "the disk failed under the database; its write-ahead log has everything, is kept, and grows: start dashcam \
            again once the disk is sound"
        );
        Ok(())
    }

    /// Brings all of the log over and makes the file empty, so that nothing is left in it. False if somebody reads it, or if it
    /// is kept.
    pub(crate) fn empty_log(&mut self, connection: &Connection) -> Result<bool, StoreError> {
        if let Some(Passed { connection: own, synced }) =
            self.pass.take().map(|pass| end(pass.thread)).transpose()?
        {
            self.connection = Some(own);
            if let Err(error) = synced {
                self.keep_log(Some(connection), &error)?;
            }
        }
        if self.kept {
            return Ok(false);
        }
        connection.busy_timeout(SHORTLY)?;
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        connection.busy_timeout(BUSY)?;
        (self.pages, self.tried) = (0, 0);
        Ok(!busy?)
    }

    /// Begins a pass if the log has anything to bring over, however little: the file shrinks with it. False if another one
    /// is under way.
    pub(crate) fn bring_over(
        &mut self,
        connection: &Connection,
        path: &Path,
        file: Identity,
    ) -> Result<bool, StoreError> {
        if let Some(pass) = self.pass.take_if(|pass| pass.thread.is_finished()) {
            self.take_back(pass, connection)?;
        }
        if self.pass.is_some() {
            return Ok(false);
        }
        let left = checkpoint(connection, "NOOP")?.left;
        if left > 0 && !self.kept {
            self.begin(left, connection, (path, file))?;
        }
        Ok(true)
    }

    /// Looks again at a log that was too long, where nobody has committed anything since, and brings over what it can. All
    /// of it done, the next commit starts the log over.
    pub(crate) fn catch_up(
        &mut self,
        connection: &Connection,
        path: &Path,
        file: Identity,
    ) -> Result<(), StoreError> {
        if self.kept || !self.is_behind() {
            return Ok(());
        }
        self.behind_commit(connection, path, file);
        if self.pass.is_none() && checkpoint(connection, "NOOP")?.left == 0 {
            connection.busy_timeout(Duration::ZERO)?;
            // It fails if somebody reads the log.
            let restarted = checkpoint(connection, "RESTART");
            connection.busy_timeout(BUSY)?;
            restarted?;
            self.pages = checkpoint(connection, "NOOP")?.pages;
        }
        Ok(())
    }

    /// Makes it seem that the log was too long when it was looked at last.
    #[cfg(test)]
    pub(crate) fn seem_behind(&mut self) {
        self.pages = MOST;
    }

    /// Returns whether the log is so long that nothing should be written that can wait.
    pub(crate) fn is_behind(&self) -> bool {
        self.kept || self.pages >= MOST / 2
    }

    /// Returns whether the log is to be left as it is.
    pub(crate) fn keeps_log(&self) -> bool {
        self.kept
    }

    /// Waits for the pass under way, and closes its connection.
    pub(crate) fn close(&mut self, connection: Option<&Connection>) {
        let ended = match self.pass.take().map(|pass| end(pass.thread)) {
            Some(Ok(Passed { synced: Err(error), .. })) => self.keep_log(connection, &error),
            Some(ended) => ended.map(drop),
            None => Ok(()),
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "the last pass over the write-ahead log failed");
        }
        self.connection = None;
    }
}

/// The log stays where it is, also when the last connection is closed.
fn leave_log(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(drop)
}

fn end(pass: JoinHandle<Result<Passed, StoreError>>) -> Result<Passed, StoreError> {
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
