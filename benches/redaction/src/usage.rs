//! The processor time that this process has used.

use std::time::Duration;

use anyhow::Context;

/// Processor time, of all threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
}

impl Usage {
    /// From `/proc/self/stat` (proc(5)), whose clock ticks a hundred times a second.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let stat =
            std::fs::read_to_string("/proc/self/stat").context("this benchmark needs Linux's /proc")?;
        let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat has no name")?;
        let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u64>);
        let mut next =
            || anyhow::Ok(Duration::from_millis(ticks.next().context("/proc/self/stat is short")?? * 10));
        Ok(Self { user: next()?, system: next()? })
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self { user: self.user - before.user, system: self.system - before.system }
    }
}
