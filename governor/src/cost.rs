//! CPU time made a share of the machine, and an estimate of the part that recording takes on traffic's threads.
//!
//! The threads and tasks that only record are measured. On the threads that carry traffic, capture is a few microseconds here
//! and there, and measuring each would cost more than it finds. So its cost is calibrated once, and reckoned by what was
//! captured.

use std::time::Duration;

/// The amount that was captured since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Captured {
    /// Exchanges.
    pub exchanges: u64,
    /// Bytes of heads, bodies and messages.
    pub bytes: u64,
}

/// The calibrated cost of capture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CaptureCost {
    /// Nanoseconds for an exchange.
    pub exchange_ns: f64,
    /// Nanoseconds for a byte.
    pub byte_ns: f64,
}

impl CaptureCost {
    /// From the times that `exchanges` took, without a body and with one of `bytes`.
    #[must_use]
    pub fn of(exchanges: u32, without: Duration, (with, bytes): (Duration, u32)) -> Self {
        let each = |time: Duration| time.as_nanos() as f64 / f64::from(exchanges.max(1));
        let byte_ns = (each(with) - each(without)).max(0.0) / f64::from(bytes.max(1));
        Self { exchange_ns: each(without), byte_ns }
    }

    /// The CPU time that capture takes on traffic's threads, about.
    #[must_use]
    pub fn time(&self, captured: Captured) -> Duration {
        let ns = captured.exchanges as f64 * self.exchange_ns + captured.bytes as f64 * self.byte_ns;
        Duration::from_nanos(ns as u64)
    }
}

/// Makes CPU time that only grows a share of the CPUs.
#[derive(Debug)]
pub struct CpuShare {
    cpus: f64,
    before: (Duration, Duration),
}

impl CpuShare {
    /// Of so many CPUs, from the time `at` on, when so much was `used`.
    #[must_use]
    pub fn new(cpus: f64, used: Duration, at: Duration) -> Self {
        Self { cpus, before: (used, at) }
    }

    /// Percent of the CPUs since the last call.
    pub fn percent(&mut self, used: Duration, at: Duration) -> f64 {
        let (used_before, before) = std::mem::replace(&mut self.before, (used, at));
        let passed = at.saturating_sub(before).as_secs_f64() * self.cpus;
        if passed <= 0.0 {
            return 0.0;
        }
        used.saturating_sub(used_before).as_secs_f64() / passed * 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_a_share_of_all_cpus() {
        let ms = Duration::from_millis;
        let mut share = CpuShare::new(2.5, ms(1000), ms(5000));
        assert_eq!(share.percent(ms(1250), ms(6000)), 10.0);
        assert_eq!(share.percent(ms(1250), ms(7000)), 0.0, "of the time since the last look");
        assert_eq!(share.percent(ms(1000), ms(7000)), 0.0, "no time has passed");
    }

    #[test]
    fn capture_is_reckoned_by_what_was_captured() {
        let us = Duration::from_micros;
        let cost = CaptureCost::of(100, us(300), (us(700), 4000));
        assert_eq!(cost, CaptureCost { exchange_ns: 3000.0, byte_ns: 1.0 });
        assert_eq!(cost.time(Captured { exchanges: 10, bytes: 5000 }), us(35));
        // Bodies that seem to cost less than nothing cost nothing.
        assert_eq!(CaptureCost::of(100, us(300), (us(200), 4000)).byte_ns, 0.0);
    }
}
