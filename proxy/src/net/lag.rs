//! The time for which ready work waits on the threads that carry traffic.
//!
//! A ping is a task that does nothing. Between its beginning and its turn it waits as a request does that could go on: for
//! its thread to get a core, and for everything that the thread does before, recording included. Timers would not do, as
//! theirs are whole milliseconds.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::net::workers::soon;

/// Waits that are remembered, at most.
const MOST: usize = 16_384;

/// Pings the threads that carry traffic, and remembers how long each ping waited.
#[derive(Debug)]
pub struct LagProbe {
    threads: Vec<Thread>,
    /// When a ping was sent, and how long it waited.
    waits: VecDeque<(Instant, Duration)>,
}

/// A thread, with the ping that it has not answered.
#[derive(Debug)]
struct Thread {
    runtime: Handle,
    ping: Option<Ping>,
}

#[derive(Debug)]
struct Ping {
    sent: Instant,
    waited: Arc<OnceLock<Duration>>,
}

impl LagProbe {
    pub(crate) fn new(runtimes: impl Iterator<Item = Handle>) -> Self {
        let threads = runtimes.map(|runtime| Thread { runtime, ping: None }).collect();
        Self { threads, waits: VecDeque::new() }
    }

    /// Pings each thread that has answered the last one.
    pub fn ping(&mut self) {
        self.collect();
        for thread in self.threads.iter_mut().filter(|thread| thread.ping.is_none()) {
            let (sent, waited) = (Instant::now(), Arc::<OnceLock<Duration>>::default());
            thread.ping = Some(Ping { sent, waited: Arc::clone(&waited) });
            soon(&thread.runtime, move || {
                let _is_first = waited.set(sent.elapsed());
            });
        }
    }

    /// The 99th percentile of the waits of the last `window`; of a ping that still waits, so far. `None` without pings.
    pub fn p99(&mut self, window: Duration) -> Option<Duration> {
        self.collect();
        self.waits.retain(|(sent, _)| sent.elapsed() <= window);
        let waiting = self.threads.iter().filter_map(|thread| thread.ping.as_ref());
        let mut waits: Vec<Duration> = waiting.map(|ping| ping.sent.elapsed()).collect();
        waits.extend(self.waits.iter().map(|(_, waited)| *waited));
        percentile(&mut waits)
    }

    /// Takes the answers.
    fn collect(&mut self) {
        for thread in &mut self.threads {
            let answered = thread.ping.take_if(|ping| ping.waited.get().is_some());
            let Some(Ping { sent, waited }) = answered else { continue };
            self.waits.extend(waited.get().map(|waited| (sent, *waited)));
        }
        while self.waits.len() > MOST {
            self.waits.pop_front();
        }
    }
}

/// The least value that at most one in a hundred exceeds.
fn percentile(waits: &mut [Duration]) -> Option<Duration> {
    waits.sort_unstable();
    let place = (waits.len() * 99).div_ceil(100);
    waits.get(place.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::net::workers::Workers;

    #[test]
    fn one_in_a_hundred_may_be_longer() {
        let check = |waits: &[u64], expect: Option<u64>| {
            let mut waits: Vec<_> = waits.iter().map(|ms| Duration::from_millis(*ms)).collect();
            assert_eq!(percentile(&mut waits), expect.map(Duration::from_millis));
        };
        check(&[], None);
        check(&[7], Some(7));
        check(&[9, 1], Some(9));
        let hundred: Vec<u64> = (1..=100).rev().collect();
        check(&hundred, Some(99));
        check(&[&hundred[..], &[1000]].concat(), Some(100));
    }

    #[tokio::test]
    async fn a_thread_that_is_busy_is_noticed_before_it_answers() {
        let workers = Workers::start(1, None).unwrap();
        let mut probe = workers.lag_probe();
        assert_eq!(probe.p99(Duration::from_secs(60)), None);
        let (free, busy) = sync_channel::<()>(1);
        let worker = workers.assign().unwrap();
        soon(&worker.runtime, move || {
            let _is_free = busy.recv_timeout(Duration::from_secs(60));
        });
        probe.ping();
        let deadline = Instant::now() + Duration::from_secs(60);
        let waits_for = |probe: &mut LagProbe, wait: Duration| {
            std::iter::repeat_with(|| probe.p99(Duration::from_secs(60)))
                .take_while(|_| Instant::now() < deadline)
                .any(|lag| lag.is_some_and(|lag| lag >= wait))
        };
        assert!(waits_for(&mut probe, Duration::from_millis(20)), "while it waits");
        drop(free);
        while probe.waits.is_empty() && Instant::now() < deadline {
            probe.collect();
        }
        assert!(probe.waits[0].1 >= Duration::from_millis(20), "and afterwards");
        assert_eq!(probe.p99(Duration::ZERO), None, "of old ones");
        drop(worker);
        workers.end().await;
    }
}
