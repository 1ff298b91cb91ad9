//! The history: written in the order in which changes come into force, by a task of its own, so that none of them waits
//! for the disk.

use dashcam_store::{Lease, LeaseUse, ReadError, SettingsChange, Store, StoreError};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

/// Changes that may wait for the disk; beyond that they are in force, and not kept.
const MOST_WAITING: usize = 256;

/// A change that is in force and could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The store did not take it.
    #[error(transparent)]
    Refused(StoreError),
    /// The store can't be read.
    #[error(transparent)]
    Unreadable(ReadError),
    /// Too many changes wait for the disk, or dashcam ends.
    #[error("the disk takes no more changes of the settings")]
    NoRoom,
}

/// The keeping of a change that is in force.
#[derive(Debug)]
#[must_use = "the caller is to learn whether the change was kept"]
pub struct Keeping(Option<oneshot::Receiver<Result<(), StoreError>>>);

impl Keeping {
    /// Waits until the change is kept.
    ///
    /// # Errors
    /// When it could not be: it is in force, and will not outlive dashcam.
    pub async fn done(self) -> Result<(), NotKept> {
        let Some(answer) = self.0 else { return Err(NotKept::NoRoom) };
        answer.await.map_err(|_| NotKept::NoRoom)?.map_err(NotKept::Refused)
    }

    /// Doesn't wait: the log tells of a failure.
    pub fn unattended(self) {}

    /// Returns whether it was kept, or could not be.
    pub(crate) fn is_over(&mut self) -> bool {
        self.0.as_mut().is_none_or(|answer| !matches!(answer.try_recv(), Err(TryRecvError::Empty)))
    }
}

/// Rows that are written together.
#[derive(Debug)]
pub(crate) enum Row {
    /// A change.
    Change(Box<SettingsChange>),
    /// A change of a lease, and the lease as it is then.
    Lease(Box<SettingsChange>, Box<Lease>),
    /// The use that was made of leases so far.
    Use(Vec<(i64, LeaseUse)>),
}

/// Rows on their way, and the one who waits for them.
#[derive(Debug)]
struct Entry {
    row: Row,
    kept: oneshot::Sender<Result<(), StoreError>>,
}

/// The way to the history.
#[derive(Debug)]
pub(crate) struct History(mpsc::Sender<Entry>);

/// The task that writes the history.
#[derive(Debug)]
pub struct HistoryWriter {
    store: Store,
    entries: mpsc::Receiver<Entry>,
}

pub(crate) fn history(store: Store) -> (History, HistoryWriter) {
    let (sender, entries) = mpsc::channel(MOST_WAITING);
    (History(sender), HistoryWriter { store, entries })
}

impl History {
    /// Returns whether a row may wait that matters less than what somebody changes.
    pub(crate) fn has_room(&self) -> bool {
        self.0.capacity() > MOST_WAITING / 2
    }

    /// Hands `row` over; those that are handed over first are written first.
    pub(crate) fn keep(&self, row: Row) -> Keeping {
        let (kept, answer) = oneshot::channel();
        match self.0.try_send(Entry { row, kept }) {
            Ok(()) => Keeping(Some(answer)),
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => {
                tracing::error!(
                    "a change of the settings can't be kept: the disk does not take those before it"
                );
                Keeping(None)
            }
        }
    }
}

impl HistoryWriter {
    /// Writes what is handed over, until all who may change something are gone.
    pub async fn run(mut self) {
        while let Some(Entry { row, kept }) = self.entries.recv().await {
            let written = self.write(row).await;
            if let Err(error) = &written {
                tracing::error!(%error, "a change of the settings is in force until dashcam ends: it could not be stored");
            }
            // The caller may be gone.
            let _ = kept.send(written);
        }
    }

    async fn write(&self, row: Row) -> Result<(), StoreError> {
        let admin = self.store.admin();
        match row {
            Row::Change(change) => admin.append_settings(&change).await,
            Row::Lease(change, lease) => {
                admin.put_lease(*lease).await?;
                admin.append_settings(&change).await
            }
            Row::Use(used) => admin.note_lease_use(used).await,
        }
    }
}
