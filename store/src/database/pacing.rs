//! How hard the writer works, and what it does about it.
//!
//! While there is little to write, each stretch of work gives way to traffic that waits for the same core: a thread is
//! not interrupted for some milliseconds, else, and requests would feel each batch. While there is much, giving way would
//! only let the queue grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// With batches of so many records the writer is busy: the recorder gathers hardly more …
const MANY: usize = 1000;
/// … and with batches of so many bytes of bodies and messages.
const LARGE: usize = 4 << 20;
/// Without a batch for so long it is not busy, whatever came before.
const LATELY: Duration = Duration::from_secs(1);
/// Steps of SQLite's machine between two looks: about 30 rows of exchanges, and a tenth of a millisecond.
const STEPS: i32 = 3000;

/// How large batches are. Not how long they take: a thread that gives way takes long.
#[derive(Debug)]
pub(crate) struct Load {
    records: usize,
    bytes: usize,
    /// When the last batch was done.
    at: Instant,
    gives_way: Arc<AtomicBool>,
}

impl Load {
    pub(crate) fn new() -> Self {
        Self { records: 0, bytes: 0, at: Instant::now(), gives_way: Arc::new(AtomicBool::new(true)) }
    }

    /// Returns whether there is little time for anything but writing.
    pub(crate) fn is_busy(&self) -> bool {
        (self.records >= MANY || self.bytes >= LARGE) && self.at.elapsed() < LATELY
    }

    /// A batch of so many records and bytes is done.
    pub(crate) fn worked(&mut self, records: usize, bytes: usize) {
        // Of the last batches, rather than the last one.
        self.records = (self.records * 7 + records) / 8;
        self.bytes = (self.bytes * 7 + bytes) / 8;
        self.at = Instant::now();
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_busy_without_batches() {
        let mut load = Load::new();
        load.worked(10 * MANY, 0);
        assert!(load.is_busy());
        load.at -= LATELY;
        assert!(!load.is_busy());
    }

    #[test]
    fn one_large_batch_makes_nobody_busy_and_many_do() {
        for (records, bytes) in [(1024, 0), (10, 8 << 20)] {
            let mut load = Load::new();
            let mut busy = |records, bytes| {
                load.worked(records, bytes);
                load.is_busy()
            };
            assert!((0..20).all(|_| !busy(500, 1000)));
            assert!(!busy(records, bytes));
            assert!((0..50).filter(|_| busy(records, bytes)).count() > 10);
            assert!((0..50).filter(|_| !busy(500, 1000)).count() > 10);
        }
    }
}
