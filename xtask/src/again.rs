//! A second run for tests that failed: beside a busy machine's other work a limit of time may pass that means nothing.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use xtask::step::run_command;

/// So many failures may be the machine's. More are the program's.
const MOST: usize = 2;

/// Runs the tests of `cargo` and passes on what they print. Of at most [`MOST`] that fail, each must pass by itself.
///
/// # Returns
/// The names of those that passed only by themselves.
///
/// # Errors
/// When the tests can't be run, or one fails twice.
pub(crate) fn test(cargo: impl Fn() -> Command, output: &mut impl Write) -> Result<Vec<String>> {
    let (passed, failed) = watched(&mut cargo(), output)?;
    if passed {
        return Ok(Vec::new());
    }
    if failed.is_empty() || failed.len() > MOST {
        bail!("{} tests failed", failed.len());
    }
    for name in &failed {
        eprintln!("\n=== {name} failed beside the others: once more, by itself");
        run_command(cargo().args(["--", "--exact", name]))?;
    }
    Ok(failed)
}

/// Runs `tests`: tells if they passed, and the names of those that failed. A program that they left behind may keep their
/// output open: what they printed themselves is there when they have ended.
fn watched(tests: &mut Command, output: &mut impl Write) -> Result<(bool, Vec<String>)> {
    let shown = format!("{tests:?}");
    let mut run = tests.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot run {shown}"))?;
    let printed = BufReader::new(run.stdout.take().context("no output")?);
    let (sender, lines) = sync_channel(64);
    thread::spawn(move || printed.split(b'\n').map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let (mut failed, mut ended) = (BTreeSet::new(), false);
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => {
                output.write_all(&[&line[..], b"\n"].concat())?;
                failed.extend(name_of_failed(&String::from_utf8_lossy(&line)));
            }
            Err(RecvTimeoutError::Timeout) if !ended => ended = run.try_wait()?.is_some(),
            Err(_) => break,
        }
    }
    Ok((run.wait()?.success(), failed.into_iter().collect()))
}

/// The test that a line says has failed.
fn name_of_failed(line: &str) -> Option<String> {
    let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::sink;

    use super::{Command, name_of_failed, test};

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]);
        shell
    }

    #[test]
    fn names() {
        assert_eq!(name_of_failed("test a::b ... FAILED").as_deref(), Some("a::b"));
        for line in ["test a::b ... ok", "test result: FAILED. 1 passed", "---- a::b stdout ----"] {
            assert_eq!(name_of_failed(line), None, "{line}");
        }
    }

    #[test]
    fn at_most_two_get_a_second_run() {
        // By itself, a test is named behind the options.
        let fails = |count: &str| {
            format!("[ $# = 3 ] || {{ for n in {count}; do echo test t$n ... FAILED; done; exit 1; }}")
        };
        let left_behind = "sleep 9 & [ $# = 3 ] || { echo test t1 ... FAILED; exit 1; }";
        assert_eq!(test(|| shell(left_behind), &mut sink()).unwrap(), ["t1"]);
        assert_eq!(test(|| shell("true"), &mut sink()).unwrap(), [""; 0]);
        assert_eq!(test(|| shell(&fails("1 2")), &mut sink()).unwrap(), ["t1", "t2"]);
        assert!(test(|| shell(&fails("1 2 3")), &mut sink()).is_err());
        assert!(test(|| shell("exit 1"), &mut sink()).is_err());
        assert!(test(|| shell("[ $# = 3 ] || echo test t ... FAILED; exit 1"), &mut sink()).is_err());
    }
}
