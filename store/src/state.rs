//! The state of the thread that writes: its connection, the file that this is to, and its knowledge from one job to the
//! next. The jobs are above it.

pub(crate) mod batch;
pub(crate) mod known;
pub(crate) mod partial;
pub(crate) mod queue;
pub(crate) mod seal_upkeep;
pub(crate) mod wiping;

use std::fs::File;
use std::path::PathBuf;

use dashcam_exchange::ExchangeId;
use rusqlite::Connection;

use crate::StoreError;
use crate::database::cache::Cache;
use crate::database::checkpoint::Checkpoints;
use crate::database::connect::{BUSY, transaction, write_to};
use crate::database::durability::Durability;
use crate::database::pacing::Load;
use crate::file::database::lock;
use crate::file::identity::Identity;
use crate::file::path::{beside, lock_path};
use crate::retention::{Holdings, Keeper};
use crate::rows::heads::Folder;
use crate::rows::pack::Packer;
use crate::rows::runs::Running;
use crate::state::known::Known;
use crate::state::partial::Partial;
use crate::state::queue::Queue;
use crate::state::seal_upkeep::SealUpkeep;

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
    /// Bytes of the database that are kept in memory.
    pub(crate) cache: Cache,
    /// The durability of a commit.
    pub(crate) durability: Durability,
    /// The facts that another file would have to be told.
    pub(crate) known: Known,
    /// The run of dashcam that goes on, if it was begun.
    pub(crate) run: Option<Running>,
    /// Additions that wait, as the disk refused one of them.
    pub(crate) queue: Queue,
    /// The stored parts of open exchanges.
    pub(crate) partial: Partial,
    /// When seals are looked at.
    pub(crate) seals: SealUpkeep,
    /// How often exchanges that had ended were rewritten.
    pub(crate) rewrites: u64,
    /// The last exchange that a snapshot has stored.
    pub(crate) snapshots_reach: Option<ExchangeId>,
    /// Keeps the recording within its bounds.
    pub(crate) keeper: Keeper,
    /// Puts small bodies together.
    pub(crate) packer: Packer,
    /// Puts heads together that are alike.
    pub(crate) folder: Folder,
    /// How hard it all works.
    pub(crate) load: Load,
    /// True while the write-ahead log still has what users deleted.
    pub(crate) log_holds_deleted: bool,
    /// True if all free pages are to be given back: a user deleted something.
    pub(crate) shrinks: bool,
    /// True once some were given back, until no more are.
    pub(crate) is_shrinking: bool,
}

impl WriterState {
    pub(crate) fn new(path: PathBuf, connection: Connection, lock: File) -> Result<Self, StoreError> {
        let file = Identity::of(&path)?;
        let (partial, keeper, packer, folder, durability, cache) = Default::default();
        let checkpoints = Checkpoints::default();
        let load = Load::new();
        load.watch(&connection)?;
        checkpoints.watch(&connection)?;
        // The log of a run that crashed may hold exchanges that users deleted.
        let log_holds_deleted = std::fs::metadata(beside(&path, "-wal")).is_ok_and(|log| log.len() > 0);
        let (beside, known, queue) = ([None; 2], Known::of(&connection)?, Queue::default());
        let connection = Some(connection);
        Ok(Self {
            path,
            connection,
            file,
            beside,
            lock,
            checkpoints,
            cache,
            durability,
            known,
            run: None,
            queue,
            partial,
            seals: SealUpkeep::default(),
            rewrites: 0,
            snapshots_reach: None,
            keeper,
            packer,
            folder,
            load,
            log_holds_deleted,
            shrinks: false,
            is_shrinking: false,
        })
    }

    /// A connection for the file at the path.
    pub(crate) fn connect(&self) -> Result<Connection, StoreError> {
        let connection = write_to(&self.path)?;
        self.durability.set(&connection)?;
        self.cache.set(&connection)?;
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
        let before = std::mem::take(&mut self.checkpoints);
        self.checkpoints.cpu_time = before.cpu_time.clone();
        self.keeper.begin_anew();
    }

    /// Makes sure that the lock at the path is ours: it may have been deleted along with the database.
    pub(crate) fn keep_others_out(&mut self) -> Result<(), StoreError> {
        let held = self.lock.metadata().map_err(|error| StoreError::Disk(error.into()))?;
        if Identity::of(&lock_path(&self.path)).ok() != Some(Identity::of_file(&held)) {
            self.lock = lock(&self.path)?;
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
        match transaction(&connection, work) {
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
    pub(crate) fn close(&mut self) {
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
