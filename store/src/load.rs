//! How hard the writer works, and what it does about it.
//!
//! While there is little to write, each stretch of work gives way to traffic that waits for the same core: a thread is
//! not interrupted for some milliseconds, else, and requests would feel each batch. While there is much, giving way would
//! only let the queue grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rustix::time::{ClockId, clock_gettime};

/// Beyond this share of a processor, in percent, the writer is busy …
const BUSY: u32 = 50;
/// … and with batches of so many records, whatever it takes them: the recorder gathers hardly more.
const MANY: usize = 1000;
/// Steps of SQLite's machine between two looks: about 30 rows of exchanges, and a tenth of a millisecond.
const STEPS: i32 = 3000;

/// How much of a processor the writer takes. Not how long it takes: a thread that gives way takes long.
#[derive(Debug)]
pub(crate) struct Load {
    percent: u32,
    records: usize,
    before: Option<Moment>,
    gives_way: Arc<AtomicBool>,
}

/// A moment, and the processor time that the thread had used until then.
#[derive(Debug, Clone, Copy)]
struct Moment {
    at: Instant,
    used: Duration,
}

impl Load {
    pub(crate) fn new() -> Self {
        Self { percent: 0, records: 0, before: None, gives_way: Arc::new(AtomicBool::new(true)) }
    }

    /// Whether there is little time for anything but writing.
    pub(crate) fn is_busy(&self) -> bool {
        self.percent >= BUSY || self.records >= MANY
    }

    /// A batch of so many records is done.
    pub(crate) fn worked(&mut self, records: usize) {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let used = Duration::try_from(time).unwrap_or_default();
        self.add(Moment { at: Instant::now(), used }, records);
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

    fn add(&mut self, now: Moment, records: usize) {
        let Some(before) = self.before.replace(now) else { return };
        let (work, all) = (now.used.saturating_sub(before.used), now.at.duration_since(before.at));
        let percent = work.as_micros() * 100 / all.as_micros().max(1);
        let percent = u32::try_from(percent.min(100)).unwrap_or(100);
        // Of the last batches, rather than the last one: a checkpoint takes long now and then.
        self.percent = (self.percent * 7 + percent) / 8;
        self.records = (self.records * 7 + records) / 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_long_batch_makes_nobody_busy_and_many_do() {
        let mut load = Load::new();
        let mut now = Moment { at: Instant::now(), used: Duration::ZERO };
        let mut batch = |work: u64, rest: u64| {
            now.at += Duration::from_millis(work + rest);
            now.used += Duration::from_millis(work);
            load.add(now, 500);
            load.is_busy()
        };
        assert!((0..20).all(|_| !batch(10, 40)));
        assert!(!batch(500, 1));
        assert!((0..20).all(|_| !batch(10, 40)));
        assert!((0..20).filter(|_| batch(80, 10)).count() > 10);
        assert!((0..20).filter(|_| !batch(10, 40)).count() > 10);
    }

    #[test]
    fn large_batches_are_much_work_whatever_they_take() {
        let mut load = Load::new();
        let mut now = Moment { at: Instant::now(), used: Duration::ZERO };
        for batch in 0..100 {
            now.at += Duration::from_millis(30);
            load.add(now, 1024);
            assert!(batch < 50 || load.is_busy(), "{batch}");
        }
    }
}
