//! A second run for tests that failed: beside a busy machine's other work a limit of time may pass that means nothing.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

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
    let run = watched(&mut cargo(), output)?;
    if run.passed {
        return Ok(Vec::new());
    }
    if run.begun != run.ended {
        bail!("a test program broke off: {} began and {} ended", run.begun, run.ended);
    }
    if run.failed.is_empty() || run.failed.len() > MOST {
        bail!("{} tests failed", run.failed.len());
    }
    for name in &run.failed {
        eprintln!("\n=== {name} failed beside the others: once more, by itself");
        let alone = watched(cargo().args(["--", "--exact", name]), output)?;
        if !alone.passed || alone.passes == 0 {
            bail!("{name} failed twice");
        }
    }
    Ok(run.failed.into_iter().collect())
}

/// A run of test programs.
#[derive(Default)]
struct Run {
    /// Cargo is content.
    passed: bool,
    /// Programs that began, and those that came to their end.
    begun: usize,
    ended: usize,
    /// Programs in which tests ran and all of them passed.
    passes: usize,
    /// Names of tests that failed.
    failed: BTreeSet<String>,
}

impl Run {
    fn take(&mut self, line: &str) {
        self.begun += usize::from(line.starts_with("running ") && line.contains(" test"));
        self.ended += usize::from(line.starts_with("test result: "));
        self.passes += usize::from(line.starts_with("test result: ok. ") && !line.contains(" 0 passed"));
        self.failed.extend(name_of_failed(line));
    }
}

/// Runs `tests`. A program that they left behind may keep their output open: what they printed themselves is there when
/// they have ended.
fn watched(tests: &mut Command, output: &mut impl Write) -> Result<Run> {
    let shown = format!("{tests:?}");
    let mut child = tests.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot run {shown}"))?;
    let printed = BufReader::new(child.stdout.take().context("no output")?);
    let (sender, lines) = sync_channel(64);
    thread::spawn(move || printed.split(b'\n').map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let (mut run, mut over) = (Run::default(), false);
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => {
                output.write_all(&[&line[..], b"\n"].concat())?;
                run.take(&String::from_utf8_lossy(&line));
            }
            Err(RecvTimeoutError::Timeout) if !over => over = child.try_wait()?.is_some(),
            Err(_) => break,
        }
    }
    run.passed = child.wait()?.success();
    Ok(run)
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

    /// A test program in which tests `1`, `2`… of `failing` fail beside others; by itself, a test is named behind the
    /// options, and `alone` is done.
    fn program(failing: &str, alone: &str) -> Command {
        shell(&format!(
            "echo running 9 tests; [ $# = 3 ] && {{ {alone}; }}; \
            for n in {failing}; do echo test t$n ... FAILED; done; echo 'test result: FAILED. 8 passed'; exit 1"
        ))
    }

    #[test]
    fn at_most_two_get_a_second_run() {
        let passes = "echo 'test result: ok. 1 passed'; exit 0";
        assert_eq!(test(|| shell("true"), &mut sink()).unwrap(), [""; 0]);
        assert_eq!(test(|| program("1 2", passes), &mut sink()).unwrap(), ["t1", "t2"]);
        let left_behind = format!("sleep 9 & {passes}");
        assert_eq!(test(|| program("1", &left_behind), &mut sink()).unwrap(), ["t1"]);
        for (failing, alone) in [
            ("1 2 3", passes),
            ("", passes),
            ("1", "exit 1"),
            ("1", "echo 'test result: ok. 0 passed'; exit 0"),
            ("1 2; do echo running 1 test; done; for n in 1", passes),
        ] {
            assert!(test(|| program(failing, alone), &mut sink()).is_err(), "{failing}, {alone}");
        }
    }
}
