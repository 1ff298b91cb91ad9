//! Threads that work side by side for a while, and how long each piece of their work took.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use super::{Latency, Outcome};

/// Lets `count` threads `work` until the deadline, each returning how long each of its pieces took.
pub(crate) fn crew(
    count: usize,
    time: Duration,
    work: impl Fn(usize, Instant) -> Result<Vec<Duration>> + Sync,
) -> Result<Outcome> {
    let start = Instant::now();
    let mut times = Vec::new();
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> =
            (0..count).map(|index| scope.spawn(move || work(index, start + time))).collect();
        for thread in threads {
            times.extend(thread.join().map_err(|_| anyhow!("a thread of the load panicked"))??);
        }
        anyhow::Ok(())
    })?;
    outcome(times, start.elapsed())
}

/// Does `piece` again and again until the deadline.
pub(crate) fn until(deadline: Instant, mut piece: impl FnMut() -> Result<()>) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    while Instant::now() < deadline {
        let start = Instant::now();
        piece()?;
        times.push(start.elapsed());
    }
    Ok(times)
}

/// Does `piece` every `interval` until the deadline. Times count from when it was due, so that a slow response
/// makes those behind it late, as it would for users.
pub(crate) fn paced(
    first: Instant,
    interval: Duration,
    deadline: Instant,
    mut piece: impl FnMut() -> Result<()>,
) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    let mut due = first;
    while due < deadline {
        wait_for(due);
        piece()?;
        times.push(due.elapsed());
        due += interval;
    }
    Ok(times)
}

#[expect(clippy::disallowed_methods, reason = "a load at a fixed rate is a matter of time")]
fn wait_for(due: Instant) {
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
}

/// Count, rate and quantiles.
pub(super) fn outcome(mut times: Vec<Duration>, elapsed: Duration) -> Result<Outcome> {
    ensure!(!times.is_empty(), "nothing was done");
    times.sort();
    let quantile = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        times.get(index.min(times.len() - 1)).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
    };
    Ok(Outcome {
        requests: times.len() as u64,
        per_second: times.len() as f64 / elapsed.as_secs_f64(),
        latency: Latency { p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_all_threads() {
        let times = (1..=1000).map(Duration::from_micros).collect();
        let outcome = outcome(times, Duration::from_secs(2)).unwrap();
        assert_eq!((outcome.requests, outcome.per_second), (1000, 500.0));
        assert!((outcome.latency.p50 - 501.0).abs() < 0.5 && (outcome.latency.p99 - 991.0).abs() < 0.5);
    }

    #[test]
    fn one_failure_is_a_failure() {
        let work = |index, deadline| {
            ensure!(index != 1, "tired");
            until(deadline, || Ok(()))
        };
        crew(2, Duration::from_millis(1), work).unwrap_err();
    }
}
