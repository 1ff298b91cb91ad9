//! Memory and processor time of this process, from `/proc` (proc(5)).

use std::time::Duration;

use anyhow::{Context as _, Result};

/// Bytes that are resident at most since the process began or since [`forget_peak`].
pub(crate) fn peak() -> Result<u64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("this benchmark needs Linux's /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes =
        line.and_then(|line| line.trim().strip_suffix(" kB")).context("/proc/self/status has no VmHWM")?;
    Ok(kilobytes.trim().parse::<u64>()? * 1024)
}

/// From now on the peak is counted again.
pub(crate) fn forget_peak() -> Result<()> {
    std::fs::write("/proc/self/clear_refs", "5").context("cannot reset the peak of memory")
}

/// Processor time of all threads since the process began; the clock ticks a hundred times a second.
pub(crate) fn cpu() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat has no name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(Duration::from_millis(ticks.sum::<Result<u64, _>>()? * 10))
}
