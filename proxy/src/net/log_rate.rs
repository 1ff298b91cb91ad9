//! Log lines that strangers can cause: a few of them, with a count, so that they don't fill the log's disk.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often one kind of line is written.
const INTERVAL: Duration = Duration::from_secs(10);

/// One kind of line.
#[derive(Debug, Default)]
pub(crate) struct LogRate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    since: u64,
}

impl LogRate {
    /// If a line is due: how many occurrences it stands for, this one and those since the last line.
    pub(crate) fn due(&self) -> Option<u64> {
        self.due_at(Instant::now())
    }

    fn due_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.since += 1;
        if state.last.is_some_and(|last| now.duration_since(last) < INTERVAL) {
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_a_line_now_and_then_that_says_how_many() {
        let (rate, begun) = (LogRate::default(), Instant::now());
        assert_eq!(rate.due_at(begun), Some(1), "the first is told at once");
        assert!((0..1000).all(|_| rate.due_at(begun + INTERVAL / 2).is_none()));
        assert_eq!(rate.due_at(begun + INTERVAL), Some(1001));
        assert_eq!(rate.due_at(begun + INTERVAL * 3), Some(1));
    }
}
