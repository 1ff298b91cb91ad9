//! Wakes every task at what comes seldom: a change of the settings, the shutdown.
//!
//! A task leaves its waker once, when it begins, and looks at flags whenever it is woken. Waiting for a signal of
//! tokio's instead would cost every request a place in a list that all connections share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// Clones ring the same tasks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bell(Arc<Mutex<Wakers>>);

#[derive(Debug, Default)]
struct Wakers {
    by_number: HashMap<u64, Waker>,
    last: u64,
}

/// A task's place among those that are woken; given up in drop.
#[derive(Debug)]
pub(crate) struct Place {
    bell: Bell,
    number: u64,
}

impl Bell {
    /// Wakes `waker` at every ring from now on.
    pub(crate) fn place(&self, waker: &Waker) -> Place {
        let mut wakers = self.lock();
        wakers.last += 1;
        let number = wakers.last;
        wakers.by_number.insert(number, waker.clone());
        Place { bell: self.clone(), number }
    }

    /// Wakes all.
    pub(crate) fn ring(&self) {
        let wakers: Vec<Waker> = self.lock().by_number.values().cloned().collect();
        // Woken without the lock: a task that ends by it gives up its place.
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Wakers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let waker = self.bell.lock().by_number.remove(&self.number);
        // Dropped without the lock.
        drop(waker);
    }
}
