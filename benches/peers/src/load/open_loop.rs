//! Requests that are due at their times whatever becomes of others, by a client that knows when it was itself the one
//! that was late.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use super::client::Connection;
use super::scheduling::{self, RunQueue, Stolen};

/// A client that was kept from running for longer than this was late by itself. Waking up takes a tenth of it.
const LATE: Duration = Duration::from_micros(250);

/// The load of one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Requests a second, over all connections.
    pub(crate) rate: f64,
    /// Requests that are due in it are made and not counted.
    pub(crate) lead: Duration,
    /// Requests that are due in it count.
    pub(crate) counted: Duration,
    /// Decides when exactly requests are due: the same for the same number.
    pub(crate) seed: u64,
}

/// The counted requests of a plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Time from when each was due to its whole response, sorted.
    pub(crate) times: Vec<Duration>,
    /// How many were left out, because the client was kept from running meanwhile.
    pub(crate) left_out: usize,
}

/// A request that was made.
struct Made {
    due: Instant,
    /// When it could be sent: when it was due, or when the client woke for it.
    begun: Instant,
    ended: Instant,
    /// The client was kept from running, or the request waited for one before it of which that is true.
    late: bool,
}

/// Puts `plan` on the connections, a thread for each.
pub(crate) fn open_loop(connections: &[Mutex<Connection>], path: &str, plan: Plan) -> Result<Seen> {
    // Threads are there before anything is due.
    let start = Instant::now() + Duration::from_millis(10);
    let end = start + plan.lead + plan.counted;
    let mut made = Vec::new();
    let stolen = std::thread::scope(|scope| {
        let stolen = scope.spawn(move || Stolen::until(end));
        let threads: Vec<_> = (0..connections.len())
            .map(|index| scope.spawn(move || one(connections, index, (start, end), (path, plan))))
            .collect();
        for thread in threads {
            made.extend(thread.join().map_err(|_| anyhow!("a thread of the load panicked"))??);
        }
        stolen.join().map_err(|_| anyhow!("the watch over the processor panicked"))?
    })?;
    Ok(seen(&made, start + plan.lead, &stolen))
}

/// The requests of one connection.
fn one(
    connections: &[Mutex<Connection>],
    index: usize,
    (start, end): (Instant, Instant),
    (path, plan): (&str, Plan),
) -> Result<Vec<Made>> {
    scheduling::go_first();
    let queue = RunQueue::of_this_thread()?;
    let connection = connections.get(index).context("too few connections")?;
    let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    let interval = Duration::from_secs_f64(connections.len() as f64 / plan.rate);
    let mut random = Random(plan.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (index as u64 + 1));
    let (mut made, mut slot, mut was_late): (Vec<Made>, _, _) = (Vec::new(), start, false);
    while slot < end {
        // Somewhere in its interval, so that requests meet by chance, as they do in traffic.
        let due = slot + interval.mul_f64(random.share());
        slot += interval;
        let is_free = Instant::now() < due;
        wait_for(due);
        let woken = Instant::now();
        let before = queue.waited()?;
        connection.get(path)?;
        let ended = Instant::now();
        let waited = queue.waited()?.saturating_sub(before);
        let overslept = if is_free { woken - due } else { Duration::ZERO };
        was_late = waited.max(overslept) > LATE || (!is_free && was_late);
        // A request that found its connection busy waited for the proxy; one that did not, for our timer.
        made.push(Made { due, begun: if is_free { woken } else { due }, ended, late: was_late });
    }
    Ok(made)
}

/// Those that were due from `from` on and in which nothing kept the client from running.
fn seen(made: &[Made], from: Instant, stolen: &Stolen) -> Seen {
    let mut seen = Seen::default();
    for request in made.iter().filter(|request| request.due >= from) {
        if request.late || stolen.within(request.due, request.ended) {
            seen.left_out += 1;
        } else {
            seen.times.push(request.ended - request.begun);
        }
    }
    seen.times.sort_unstable();
    seen
}

#[expect(clippy::disallowed_methods, reason = "a load at a fixed rate is a matter of time")]
fn wait_for(due: Instant) {
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
}

/// Numbers that look random and are the same each time (xorshift).
struct Random(u64);

impl Random {
    /// A number from 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_unless_the_client_was_late() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let made = |due, ended, late| Made { due: at(due), begun: at(due), ended: at(ended), late };
        let stolen = Stolen::of(vec![(at(50), at(60))]);
        let requests = [
            made(0, 1, false),
            made(10, 13, false),
            made(20, 22, true),
            made(45, 51, false),
            made(70, 71, false),
        ];
        let seen = seen(&requests, at(10), &stolen);
        assert_eq!(seen.times, [1, 3].map(Duration::from_millis));
        assert_eq!(seen.left_out, 2);
    }

    #[test]
    fn moments_are_spread_and_the_same_each_time() {
        let moments = |seed| {
            let mut random = Random(seed);
            (0..1000).map(|_| random.share()).collect::<Vec<f64>>()
        };
        let first = moments(7);
        assert!(first.iter().all(|share| (0.0..1.0).contains(share)));
        assert!((first.iter().sum::<f64>() / 1000.0 - 0.5).abs() < 0.05);
        assert_eq!(first, moments(7));
        assert_ne!(first, moments(8));
    }
}
