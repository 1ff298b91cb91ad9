//! The threads of dashcam, where a container allows only so many.

use dashcam_governor::ThreadUse;

/// Threads beside those that follow from the number of CPUs: of the page 2, of the database 8 (one writes, one brings its
/// log over, the others read), one that looks for programs, and one to spare for a command that signs.
const FIXED: usize = 12;
/// Threads of each CPU: one carries traffic, one does everything else, and one waits for look-ups of names.
const OF_CPU: usize = 3;
/// Threads that may wait for disks at the same time, at least: of the recording 2, of the page 1.
const WAITING: usize = 3;
/// Threads that may wait, at most, where there is room (tokio's default).
const MOST_WAITING: usize = 512;
/// The fewest threads with which everything works.
pub(crate) const LEAST: usize = FIXED + OF_CPU + WAITING;

/// The threads that are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs {
    /// Those that carry traffic.
    pub(crate) workers: usize,
}

/// How many threads there may be of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadPlan {
    /// Threads that carry traffic, and as many that do everything else.
    pub(crate) workers: usize,
    /// Threads of the latter that may wait for the disk.
    pub(crate) waiting: usize,
    /// The same for the page.
    pub(crate) waiting_of_page: usize,
    /// Threads of each worker that may wait for look-ups of names.
    pub(crate) waiting_of_worker: usize,
}

impl ThreadPlan {
    /// As many as are wanted, where `left` more may be started.
    pub(crate) fn new(wanted: Needs, left: Option<u64>) -> Self {
        let Some(left) = left.and_then(|left| usize::try_from(left).ok()) else {
            return Self {
                workers: wanted.workers,
                waiting: MOST_WAITING,
                waiting_of_page: MOST_WAITING,
                waiting_of_worker: MOST_WAITING,
            };
        };
        let most = left.saturating_sub(FIXED + WAITING) / OF_CPU;
        let workers = wanted.workers.clamp(1, most.max(1));
        let rest = left.saturating_sub(FIXED + 2 * workers);
        // Each takes its part of what the one before it leaves, so that all fit.
        let waiting_of_worker = (rest / (4 * workers)).clamp(1, MOST_WAITING);
        let rest = rest.saturating_sub(workers * waiting_of_worker);
        let waiting_of_page = (rest / 4).clamp(1, MOST_WAITING);
        let waiting = rest.saturating_sub(waiting_of_page).clamp(2, MOST_WAITING);
        Self { workers, waiting, waiting_of_page, waiting_of_worker }
    }
}

/// The message if there is no room for the fewest threads.
pub(crate) fn shortage(threads: ThreadUse) -> Option<String> {
    let ThreadUse { used, limit } = threads;
    let left = threads.left();
    (left < LEAST as u64).then(|| {
        format!(
            "the container lets dashcam start {left} more threads (of {limit}, {used} are in use), and it needs {LEAST}: \
             raise the limit (docker run --pids-limit, podPidsLimit of Kubernetes, TasksMax of systemd)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most threads that a plan leads to.
    fn all(plan: ThreadPlan) -> usize {
        let of_workers = plan.workers * (2 + plan.waiting_of_worker);
        FIXED + of_workers + plan.waiting + plan.waiting_of_page
    }

    #[test]
    fn a_plan_fits_into_what_is_left() {
        for wanted in [1, 2, 4, 64] {
            for left in LEAST..2000 {
                let plan = ThreadPlan::new(Needs { workers: wanted }, Some(left as u64));
                assert!(all(plan) <= left, "{wanted} of {left}: {plan:?}");
                assert!(plan.workers >= 1 && plan.workers <= wanted);
            }
        }
    }

    #[test]
    fn where_nothing_is_limited_all_are_there() {
        let free = ThreadPlan::new(Needs { workers: 8 }, None);
        assert_eq!((free.workers, free.waiting, free.waiting_of_worker), (8, 512, 512));
        assert_eq!(ThreadPlan::new(Needs { workers: 8 }, Some(100_000)), free);
    }

    #[test]
    fn a_shortage_says_how_many_are_needed_and_where() {
        let check = |used, limit| shortage(ThreadUse { used, limit });
        assert_eq!(check(10, 28), None);
        let message = check(12, 20).unwrap();
        for expect in ["8 more threads (of 20, 12 are in use)", "needs 18", "--pids-limit", "TasksMax"] {
            assert!(message.contains(expect), "{expect} in {message}");
        }
        // A group that is over its limit.
        assert!(check(30, 20).unwrap().contains("start 0 more"));
    }
}
