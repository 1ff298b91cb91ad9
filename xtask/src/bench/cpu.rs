//! CPU time of processes, from /proc.

use std::fs;

use anyhow::{Context as _, Result};

/// Microseconds in one clock tick: Linux shows 100 of them a second.
const TICK_US: u64 = 10_000;

/// User and system time of `pid` and its children so far, in microseconds.
pub(crate) fn of_tree(pid: u32) -> Result<u64> {
    let mut total = own(pid)?.0;
    for entry in fs::read_dir("/proc")? {
        let Some(child) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end between the listing and the look.
        if let Ok((time, parent)) = own(child)
            && parent == pid
        {
            total += time;
        }
    }
    Ok(total)
}

/// Time of one process and its parent's number.
fn own(pid: u32) -> Result<(u64, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in parentheses may have spaces: what counts stands behind it.
    let (_, rest) = stat.rsplit_once(") ").context("no name")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let figure =
        |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok()).context("too short");
    Ok(((figure(11)? + figure(12)?) * TICK_US, figure(1)? as u32))
}
