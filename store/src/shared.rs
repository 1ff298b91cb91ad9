//! A recording that may have to be opened several times before it can be: the disk may be full, or read-only, or
//! somebody else's lock may be on it.
//!
//! Until it is open to be written, it is open to be read where that goes: on a disk that takes nothing, or while
//! another program keeps the database locked. A try and a read exclude each other. A try opens and closes the
//! database's file, and by POSIX that gives up all locks that this process has on it: those of a reader too, whose
//! write-ahead log another program might then take for left behind.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rusqlite::Connection;
use sqlx::SqlitePool;
use tokio::runtime::Handle;
use tokio::sync::{RwLock, RwLockReadGuard};

use crate::StoreError;
use crate::cpu_time::CpuTime;
use crate::database::readers::{self, FileSince, Pools};
use crate::database::reading;
use crate::delete;
use crate::jobs;
use crate::jobs::index::Indexing;
use crate::open;
use crate::reader::contents::turns::Turns;
use crate::retention::Standing;
use crate::state::WriterState;
use crate::writer::Writer;

#[derive(Debug)]
pub(crate) enum Readers {
    /// The database is open as it is to be.
    Open(Pools),
    /// It could not be opened to be written. Perhaps it can be read.
    Refused {
        /// Why not.
        why: String,
        /// Connections that read it meanwhile.
        meanwhile: Option<Pools>,
    },
}

impl Readers {
    fn pools(&self) -> Option<&Pools> {
        match self {
            Self::Open(pools) => Some(pools),
            Self::Refused { meanwhile, .. } => meanwhile.as_ref(),
        }
    }

    /// The error for those that find nothing open.
    fn error(&self) -> StoreError {
        match self {
            Self::Open(_) => StoreError::Closed,
            Self::Refused { why, .. } => StoreError::NotOpen { why: why.clone() },
        }
    }

    /// Closes what is open.
    pub(crate) async fn close(&self) {
        if let Some(pools) = self.pools() {
            pools.close().await;
        }
    }
}

/// A recording, shared by all handles to it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) path: PathBuf,
    pub(crate) readers: RwLock<Readers>,
    pub(crate) file_since: FileSince,
    /// `None` when closed, not open yet, or opened to be read only.
    pub(crate) writer: RwLock<Option<Writer>>,
    /// How the bounds are kept.
    pub(crate) standing: Arc<Standing>,
    /// How far segments are made.
    pub(crate) indexing: Mutex<Indexing>,
    /// Why nothing is done behind the writer at the moment.
    pub(crate) held_up: Mutex<Option<String>>,
    /// The time that recording takes on threads of its own.
    pub(crate) cpu_time: CpuTime,
    /// Whose turn it is to search through contents.
    pub(crate) turns: Turns,
}

impl Shared {
    pub(crate) fn new(path: PathBuf, readers: Readers) -> Self {
        let (readers, file_since) = (RwLock::new(readers), Arc::new(Mutex::new(Instant::now())));
        let (standing, indexing, held_up, cpu_time, turns) = Default::default();
        let writer = RwLock::new(None);
        Self { path, readers, file_since, writer, standing, indexing, held_up, cpu_time, turns }
    }

    /// One try. Nobody reads meanwhile.
    pub(crate) async fn attempt(&self, readers: &mut Readers) -> Result<(), StoreError> {
        if let Readers::Open(_) = readers {
            return Ok(());
        }
        readers.close().await;
        let (path, runtime) = (self.path.clone(), Handle::current());
        let (since, standing) = (Arc::clone(&self.file_since), Arc::clone(&self.standing));
        let cpu_time = self.cpu_time.clone();
        // On a thread of its own: a disk that hangs holds up nothing else, and what sqlx does there can't move
        // between threads.
        let work = move || runtime.block_on(opened(&path, since, standing, cpu_time));
        let opened = tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Closed));
        let (writer, pools) = opened?;
        *self.writer.write().await = Some(writer);
        *readers = Readers::Open(pools);
        Ok(())
    }

    /// Has the thread that writes do `work`.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut WriterState) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer().await?.run(work).await
    }

    /// The connections that read. A read holds them once, and does not ask for them again: a try to open the database
    /// may be waiting between.
    pub(crate) async fn readers(&self) -> Result<RwLockReadGuard<'_, SqlitePool>, StoreError> {
        let readers = self.readers.read().await;
        let rows = RwLockReadGuard::try_map(readers, |readers| readers.pools().map(|pools| &pools.rows));
        rows.map_err(|readers| readers.error())
    }

    /// The connection that reads messages; as [`Store::readers`].
    pub(crate) async fn message_reader(&self) -> Result<RwLockReadGuard<'_, SqlitePool>, StoreError> {
        let readers = self.readers.read().await;
        let messages =
            RwLockReadGuard::try_map(readers, |readers| readers.pools().map(|pools| &pools.messages));
        messages.map_err(|readers| readers.error())
    }

    /// Has a thread of its own do `work` with a connection that reads, while the recording stays open.
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.readers.read().await;
        let Some(pools) = readers.pools() else { return Err(readers.error()) };
        let since = *self.file_since.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, idle) = (self.path.clone(), pools.idle_search(since));
        let search = move || {
            let search = idle.map_or_else(|| reading::search(&path), Ok)?;
            let found = work(&search.connection)?;
            Ok((found, search))
        };
        let (found, search) = tokio::task::spawn_blocking(search).await.unwrap_or(Err(StoreError::Closed))?;
        if search.is_of_today {
            pools.keep(search);
        }
        Ok(found)
    }

    /// As [`Shared::search`], with connections that `work` has from before, or makes: it may use again those that were made
    /// after the time that it is given, if there is one.
    pub(crate) async fn search_on<T: Send + 'static>(
        &self,
        work: impl FnOnce(Option<Instant>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.readers.read().await;
        let since = match &*readers {
            Readers::Open(_) => Some(*self.file_since.lock().unwrap_or_else(PoisonError::into_inner)),
            // A try to open the database gives up their locks.
            Readers::Refused { meanwhile: Some(_), .. } => None,
            refused => return Err(refused.error()),
        };
        tokio::task::spawn_blocking(move || work(since)).await.unwrap_or(Err(StoreError::Closed))
    }

    /// The thread that writes. A try to open the database is waited for.
    pub(crate) async fn writer(&self) -> Result<RwLockReadGuard<'_, Writer>, StoreError> {
        let error = {
            let readers = self.readers.read().await;
            let writer = self.writer.read().await;
            match RwLockReadGuard::try_map(writer, Option::as_ref) {
                Ok(writer) => return Ok(writer),
                Err(_) => readers.error(),
            }
        };
        Err(error)
    }
}

async fn opened(
    path: &Path,
    since: FileSince,
    standing: Arc<Standing>,
    cpu_time: CpuTime,
) -> Result<(Writer, Pools), StoreError> {
    let writer = open::writer(path, cpu_time).await?;
    *since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    let ready = async {
        let pools = readers::readers(path, since).await?;
        delete::sweep(&writer).await?;
        // Those that expired while no dashcam ran; if there are very many, retention goes on.
        writer.run(jobs::seals::expire).await?;
        let tell = |state: &mut WriterState| {
            state.keeper.tell(standing);
            Ok(())
        };
        writer.run(tell).await?;
        Ok(pools)
    };
    match ready.await {
        Ok(pools) => Ok((writer, pools)),
        Err(error) => {
            writer.close().await;
            Err(error)
        }
    }
}
