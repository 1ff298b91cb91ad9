//! Responses that wait for each other: no connection is free before all are in use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// Requests that wait, by path.
#[derive(Clone, Default)]
pub(super) struct Holds(Arc<Mutex<HashMap<String, Hold>>>);

#[derive(Default)]
struct Hold {
    waiting: usize,
    released: Arc<Notify>,
}

impl Holds {
    /// Waits until `wanted` requests for `path` do.
    pub(super) async fn wait(&self, path: &str, wanted: usize) {
        let released = self.released(path);
        // Before we are counted, so that the last one wakes us.
        let mut waiting = std::pin::pin!(released.notified());
        waiting.as_mut().enable();
        if self.is_last(path, wanted) {
            released.notify_waiters();
        } else {
            waiting.await;
        }
    }

    fn released(&self, path: &str) -> Arc<Notify> {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        holds.entry(path.to_owned()).or_default().released.clone()
    }

    /// Counts a request, and forgets the path with the last of those that are wanted.
    fn is_last(&self, path: &str, wanted: usize) -> bool {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hold = holds.entry(path.to_owned()).or_default();
        hold.waiting += 1;
        let last = hold.waiting >= wanted;
        if last {
            holds.remove(path);
        }
        last
    }
}
