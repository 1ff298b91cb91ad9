//! The CPU time of a task, which may run on any thread.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// An account of CPU time. Cheap to clone: all clones are the same account.
#[derive(Debug, Clone, Default)]
pub(crate) struct CpuMeter(Arc<AtomicU64>);

impl CpuMeter {
    /// All that was taken so far.
    pub(crate) fn read(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// Runs `task`, and adds to `meter` the CPU time of each poll: two system calls, so it is for tasks that are polled some
/// hundred times a second at most.
pub(crate) async fn metered<T>(meter: CpuMeter, task: impl Future<Output = T>) -> T {
    let mut task = pin!(task);
    std::future::poll_fn(move |context| {
        let before = of_thread();
        let polled: Poll<T> = Pin::as_mut(&mut task).poll(context);
        let taken = u64::try_from(of_thread().saturating_sub(before).as_nanos()).unwrap_or(u64::MAX);
        meter.0.fetch_add(taken, Ordering::Relaxed);
        polled
    })
    .await
}

/// The CPU time that this thread has taken since it began.
pub(super) fn of_thread() -> Duration {
    // By the C library: rustix asks the kernel's vDSO, which valgrind has none of.
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_metered_and_waiting_is_not() {
        let meter = CpuMeter::default();
        let work = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let until = of_thread() + Duration::from_millis(10);
            while of_thread() < until {}
            7
        };
        assert_eq!(metered(meter.clone(), work).await, 7);
        let taken = meter.read();
        assert!((Duration::from_millis(10)..Duration::from_millis(90)).contains(&taken), "{taken:?}");
    }
}
