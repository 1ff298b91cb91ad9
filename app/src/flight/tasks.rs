//! The tasks of the flight recorder: one writes snapshots, one waits for a signal.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dashcam_control::Control;
use dashcam_flight::Flight;
use dashcam_recorder::Recorder;
use dashcam_store::Store;
use tokio::signal::unix::Signal;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::snapshots::Snapshots;
use super::{Begun, FlightControls, signal as on_signal};

/// How long the rest of a snapshot may take to be stored at the end.
const FLUSH: Duration = Duration::from_secs(8);
/// How long the disk may take to remove a file.
const REMOVE: Duration = Duration::from_secs(1);

/// A flight recorder at work.
#[derive(Debug)]
pub(crate) struct FlightTasks {
    /// Its parts, for those who ask for snapshots.
    pub(crate) parts: Flight,
    /// Its parts that can be changed.
    pub(crate) controls: FlightControls,
    /// The file of the ring.
    ring: Option<PathBuf>,
    writing: JoinHandle<()>,
    stop: CancellationToken,
}

impl Begun {
    /// Writes the snapshots that are ordered from now on, and those that `signals` ask for, into the store.
    pub(crate) fn write(
        self,
        (store, control, recorder): (&Store, &Arc<Control>, &Recorder),
        signals: Signal,
        tasks: &TaskTracker,
    ) -> FlightTasks {
        let Self { flight, orders, controls, place, .. } = self;
        let stop = CancellationToken::new();
        tasks.spawn(on_signal::watch(signals, flight.clone(), stop.clone()));
        let snapshots = Snapshots {
            flight: flight.clone(),
            store: store.clone(),
            control: Arc::clone(control),
            recorder: recorder.clone(),
            keep: controls.keep(),
            stop: stop.clone(),
        };
        let writing = tasks.spawn(snapshots.write(orders));
        FlightTasks { parts: flight, controls, ring: place, writing, stop }
    }
}

impl FlightTasks {
    /// Ends a snapshot that is being taken, once the recorder has ended and while the store is open, and removes the ring:
    /// nobody needs it any more.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if timeout(FLUSH, self.writing).await.is_err() {
            tracing::warn!(
                "a snapshot could not be stored in time: what there is of it says that it is not whole"
            );
        }
        let Some(ring) = self.ring else { return };
        let path = ring.display().to_string();
        let removed = timeout(REMOVE, spawn_blocking(move || std::fs::remove_file(ring))).await;
        if let Ok(Ok(Err(error))) = removed {
            tracing::warn!(%error, "{path} can't be removed");
        }
    }
}
