//! Rings that killed runs have left, stored as snapshots.

use std::path::PathBuf;

use dashcam_flight::{Asker, Cause, LeftRing, Reading};
use dashcam_store::Snapshot;
use tokio::task::spawn_blocking;

use super::missing;
use super::snapshots::{SnapshotError, Snapshots, UNDER_WAY};

impl Snapshots {
    /// Stores the ring that a killed run has left.
    pub(super) async fn save_left(&self, name: &str, by: Asker) {
        let Some(ring) = self.flight.left.find(name) else { return };
        match self.copy_left(&ring, by).await {
            Ok(()) => {
                tracing::info!(snapshot = name, "what a killed run had left is stored");
                if let Err(error) = self.flight.left.remove(name) {
                    tracing::warn!(%error, "{} can't be removed", ring.path.display());
                    // It stays in the list, and nobody is to wait for it there.
                    self.flight.left.set_saving(name, false);
                }
            }
            Err(error) => {
                tracing::error!(%error, snapshot = name, "what a killed run has left could not be stored");
                self.flight.left.set_saving(name, false);
            }
        }
    }

    async fn copy_left(&self, ring: &LeftRing, by: Asker) -> Result<(), SnapshotError> {
        let LeftRing { name, path, left, .. } = ring;
        // One that could not be stored whole before.
        self.store.admin().delete_snapshot(name.clone()).await?;
        let mut snapshot = Snapshot {
            name: name.clone(),
            trigger: Cause::Crash.as_str().to_owned(),
            who: Some(by.who.clone()),
            created_at: left.until,
            covers_from: left.from,
            covers_until: left.until,
            note: Some(UNDER_WAY.to_owned()),
            ..Snapshot::default()
        };
        self.put(&mut snapshot).await?;
        let reading = open_left(path.clone()).await?;
        let mut reading = self.copy(&snapshot, reading).await?;
        let open = reading.open();
        self.store_pieces(snapshot.id, reading.end()).await?;
        let missing = missing::of_left(&reading, open);
        (snapshot.complete, snapshot.note) = (false, missing::note(&missing));
        self.store.admin().change_snapshot(snapshot.clone()).await?;
        Ok(self.remember(&snapshot, Some(by)).await?)
    }
}

async fn open_left(path: PathBuf) -> Result<Reading, SnapshotError> {
    let opened = spawn_blocking(move || -> anyhow::Result<Reading> {
        let file = super::ring_file::open_left(&path)?;
        let file = file.ok_or_else(|| anyhow::anyhow!("{} is not there any more", path.display()))?;
        Ok(Reading::left(file)?)
    });
    opened.await?
}
