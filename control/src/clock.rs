//! The time since dashcam started, for rates and for times that run out.

use std::time::{Duration, Instant};

/// A clock that only goes forward.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// The time since it was started.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }
}
