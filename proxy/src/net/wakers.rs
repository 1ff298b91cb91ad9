//! Wakes every task at what comes seldom: a change of the settings, the shutdown.
//!
//! A task leaves its waker once, when it begins, and looks at flags whenever it is woken. ReadTimeout for a signal of
//! tokio's instead would cost every request a place in a list that all connections share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// Clones wake the same tasks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wakers(Arc<Mutex<Registered>>);

#[derive(Debug, Default)]
struct Registered {
    by_number: HashMap<u64, Waker>,
    last: u64,
}

/// A task's registration among those that are woken; given up in drop.
#[derive(Debug)]
pub(crate) struct Registration {
    wakers: Wakers,
    number: u64,
}

impl Wakers {
    /// Wakes `waker` each time from now on.
    pub(crate) fn register(&self, waker: &Waker) -> Registration {
        let mut wakers = self.lock();
        wakers.last += 1;
        let number = wakers.last;
        wakers.by_number.insert(number, waker.clone());
        Registration { wakers: self.clone(), number }
    }

    /// Wakes all.
    pub(crate) fn wake_all(&self) {
        let wakers: Vec<Waker> = self.lock().by_number.values().cloned().collect();
        // Woken without the lock: a task that ends by it gives up its registration.
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Registered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let waker = self.wakers.lock().by_number.remove(&self.number);
        // Dropped without the lock.
        drop(waker);
    }
}
