//! How the program ends: 0 when all went well, 2 when it could not start, 1 when it failed later, and the
//! child's own code after `run` (125 with `--strict`, where a child that succeeded brought no request).

use std::fmt;
use std::process::ExitCode;

use dashcam_filter::FilterError;

use crate::terminal::{OutputClosed, escaped, escaped_lines};

/// The exit code of a command that SIGINT stopped, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Marks an error as one that the operator has to mend before dashcam can start.
#[derive(Debug)]
pub(crate) struct CannotStart;

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot start")
    }
}

/// The exit code for `ended`; an error is said in one line on stderr, but for one in a filter.
pub(crate) fn code(ended: anyhow::Result<u8>) -> ExitCode {
    let error = match ended {
        Ok(code) => return code.into(),
        Err(error) => error,
    };
    if error.is::<OutputClosed>() {
        return ExitCode::SUCCESS;
    }
    let text = match error.downcast_ref::<FilterError>() {
        // Its place is shown in lines of their own.
        Some(error) => escaped_lines(&error.render()),
        None => escaped(&line(&error).replace('\n', " ")),
    };
    eprintln!("dashcam: {text}");
    if error.downcast_ref::<CannotStart>().is_some() { 2.into() } else { 1.into() }
}

/// The error with its causes; a cause that is in the text already is not repeated.
fn line(error: &anyhow::Error) -> String {
    let mut line = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string).filter(|cause| !cause.is_empty()) {
        if !line.contains(&cause) {
            line += &format!(": {cause}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use anyhow::{Context as _, anyhow};

    use super::*;

    #[test]
    fn a_cause_is_not_repeated() {
        let error = anyhow!("no room").context("a.db can't be written (no room)").context(CannotStart);
        assert_eq!(line(&error), "cannot start: a.db can't be written (no room)");
        assert_eq!(line(&anyhow!("no room").context("a.db")), "a.db: no room");
    }

    #[test]
    fn each_end_has_its_code() {
        let socket = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        for (ended, expect) in [
            (Ok(0), 0),
            (Ok(143), 143),
            (Err(anyhow!("the port is in use")).context(CannotStart), 2),
            (Err(anyhow!("the page failed")), 1),
            (Err(OutputClosed.into()), 0),
            (Err(anyhow::Error::new(socket)), 1),
        ] {
            assert_eq!(code(ended), ExitCode::from(expect));
        }
    }
}
