//! The cost that recording may have, as people write it: `cpu=5%,memory=256MB,disk=20GB,p99=1ms`.

use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use jiff::SignedDuration;

/// The least memory: a single large head needs some.
const LEAST_MEMORY: u64 = 1 << 20;
/// The least disk: the database and its write-ahead log need some to work at all.
const LEAST_DISK: u64 = 32 << 20;
/// The least delay that can be told from none.
const LEAST_DELAY: Duration = Duration::from_micros(10);
/// The room beside the database that its write-ahead log gets of a disk budget, at least …
const LOG: u64 = 96 << 20;

/// The cost that recording may have, at most; `None` bounds nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Budget {
    /// Percent of the CPUs that dashcam may use (its affinity, and its container's quota).
    pub cpu: Option<f64>,
    /// Bytes that the recorder holds between traffic and disk.
    pub memory: Option<u64>,
    /// Bytes of the database on disk, with its write-ahead log.
    pub disk: Option<u64>,
    /// The 99th percentile of the time for which ready work waits on the threads that carry traffic.
    pub p99: Option<Duration>,
}

/// A budget that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBudget {
    /// A part without a value.
    #[error(
        "invalid budget \u{201c}{0}\u{201d}; expected one such as cpu=5%,memory=256MB,disk=20GB,p99=1ms, or none"
    )]
    Part(String),
    /// A part that there is not.
    #[error("a budget has no \u{201c}{0}\u{201d}; expected cpu, memory, disk or p99")]
    Unknown(String),
    /// A part that is there twice.
    #[error("the budget says {0} twice: leave one out")]
    Twice(&'static str),
    /// Not a share of the CPUs.
    #[error(
        "invalid cpu \u{201c}{0}\u{201d} of a budget; expected a share of this machine's CPUs from 0.1% to 100%, such as 5%"
    )]
    Cpu(String),
    /// Not a size, or one that is too small.
    #[error(
        "invalid memory \u{201c}{0}\u{201d} of a budget; expected a size of at least 1MiB, such as 256MB"
    )]
    Memory(String),
    /// Not a size, or one that is too small.
    #[error("invalid disk \u{201c}{0}\u{201d} of a budget; expected a size of at least 32MiB, such as 20GB")]
    Disk(String),
    /// Not a time, or one that can't be measured.
    #[error("invalid p99 \u{201c}{0}\u{201d} of a budget; expected a time from 10us to 10s, such as 1ms")]
    P99(String),
}

impl Budget {
    /// A share of the CPUs in percent.
    ///
    /// # Errors
    /// When it is none.
    pub fn cpu(text: &str) -> Result<f64, InvalidBudget> {
        let share = text.strip_suffix('%').and_then(|share| share.trim().parse::<f64>().ok());
        share.filter(|share| (0.1..=100.0).contains(share)).ok_or_else(|| InvalidBudget::Cpu(text.to_owned()))
    }

    /// An amount of memory in bytes.
    ///
    /// # Errors
    /// When it is none.
    pub fn memory(text: &str) -> Result<u64, InvalidBudget> {
        size(text, LEAST_MEMORY).ok_or_else(|| InvalidBudget::Memory(text.to_owned()))
    }

    /// An amount of disk in bytes.
    ///
    /// # Errors
    /// When it is none.
    pub fn disk(text: &str) -> Result<u64, InvalidBudget> {
        size(text, LEAST_DISK).ok_or_else(|| InvalidBudget::Disk(text.to_owned()))
    }

    /// A delay.
    ///
    /// # Errors
    /// When it is none.
    pub fn p99(text: &str) -> Result<Duration, InvalidBudget> {
        let delay = text.parse::<SignedDuration>().ok().and_then(|delay| Duration::try_from(delay).ok());
        delay
            .filter(|delay| (LEAST_DELAY..=Duration::from_secs(10)).contains(delay))
            .ok_or_else(|| InvalidBudget::P99(text.to_owned()))
    }

    /// Returns whether nothing is bounded.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The same, with the parts of `other` that this one does not say.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.or(other.cpu),
            memory: self.memory.or(other.memory),
            disk: self.disk.or(other.disk),
            p99: self.p99.or(other.p99),
        }
    }

    /// The size to which retention keeps the database so that it fits into the disk budget with its write-ahead log: nine
    /// tenths of it, and less where a tenth is too little for the log.
    #[must_use]
    pub fn retention_size(&self) -> Option<u64> {
        self.disk.map(|disk| disk - (disk / 10).max(LOG).min(disk / 2))
    }
}

fn size(text: &str, least: u64) -> Option<u64> {
    text.parse::<ByteSize>().ok().map(|size| size.as_u64()).filter(|size| *size >= least)
}

impl FromStr for Budget {
    type Err = InvalidBudget;

    fn from_str(text: &str) -> Result<Self, InvalidBudget> {
        let mut budget = Self::default();
        if text.trim() == "none" {
            return Ok(budget);
        }
        for part in text.split(',') {
            let said = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            let Some((name, value)) = said.filter(|(name, value)| !name.is_empty() && !value.is_empty())
            else {
                return Err(InvalidBudget::Part(part.trim().to_owned()));
            };
            match name {
                "cpu" => set(&mut budget.cpu, "cpu", Self::cpu(value)?)?,
                "memory" => set(&mut budget.memory, "memory", Self::memory(value)?)?,
                "disk" => set(&mut budget.disk, "disk", Self::disk(value)?)?,
                "p99" => set(&mut budget.p99, "p99", Self::p99(value)?)?,
                _ => return Err(InvalidBudget::Unknown(name.to_owned())),
            }
        }
        Ok(budget)
    }
}

fn set<T>(part: &mut Option<T>, name: &'static str, value: T) -> Result<(), InvalidBudget> {
    match part.replace(value) {
        Some(_) => Err(InvalidBudget::Twice(name)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read() {
        let all = Budget {
            cpu: Some(5.0),
            memory: Some(256_000_000),
            disk: Some(20_000_000_000),
            p99: Some(Duration::from_millis(1)),
        };
        for (text, expect) in [
            ("cpu=5%,memory=256MB,disk=20GB,p99=1ms", all),
            (" p99 = 1ms , cpu = 5 % ,disk=20GB,memory=256MB", all),
            ("cpu=0.5%", Budget { cpu: Some(0.5), ..Budget::default() }),
            ("p99=250us", Budget { p99: Some(Duration::from_micros(250)), ..Budget::default() }),
            ("memory=1MiB", Budget { memory: Some(1 << 20), ..Budget::default() }),
            ("disk=33554432", Budget { disk: Some(32 << 20), ..Budget::default() }),
            ("none", Budget::default()),
        ] {
            assert_eq!(text.parse(), Ok(expect), "{text}");
        }
    }

    #[test]
    fn errors_say_which_part_and_what_it_may_be() {
        for (text, expect) in [
            ("", "expected one such as cpu=5%,memory=256MB"),
            ("cpu", "invalid budget \u{201c}cpu\u{201d}"),
            ("cpu=5%,", "invalid budget \u{201c}\u{201d}"),
            ("cpu=", "invalid budget \u{201c}cpu=\u{201d}"),
            ("gpu=5%", "no \u{201c}gpu\u{201d}; expected cpu, memory, disk or p99"),
            ("cpu=5%,cpu=6%", "cpu twice"),
            ("cpu=5", "such as 5%"),
            ("cpu=0%", "from 0.1% to 100%"),
            ("cpu=101%", "from 0.1% to 100%"),
            ("cpu=NaN%", "from 0.1% to 100%"),
            ("memory=lots", "invalid memory \u{201c}lots\u{201d}"),
            ("memory=1k", "at least 1MiB"),
            ("disk=-5GB", "invalid disk"),
            ("disk=1MB", "at least 32MiB"),
            ("p99=1", "such as 1ms"),
            ("p99=0s", "from 10us to 10s"),
            ("p99=-1ms", "from 10us to 10s"),
            ("p99=1h", "from 10us to 10s"),
        ] {
            let error = text.parse::<Budget>().unwrap_err().to_string();
            assert!(error.contains(expect), "{text}: {error}");
        }
    }

    #[test]
    fn the_command_line_goes_before_the_file_part_by_part() {
        let said: Budget = "cpu=1%".parse().unwrap();
        let file: Budget = "cpu=9%,disk=1GB".parse().unwrap();
        assert_eq!(said.or(file), "cpu=1%,disk=1GB".parse().unwrap());
    }

    #[test]
    fn the_log_has_room_beside_the_database() {
        for (disk, expect) in [(32 << 20, 16 << 20), (256 << 20, 160 << 20), (20 << 30, 18 << 30)] {
            let budget = Budget { disk: Some(disk), ..Budget::default() };
            assert_eq!(budget.retention_size(), Some(expect), "{disk}");
        }
        assert_eq!(Budget::default().retention_size(), None);
    }
}
