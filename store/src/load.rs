//! How hard the writer works, and what it does about it.
//!
//! While there is little to write, each stretch of work gives way to traffic that waits for the same core: a thread is
//! not interrupted for some milliseconds, else, and requests would feel each batch. While there is much, giving way would
//! only let the queue grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rusqlite::Connection;

/// Beyond this share of its time at work, in percent, the writer is busy.
const BUSY: u32 = 50;
/// Steps of SQLite's machine between two looks: about 30 rows of exchanges, and a tenth of a millisecond.
const STEPS: i32 = 3000;

/// The share of the writer's time that it is at work.
#[derive(Debug)]
pub(crate) struct Load {
    percent: u32,
    rested: Option<Instant>,
    gives_way: Arc<AtomicBool>,
}

impl Load {
    pub(crate) fn new() -> Self {
        Self { percent: 0, rested: None, gives_way: Arc::new(AtomicBool::new(true)) }
    }

    /// Whether there is little time for anything but writing.
    pub(crate) fn is_busy(&self) -> bool {
        self.percent >= BUSY
    }

    /// Work that began at `began` is done.
    pub(crate) fn worked(&mut self, began: Instant) {
        self.add(began, Instant::now());
        self.gives_way.store(!self.is_busy(), Ordering::Relaxed);
    }

    /// From now on the statements of `connection` give way now and then.
    pub(crate) fn watch(&self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let gives_way = Arc::clone(&self.gives_way);
        let give_way = move || {
            if gives_way.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            // Go on.
            false
        };
        connection.progress_handler(STEPS, Some(give_way))
    }

    fn add(&mut self, began: Instant, ended: Instant) {
        let since = self.rested.replace(ended).unwrap_or(began);
        let (work, all) = (ended.duration_since(began), ended.duration_since(since));
        let percent = work.as_micros() * 100 / all.as_micros().max(1);
        let percent = u32::try_from(percent.min(100)).unwrap_or(100);
        // Of the last batches, rather than the last one: a checkpoint takes long now and then.
        self.percent = (self.percent * 7 + percent) / 8;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_long_batch_makes_nobody_busy_and_many_do() {
        let mut load = Load::new();
        let mut now = Instant::now();
        let mut batch = |work: u64, rest: u64| {
            let began = now + Duration::from_millis(rest);
            now = began + Duration::from_millis(work);
            load.add(began, now);
            load.is_busy()
        };
        assert!((0..20).all(|_| !batch(10, 40)));
        assert!(!batch(500, 1));
        assert!((0..20).all(|_| !batch(10, 40)));
        assert!((0..20).filter(|_| batch(80, 10)).count() > 10);
        assert!((0..20).filter(|_| !batch(10, 40)).count() > 10);
    }
}
