//! Reasons for which work that can wait is to wait.

use std::sync::Arc;

use dashcam_governor::Board;
use dashcam_recorder::Recorder;

/// The places where they are found.
#[derive(Debug, Clone)]
pub(crate) struct Obstacles {
    pub(crate) recorder: Recorder,
    pub(crate) board: Arc<Board>,
}

impl Obstacles {
    /// The first one that there is.
    pub(crate) fn first(&self) -> Option<String> {
        let pause = self.recorder.health().pause;
        pause.map(|pause| pause.message).or_else(|| self.board.spent())
    }
}
