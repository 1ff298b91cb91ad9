//! Measured values, and how each stands to its bound.

use std::fmt;
use std::time::Duration;

use bytesize::ByteSize;

/// Of a container's memory limit: beyond so much recording steps down …
const CROWDED: f64 = 0.8;
/// … at once beyond so much …
const NEARLY_FULL: f64 = 0.9;
/// … and it steps up again below so much.
const ROOMY: f64 = 0.7;
/// The same for small limits, of which a few percent are nothing: bytes that are left.
const CROWDED_LEFT: f64 = (16 << 20) as f64;
const NEARLY_FULL_LEFT: f64 = (8 << 20) as f64;
const ROOMY_LEFT: f64 = (24 << 20) as f64;
/// Of other bounds: below so much a value is well within it.
const WELL_WITHIN: f64 = 0.75;
/// Retention keeps a database just below its bound.
const DISK_WELL_WITHIN: f64 = 0.95;
/// A queue that is half empty copes.
const QUEUE_WELL_WITHIN: f64 = 0.5;

/// A thing that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// CPU time of recording, in percent of the CPUs that dashcam may use.
    Cpu,
    /// Bytes that the recorder holds.
    Memory,
    /// Bytes of the database on disk.
    Disk,
    /// The 99th percentile of the wait of ready work on traffic's threads, in microseconds.
    P99,
    /// Bytes of memory that the container uses; the bound is its limit.
    Container,
    /// The fuller of the recorder's two queues (places, memory), in percent.
    Queue,
    /// Exchanges that found no room since the last look.
    Dropped,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Cpu, Self::Memory, Self::Disk, Self::P99, Self::Container, Self::Queue, Self::Dropped];

    /// Its name in the API and the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::P99 => "p99",
            Self::Container => "container",
            Self::Queue => "queue",
            Self::Dropped => "dropped",
        }
    }
}

/// A value that was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The thing.
    pub measure: Measure,
    /// The value, in the unit of its [`Measure`].
    pub value: f64,
    /// Its bound; `None` if it has none.
    pub bound: Option<f64>,
}

/// How a value stands to its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Well within it: there is room for more.
    Clear,
    /// Within it.
    Within,
    /// Beyond it.
    Beyond,
    /// So far beyond it that nothing may wait: the container is about to be killed.
    Far,
}

impl Reading {
    /// How it stands to its bound.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Some(bound) = self.bound else { return Standing::Clear };
        let (value, share) = (self.value, self.value / bound);
        let clear = match self.measure {
            Measure::Container => {
                let left = bound - value;
                return match () {
                    () if share >= NEARLY_FULL || left < NEARLY_FULL_LEFT => Standing::Far,
                    () if share >= CROWDED || left < CROWDED_LEFT => Standing::Beyond,
                    () if share <= ROOMY && left >= ROOMY_LEFT => Standing::Clear,
                    () => Standing::Within,
                };
            }
            Measure::Disk => DISK_WELL_WITHIN,
            Measure::Queue => QUEUE_WELL_WITHIN,
            Measure::Cpu | Measure::Memory | Measure::P99 | Measure::Dropped => WELL_WITHIN,
        };
        match () {
            () if value > bound => Standing::Beyond,
            () if value <= bound * clear => Standing::Clear,
            () => Standing::Within,
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, bytes) = (self.value, |amount: f64| ByteSize(amount as u64));
        let time = |us: f64| Duration::from_micros(us as u64);
        match self.measure {
            Measure::Cpu => write!(f, "recording takes {value:.1} % of the CPUs")?,
            Measure::Memory => write!(f, "recording holds {} in memory", bytes(value))?,
            Measure::Disk => write!(f, "the recording takes {} of disk", bytes(value))?,
            Measure::P99 => write!(f, "work waits {:?} on traffic's threads (p99)", time(value))?,
            Measure::Container => write!(f, "the container uses {} of memory", bytes(value))?,
            Measure::Queue => write!(f, "the recorder's queue is {value:.0} % full")?,
            Measure::Dropped => write!(f, "{value:.0} exchanges found no room")?,
        }
        let Some(bound) = self.bound else { return Ok(()) };
        match self.measure {
            Measure::Cpu => write!(f, ", and the budget is {bound} %"),
            Measure::Memory | Measure::Disk => write!(f, ", and the budget is {}", bytes(bound)),
            Measure::P99 => write!(f, ", and the budget is {:?}", time(bound)),
            Measure::Container => write!(f, ", and its limit is {}", bytes(bound)),
            Measure::Queue | Measure::Dropped => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = (1 << 20) as f64;

    #[test]
    fn each_measure_has_its_bounds() {
        use Standing::{Beyond, Clear, Far, Within};
        for (measure, value, bound, expect) in [
            (Measure::Cpu, 5.0, 5.0, Within),
            (Measure::Cpu, 5.1, 5.0, Beyond),
            (Measure::Cpu, 3.7, 5.0, Clear),
            (Measure::Cpu, 3.8, 5.0, Within),
            (Measure::Disk, 96.0, 100.0, Within),
            (Measure::Disk, 95.0, 100.0, Clear),
            (Measure::Disk, 101.0, 100.0, Beyond),
            (Measure::Queue, 91.0, 90.0, Beyond),
            (Measure::Queue, 46.0, 90.0, Within),
            (Measure::Queue, 45.0, 90.0, Clear),
            (Measure::Dropped, 0.0, 0.0, Clear),
            (Measure::Dropped, 1.0, 0.0, Beyond),
            (Measure::P99, 0.0, 1000.0, Clear),
            // A large limit goes by its percents …
            (Measure::Container, 799.0 * MIB, 1000.0 * MIB, Within),
            (Measure::Container, 800.0 * MIB, 1000.0 * MIB, Beyond),
            (Measure::Container, 900.0 * MIB, 1000.0 * MIB, Far),
            (Measure::Container, 701.0 * MIB, 1000.0 * MIB, Within),
            (Measure::Container, 700.0 * MIB, 1000.0 * MIB, Clear),
            // … a small one by what is left.
            (Measure::Container, 40.0 * MIB, 64.0 * MIB, Clear),
            (Measure::Container, 42.0 * MIB, 64.0 * MIB, Within),
            (Measure::Container, 49.0 * MIB, 64.0 * MIB, Beyond),
            (Measure::Container, 57.0 * MIB, 64.0 * MIB, Far),
            (Measure::Container, 30.0 * MIB, 32.0 * MIB, Far),
        ] {
            let reading = Reading { measure, value, bound: Some(bound) };
            assert_eq!(reading.standing(), expect, "{reading:?}");
        }
        let free = Reading { measure: Measure::Cpu, value: 99.0, bound: None };
        assert_eq!(free.standing(), Clear);
    }

    #[test]
    fn a_reading_says_what_was_measured_and_what_may_be() {
        for (measure, value, bound, expect) in [
            (Measure::Cpu, 12.34, Some(5.0), "recording takes 12.3 % of the CPUs, and the budget is 5 %"),
            (
                Measure::Memory,
                300.0 * MIB,
                Some(256.0 * MIB),
                "recording holds 300.0 MiB in memory, and the budget is 256.0 MiB",
            ),
            (
                Measure::P99,
                3100.0,
                Some(1000.0),
                "work waits 3.1ms on traffic's threads (p99), and the budget is 1ms",
            ),
            (
                Measure::Container,
                210.0 * MIB,
                Some(256.0 * MIB),
                "the container uses 210.0 MiB of memory, and its limit is 256.0 MiB",
            ),
            (Measure::Disk, 4.0 * MIB, None, "the recording takes 4.0 MiB of disk"),
            (Measure::Queue, 95.0, Some(90.0), "the recorder's queue is 95 % full"),
            (Measure::Dropped, 7.0, Some(0.0), "7 exchanges found no room"),
        ] {
            assert_eq!(Reading { measure, value, bound }.to_string(), expect);
        }
    }
}
