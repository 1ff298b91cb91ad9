//! The usage of processes: CPU time, memory and bytes for the disk, from /proc.

use std::fs;

use anyhow::{Context as _, Result};

/// Microseconds in one clock tick: Linux shows 100 of them a second.
const TICK_US: u64 = 10_000;

/// The joint usage of a process and all that it has started.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// User and system time so far.
    pub(crate) cpu_us: u64,
    /// Memory now.
    pub(crate) rss: u64,
    /// The most memory that each had, summed.
    pub(crate) peak_rss: u64,
    /// Bytes that were to be written to a disk so far.
    pub(crate) written: u64,
}

/// The usage of `root` and its descendants.
pub(crate) fn of_tree(root: u32) -> Result<Usage> {
    let mut total = of_one(root)?;
    for process in descendants(root)? {
        // A process may end between the listing and the look.
        if let Ok(usage) = of_one(process) {
            total.cpu_us += usage.cpu_us;
            total.rss += usage.rss;
            total.peak_rss += usage.peak_rss;
            total.written += usage.written;
        }
    }
    Ok(total)
}

fn descendants(root: u32) -> Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let process = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        if let Some(process) = process
            && let Ok((_, parent)) = time_and_parent(process)
        {
            parents.push((process, parent));
        }
    }
    let mut family = vec![root];
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
        next += 1;
    }
    Ok(family.split_off(1))
}

fn of_one(process: u32) -> Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let io = fs::read_to_string(format!("/proc/{process}/io"))?;
    Ok(Usage {
        cpu_us: time_and_parent(process)?.0,
        rss: field(&status, "VmRSS:") * 1024,
        peak_rss: field(&status, "VmHWM:") * 1024,
        written: field(&io, "write_bytes:"),
    })
}

/// The number behind `name` in a file of "name: number" lines; 0 if there is none.
fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// CPU time of one process, and its parent's number.
fn time_and_parent(process: u32) -> Result<(u64, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may have spaces: what counts stands behind it.
    let (_, rest) = stat.rsplit_once(") ").context("no name")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let figure =
        |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok()).context("too short");
    Ok(((figure(11)? + figure(12)?) * TICK_US, u32::try_from(figure(1)?)?))
}
