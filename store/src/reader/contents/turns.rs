//! Turns of searches through contents: of all over a recording, one goes on at a time, for a step.
//!
//! A step takes three threads, and memory for the bodies on two of them: the same for a hundred searches as for one. They
//! take turns in the order in which they came. Connections, and room for packs, are kept for the last one only.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Gives up all that a search keeps for its next step.
pub(super) type Forget = dyn Fn() + Send + Sync;

/// The turns of a recording's searches.
#[derive(Debug)]
pub(crate) struct Turns {
    place: Arc<Semaphore>,
    last: Last,
}

/// The search that had its turn last.
type Last = Arc<Mutex<Option<Weak<Forget>>>>;

/// A turn, held until the step is over.
pub(super) struct Turn {
    /// True if others had theirs before.
    pub(super) is_shared: bool,
    last: Last,
    _place: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        Self { place: Arc::new(Semaphore::new(1)), last: Arc::default() }
    }
}

impl Turns {
    /// The next turn; `None` if it does not come before `until`.
    pub(super) async fn next(&self, until: Option<Instant>) -> Option<Turn> {
        let is_shared = self.place.available_permits() == 0;
        let place = Arc::clone(&self.place).acquire_owned();
        let place = match until {
            Some(until) => tokio::time::timeout_at(until.into(), place).await.ok()?,
            None => place.await,
        };
        Some(Turn { is_shared, last: Arc::clone(&self.last), _place: place.expect("it is never closed") })
    }
}

impl Turn {
    /// The search of `forget` goes on: the one before it, if that is another, gives up all that it kept.
    pub(super) fn begin(&self, forget: &Arc<Forget>) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.replace(Arc::downgrade(forget));
        if let Some(before) = before.and_then(|before| before.upgrade())
            && !Arc::ptr_eq(&before, forget)
        {
            before();
        }
    }
}
