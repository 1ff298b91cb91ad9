//! Cases under valgrind's callgrind, so that the same binary counts the same, run for run and machine for machine.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use xtask::step::at_once;
use xtask::tools::target;

/// The whole environment: its size moves the stack, and what is in it must not depend on who runs it.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    // `rep movsb` and `rep stosb` count once a byte: glibc is to copy and to clear without them. From what size on
    // it copies past the caches, it would tell from the processor's.
    (
        "GLIBC_TUNABLES",
        "glibc.cpu.hwcaps=-ERMS,-FSRM:glibc.cpu.x86_non_temporal_threshold=0x10000000:\
         glibc.cpu.x86_shared_cache_size=0x2000000:glibc.cpu.x86_data_cache_size=0x8000",
    ),
    // mimalloc gives memory back when a time is over.
    ("MIMALLOC_PURGE_DELAY", "-1"),
];

/// Where callgrind's output is kept, for `callgrind_annotate`.
pub(super) fn folder() -> PathBuf {
    target().join("callgrind")
}

/// The cases and how often each is done.
pub(super) fn cases() -> Result<Vec<(String, u64)>> {
    let output = Command::new(target().join("counts/counts")).output()?;
    let text = String::from_utf8(output.stdout)?;
    let case = |line: &str| {
        let (name, times) = line.split_once(' ').context("no case")?;
        Ok((name.to_owned(), times.parse()?))
    };
    text.lines().map(case).collect()
}

/// The instructions that `case` takes each time. What is done once, and the warming up, is in the first `times` as in
/// twice as many: the difference is without.
pub(super) fn count(case: &str, times: u64) -> Result<u64> {
    fs::create_dir_all(folder())?;
    let (mut once, mut twice) = (0, 0);
    at_once(
        || {
            once = run(case, times, "out1")?;
            Ok(())
        },
        || {
            twice = run(case, 2 * times, "out2")?;
            Ok(())
        },
    )?;
    fs::rename(folder().join("out2"), folder().join(case))?;
    let difference = twice.checked_sub(once).with_context(|| format!("{case}: twice as much takes less"))?;
    let each = difference / times;
    eprintln!("{case}: {each}");
    Ok(each)
}

/// The instructions of the whole process, whose profile goes into the file `out`.
fn run(case: &str, times: u64, out: &str) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.env_clear().envs(ENVIRONMENT).current_dir(target());
    valgrind.args([
        "--tool=callgrind",
        &format!("--callgrind-out-file=callgrind/{out}"),
        "counts/counts",
        case,
    ]);
    let output = valgrind.arg(times.to_string()).output().context("cannot run valgrind")?;
    ensure!(output.status.success(), "{case} failed: {}", String::from_utf8_lossy(&output.stderr));
    let profile = folder().join(out);
    total(&fs::read_to_string(&profile)?).with_context(|| format!("no total in {}", profile.display()))
}

/// The total in callgrind's output.
fn total(output: &str) -> Option<u64> {
    let line = output.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    line?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_stands_at_the_end() {
        let output = "events: Ir\nfn=(1) totals: 7\n0 12\n\ntotals: 3456\n";
        assert_eq!(total(output), Some(3456));
        assert_eq!(total("events: Ir\n"), None);
    }
}
