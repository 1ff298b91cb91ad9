//! Relays that nobody reads because nothing was recorded when they began: counted, and closed on demand.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

use crate::net::lock::lock;

/// Those that are open. Clones count the same ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unread(Arc<Open>);

#[derive(Debug, Default)]
struct Open {
    count: AtomicUsize,
    /// Closes all that began since the last time.
    close: Mutex<CancellationToken>,
}

/// A relay that is counted as long as this lives.
#[derive(Debug)]
pub(crate) struct UnreadRelay {
    all: Unread,
    /// Cancelled when it is to end.
    pub(crate) close: CancellationToken,
}

impl Unread {
    /// Counts one more.
    pub(crate) fn begin(&self) -> UnreadRelay {
        let close = lock(&self.0.close);
        self.0.count.fetch_add(1, Ordering::Relaxed);
        UnreadRelay { all: self.clone(), close: close.clone() }
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.0.count.load(Ordering::Relaxed)
    }

    /// Asks all that are open to end, and returns how many those are. Later ones go on.
    pub(crate) fn close_all(&self) -> usize {
        let mut close = lock(&self.0.close);
        std::mem::take(&mut *close).cancel();
        self.count()
    }
}

impl Drop for UnreadRelay {
    fn drop(&mut self) {
        self.all.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_open_are_closed_and_later_ones_are_not() {
        let unread = Unread::default();
        let (first, gone) = (unread.begin(), unread.begin());
        drop(gone);
        assert_eq!((unread.count(), unread.close_all()), (1, 1));
        let later = unread.begin();
        assert!(first.close.is_cancelled() && !later.close.is_cancelled());
        assert_eq!(unread.close_all(), 2, "the first one has not ended yet");
        drop((first, later));
        assert_eq!(unread.count(), 0);
    }
}
