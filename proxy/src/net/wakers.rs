//! Wakes every task at what comes seldom: a change of the settings, the shutdown.
//!
//! A task leaves its waker once, when it begins, and looks at flags whenever it is woken. ReadTimeout for a signal of
//! tokio's instead would cost every request a place in a list that all connections share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// Clones wake the same tasks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wakers(Arc<Mutex<Registered>>);

/// Wakers by place, and the places that are free. Each request over HTTP/2 takes one, so nothing is hashed.
#[derive(Debug, Default)]
struct Registered {
    places: Vec<Option<Waker>>,
    free: Vec<usize>,
}

/// A task's registration among those that are woken; given up in drop.
#[derive(Debug)]
pub(crate) struct Registration {
    wakers: Wakers,
    place: usize,
}

impl Wakers {
    /// Wakes `waker` each time from now on.
    pub(crate) fn register(&self, waker: &Waker) -> Registration {
        let waker = Some(waker.clone());
        let mut wakers = self.lock();
        let place = match wakers.free.pop() {
            Some(place) => {
                wakers.places[place] = waker;
                place
            }
            None => {
                wakers.places.push(waker);
                wakers.places.len() - 1
            }
        };
        drop(wakers);
        Registration { wakers: self.clone(), place }
    }

    /// Wakes all.
    pub(crate) fn wake_all(&self) {
        let wakers: Vec<Waker> = self.lock().places.iter().flatten().cloned().collect();
        // Woken without the lock: a task that ends by it gives up its registration.
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Registered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut wakers = self.wakers.lock();
        let waker = wakers.places[self.place].take();
        wakers.free.push(self.place);
        drop(wakers);
        // Dropped without the lock.
        drop(waker);
    }
}
