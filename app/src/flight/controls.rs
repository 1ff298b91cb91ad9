//! The parts of a flight recorder that can be changed while it runs.

use dashcam_flight::{FlightRecorder, Pace, Triggers};
use tokio::sync::watch;

/// The way to them. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct FlightControls {
    recorder: Option<FlightRecorder>,
    keep: watch::Sender<usize>,
}

impl FlightControls {
    pub(super) fn new(recorder: Option<FlightRecorder>, keep: usize) -> Self {
        Self { recorder, keep: watch::Sender::new(keep) }
    }

    pub(crate) fn has_recorder(&self) -> bool {
        self.recorder.is_some()
    }

    /// Gets how many snapshots that traffic set off are kept.
    pub(super) fn keep(&self) -> watch::Receiver<usize> {
        self.keep.subscribe()
    }

    /// Puts in force other triggers, another pace, and how many snapshots that traffic set off are kept.
    pub(crate) fn put_in_force(&self, triggers: Triggers, pace: Pace, keep: usize) {
        if let Some(recorder) = &self.recorder {
            recorder.set_triggers(triggers);
            recorder.set_pace(pace);
        }
        self.keep.send_replace(keep);
    }
}
