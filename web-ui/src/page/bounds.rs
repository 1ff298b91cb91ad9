//! Places for work that takes long: live streams, exports, replays.
//!
//! The page's listener has bounds, and the control socket others of the same size: callers of the page take nothing
//! from the command line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::PageLimits;
use crate::error::{ApiError, Code};

/// The bounds of one way in.
#[derive(Debug)]
pub(crate) struct Bounds {
    pub(crate) watchers: Bound,
    pub(crate) exports: Bound,
    pub(crate) replays: Bound,
}

/// So many at once.
#[derive(Debug)]
pub(crate) struct Bound {
    what: &'static str,
    most: usize,
    free: Arc<Semaphore>,
    /// How many were refused.
    pub(crate) refused: AtomicU64,
}

impl Bounds {
    pub(crate) fn new(limits: &PageLimits) -> Self {
        let bound = |what, most| Bound {
            what,
            most,
            free: Arc::new(Semaphore::new(most)),
            refused: AtomicU64::new(0),
        };
        Self {
            watchers: bound("live streams", limits.watchers),
            exports: bound("exports", limits.exports),
            replays: bound("replays", limits.replays),
        }
    }
}

impl Bound {
    /// A place, held until it is dropped.
    pub(crate) fn take(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        Arc::clone(&self.free).try_acquire_owned().map_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let message = format!(
                "{} {} are under way, the most at once: try again when one has ended.",
                self.most, self.what
            );
            ApiError::new(Code::TooMany, message)
        })
    }
}
