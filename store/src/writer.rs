//! The one connection that writes, on a thread of its own: nothing that it does waits for a runtime, nor a runtime
//! for it. docs/decisions/0004-writing-with-rusqlite.md says why it is not sqlx's.

use std::fs::{File, Metadata};
use std::io::ErrorKind;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::batch::Batch;
use crate::checkpoint::Checkpoints;
use crate::durability::Durability;
use crate::open::{self, BUSY, write_to};
use crate::pacing::Load;
use crate::pack::Packer;
use crate::partial::Partial;
use crate::replaced_file::Known;
use crate::retention::{Holdings, Keeper};

/// Jobs that wait for the thread; the recorder hands over one batch at a time, others come seldom.
const JOBS: usize = 16;

type Job = Box<dyn FnOnce(&mut WriterState) + Send>;

/// Hands jobs to the thread. Nobody else writes while it lives: the thread holds the lock of the file.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(scribe: WriterState) -> std::io::Result<Self> {
        let (jobs, mut waiting) = mpsc::channel::<Job>(JOBS);
        let work = move || {
            let mut scribe = scribe;
            while let Some(job) = waiting.blocking_recv() {
                job(&mut scribe);
            }
            scribe.close();
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(work)?;
        Ok(Self { jobs, thread })
    }

    /// Has the thread do `job`, after those that came before. Once it was handed over it is done, even if nobody
    /// waits for its result any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriterState) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, result) = oneshot::channel();
        // An error means that nobody waits.
        let job: Job = Box::new(move |scribe| drop(done.send(job(scribe))));
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Lets the thread finish what was handed to it, and close the database.
    pub(crate) async fn close(self) {
        let Self { jobs, thread } = self;
        drop(jobs);
        // A panic there was told of when it happened.
        let _ = tokio::task::spawn_blocking(|| thread.join()).await;
    }
}

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

/// The state of the thread that writes.
#[derive(Debug)]
pub(crate) struct WriterState {
    pub(crate) path: PathBuf,
    /// `None` after a fault: the next transaction opens a new one.
    pub(crate) connection: Option<Connection>,
    /// Which file is written: another one, or none, may come to stand at the path.
    pub(crate) file: Identity,
    /// Its write-ahead log and shared memory, once there are any.
    pub(crate) beside: [Option<Identity>; 2],
    /// Held open, and so locked.
    lock: File,
    /// Brings the log into the database.
    pub(crate) checkpoints: Checkpoints,
    /// The durability of a commit.
    pub(crate) durability: Durability,
    /// The facts that another file would have to be told.
    pub(crate) known: Known,
    /// A batch that the disk refused.
    pub(crate) waiting: Option<Batch>,
    /// Why such a batch was lost, if the recorder was not told yet.
    pub(crate) lost: Option<StoreError>,
    /// The stored parts of open exchanges.
    pub(crate) underway: Partial,
    /// Keeps the recording within its bounds.
    pub(crate) keeper: Keeper,
    /// Puts small bodies together.
    pub(crate) packer: Packer,
    /// How hard it all works.
    pub(crate) load: Load,
    /// True while the write-ahead log still has what users deleted.
    pub(crate) log_holds_deleted: bool,
}

impl WriterState {
    pub(crate) fn new(path: PathBuf, connection: Connection, lock: File) -> Result<Self, StoreError> {
        let file = Identity::of(&path)?;
        let (underway, keeper, packer, durability) = Default::default();
        let checkpoints = Checkpoints::default();
        let load = Load::new();
        load.watch(&connection)?;
        checkpoints.watch(&connection)?;
        // The log of a run that crashed may hold exchanges that users deleted.
        let log_holds_deleted = std::fs::metadata(beside(&path, "-wal")).is_ok_and(|log| log.len() > 0);
        let (beside, known, waiting, lost) = ([None; 2], Known::of(&connection)?, None, None);
        let connection = Some(connection);
        Ok(Self {
            path,
            connection,
            file,
            beside,
            lock,
            checkpoints,
            durability,
            known,
            waiting,
            lost,
            underway,
            keeper,
            packer,
            load,
            log_holds_deleted,
        })
    }

    /// A connection for the file at the path.
    pub(crate) fn connect(&self) -> Result<Connection, StoreError> {
        let connection = write_to(&self.path)?;
        self.durability.set(&connection)?;
        self.load.watch(&connection)?;
        self.checkpoints.watch(&connection)?;
        Ok(connection)
    }

    /// From now on a lock that another program holds is waited for.
    pub(crate) fn be_patient(&self) -> Result<(), StoreError> {
        self.connection.as_ref().map_or(Ok(()), |connection| Ok(connection.busy_timeout(BUSY)?))
    }

    /// Returns whether the file that is written stands where it should.
    pub(crate) fn is_at_its_path(&self) -> bool {
        !matches!(Identity::of(&self.path), Err(StoreError::Gone { .. }))
            && Identity::of(&self.path).map_or(true, |there| there == self.file)
    }

    /// From now on `file` is written, over `connection`.
    pub(crate) fn take_over(&mut self, file: Identity, connection: Connection) {
        (self.file, self.connection, self.beside) = (file, Some(connection), [None; 2]);
        self.checkpoints = Checkpoints::default();
        self.keeper.begin_anew();
    }

    /// Makes sure that the lock at the path is ours: it may have been deleted along with the database.
    pub(crate) fn keep_others_out(&mut self) -> Result<(), StoreError> {
        let held = self.lock.metadata().map_err(|error| StoreError::Disk(error.into()))?;
        if Identity::of(&lock_path(&self.path)).ok() != Some(Identity::of_file(&held)) {
            self.lock = open::lock(&self.path)?;
        }
        Ok(())
    }

    /// Runs `work` as one transaction: everything of it is stored, or nothing.
    ///
    /// After a fault the connection is given up, which rolls back whatever SQLite's state is (on a full disk it
    /// may have rolled back by itself).
    pub(crate) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // SQLite would go on writing a file that nobody finds any more.
        if Identity::of(&self.path)? != self.file {
            return Err(StoreError::Gone { path: self.path.clone() });
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        match run(&connection, work) {
            Ok(done) => {
                self.checkpoints.behind_commit(&connection, &self.path, self.file);
                self.connection = Some(connection);
                if self.beside[0].is_none() {
                    let own = |ending| Identity::of(&beside(&self.path, ending)).ok();
                    self.beside = ["-wal", "-shm"].map(own);
                }
                Ok(done)
            }
            Err(error) => {
                if let Err((_, error)) = connection.close() {
                    tracing::debug!(%error, "the database connection did not close well after a fault");
                }
                Err(error)
            }
        }
    }

    /// Runs `work` as [`WriterState::transaction`] does, with what is known of who holds how much. After a fault that is read
    /// again.
    pub(crate) fn accounted<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Holdings) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut holdings = std::mem::take(&mut self.keeper.shares.holdings);
        let done = self.transaction(|connection| {
            holdings.load(connection)?;
            work(connection, &mut holdings)
        });
        if done.is_ok() {
            self.keeper.shares.holdings = holdings;
        }
        done
    }

    /// Writes the WAL into the database and lets go of both.
    fn close(&mut self) {
        let connection = self.connection.take();
        self.checkpoints.close(connection.as_ref());
        let Some(connection) = connection else { return };
        let checkpoint = match self.checkpoints.keeps_log() {
            true => Ok(()),
            false => connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)"),
        };
        let closed = connection.close().map_err(|(_, error)| error);
        if let Err(error) = checkpoint.and(closed) {
            tracing::warn!(%error, "the database did not close well; the next start repairs it");
        }
    }

    /// The connection itself, for tests that set limits on it.
    #[cfg(test)]
    pub(crate) fn connection(&mut self) -> &Connection {
        self.connection.as_ref().unwrap()
    }
}

/// Runs `work` as one transaction of `connection`.
pub(crate) fn run<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.raw_execute()?;
    let done = work(connection)?;
    connection.prepare_cached("COMMIT")?.raw_execute()?;
    Ok(done)
}

/// Where the lock of a database is.
pub(crate) fn lock_path(database: &Path) -> PathBuf {
    beside(database, ".lock")
}

/// A file that lies beside a database.
pub(crate) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
