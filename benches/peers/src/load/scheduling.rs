//! How the kernel treats this client: whether it runs when it wants to.

use std::fs::{self, File};
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// Higher priority for the client's threads, as of `nice`: the proxy is to be measured, and not how long its client
/// waits for a core.
const NICE: i32 = -15;

/// Priority of all that is measured over what else runs on the machine, as of `nice`.
const SESSION_NICE: i32 = -10;

const SESSION: &str = "/proc/self/autogroup";

/// How often the hypervisor's account is looked at: it counts in hundredths of a second.
const LOOK: Duration = Duration::from_millis(10);

/// Gives this thread precedence, and timers that are punctual. Without the right to it, more requests are left out.
pub(crate) fn go_first() {
    let _priority = rustix::process::nice(NICE);
    let _slack = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
}

/// The time that this thread was ready to run and did not.
pub(crate) struct RunQueue(File);

impl RunQueue {
    pub(crate) fn of_this_thread() -> Result<Self> {
        Ok(Self(File::open("/proc/thread-self/schedstat").context("a kernel without schedstat")?))
    }

    /// All of it so far.
    pub(crate) fn waited(&self) -> Result<Duration> {
        let mut text = [0; 96];
        let length = self.0.read_at(&mut text, 0)?;
        let text = std::str::from_utf8(text.get(..length).unwrap_or_default())?;
        let waited = text.split_whitespace().nth(1).context("schedstat is short")?;
        Ok(Duration::from_nanos(waited.parse()?))
    }
}

/// When the hypervisor kept this machine from running.
pub(crate) struct Stolen(Vec<(Instant, Instant)>);

impl Stolen {
    /// Watches until `end`.
    pub(crate) fn until(end: Instant) -> Result<Self> {
        go_first();
        let (mut moments, mut looked, mut account) = (Vec::new(), Instant::now(), stolen()?);
        while looked < end {
            rest(LOOK);
            let (now, today) = (Instant::now(), stolen()?);
            if today > account {
                moments.push((looked, now));
            }
            (looked, account) = (now, today);
        }
        Ok(Self(moments))
    }

    #[cfg(test)]
    pub(super) fn of(moments: Vec<(Instant, Instant)>) -> Self {
        Self(moments)
    }

    /// Returns whether some of the time from `from` to `to` was stolen.
    pub(crate) fn within(&self, from: Instant, to: Instant) -> bool {
        self.0.iter().any(|(began, ended)| *began <= to && from <= *ended)
    }
}

/// Hundredths of a second that the hypervisor gave to others, of all cores (proc_stat(5)).
fn stolen() -> Result<u64> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().context("/proc/stat is empty")?;
    Ok(line.split_whitespace().nth(8).map_or(Ok(0), str::parse)?)
}

/// The session's precedence over other sessions of the machine, until it is dropped.
pub(crate) struct Precedence(i32);

impl Precedence {
    /// Takes it; an error where it is not allowed, or the kernel has no such groups.
    pub(crate) fn take() -> Result<Self> {
        let said = fs::read_to_string(SESSION)?;
        let before = said.split_whitespace().last().context("no priority")?.parse()?;
        fs::write(SESSION, SESSION_NICE.to_string())?;
        Ok(Self(before))
    }
}

impl Drop for Precedence {
    fn drop(&mut self) {
        // The session ends with its last program at the latest.
        let _as_before = fs::write(SESSION, self.0.to_string());
    }
}

#[expect(clippy::disallowed_methods, reason = "a gap between two looks, and between two loads")]
pub(crate) fn rest(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_knows_how_long_it_waited_for_a_core() {
        let queue = RunQueue::of_this_thread().unwrap();
        let before = queue.waited().unwrap();
        rest(Duration::from_millis(1));
        assert!(queue.waited().unwrap() >= before);
    }

    #[test]
    fn what_overlaps_a_stolen_moment_is_within_it() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let stolen = Stolen::of(vec![(at(10), at(20))]);
        assert!(
            stolen.within(at(0), at(10)) && stolen.within(at(12), at(13)) && stolen.within(at(19), at(90))
        );
        assert!(!stolen.within(at(0), at(9)) && !stolen.within(at(21), at(90)));
    }
}
