//! The CPU time that the recording takes on threads of its own: the one that writes, passes over the write-ahead log, and
//! work behind the writer. Searches are not among it: they are their callers'.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// An account of CPU time. Cheap to clone: all clones are the same account.
#[derive(Debug, Clone, Default)]
pub(crate) struct CpuTime(Arc<AtomicU64>);

impl CpuTime {
    /// All that was taken so far.
    pub(crate) fn read(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    /// Does `work`, and adds the time of this thread that it takes.
    pub(crate) fn of<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = of_thread();
        let done = work();
        self.0.fetch_add(of_thread().saturating_sub(before), Ordering::Relaxed);
        done
    }
}

/// Nanoseconds that this thread has taken since it began.
fn of_thread() -> u64 {
    // By the C library: rustix asks the kernel's vDSO, which valgrind has none of.
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(0, |time| {
        u64::try_from(time.tv_sec()).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn work_is_accounted_and_waiting_is_not() {
        let time = CpuTime::default();
        let began = Instant::now();
        time.of(|| {
            let mut sum = 0_u64;
            while began.elapsed() < Duration::from_millis(20) {
                sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(1));
            }
        });
        let worked = time.read();
        assert!(worked > Duration::ZERO && worked <= began.elapsed(), "{worked:?}");
        let (_sender, receiver) = std::sync::mpsc::sync_channel::<()>(1);
        time.of(|| receiver.recv_timeout(Duration::from_millis(50)).is_err());
        assert!(time.read() - worked < Duration::from_millis(40), "{:?}", time.read());
    }
}
