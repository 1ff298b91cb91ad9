//! The coverage of an answer, and its cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The coverage of an answer, and its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Exchanges that were looked at, or of which it was known without a look that they do not match.
    pub looked_at: u64,
    /// Those of them whose rows were read; of the others the packed facts were enough.
    pub rows_read: u64,
    /// How long it took.
    pub took: Duration,
    /// True if all that can match was looked at; false where the time was over before.
    pub is_complete: bool,
}

/// The time that an answer may take, and the word that nobody waits for it any more.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    began: Instant,
    within: Duration,
    given_up: Arc<AtomicBool>,
}

/// Held by whoever waits for an answer.
#[derive(Debug)]
pub(crate) struct Waiting(Arc<AtomicBool>);

impl Patience {
    /// From now on, `within` this time.
    pub(crate) fn begin(within: Duration) -> (Self, Waiting) {
        let given_up = Arc::new(AtomicBool::new(false));
        (Self { began: Instant::now(), within, given_up: Arc::clone(&given_up) }, Waiting(given_up))
    }

    /// The same, from now on.
    pub(crate) fn again(&self) -> Self {
        Self { began: Instant::now(), ..self.clone() }
    }

    /// Returns whether it is time to answer with what there is.
    pub(crate) fn is_over(&self) -> bool {
        self.given_up.load(Ordering::Relaxed) || self.began.elapsed() >= self.within
    }

    /// Since it began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
