//! The last steps of a process before it becomes the program that `run` was given.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::cli::NamespaceArgs;
use crate::deep;
use crate::namespace::{self, cannot_run};

/// Makes the namespace, hands calls over and becomes the program; returns the exit code where it can't. Called before there is a
/// second thread.
pub(crate) fn enter(args: &NamespaceArgs) -> u8 {
    let pairs: Vec<(&OsStr, &OsStr)> =
        args.lay.chunks_exact(2).map(|pair| (pair[0].as_os_str(), pair[1].as_os_str())).collect();
    let laid = if pairs.is_empty() { Ok(()) } else { namespace::lay(&pairs) };
    // The last thing before the program, as all that follows is supervised.
    let begun = laid.and_then(|()| match &args.supervised_by {
        Some(supervisor) => deep::hand_over(supervisor, args.shown_files),
        None => Ok(()),
    });
    if let Err(error) = begun {
        eprintln!("dashcam: {error:#}");
        return 1;
    }
    let Some((program, arguments)) = args.command.split_first() else { return 1 };
    let error = Command::new(program).args(arguments).exec();
    cannot_run(program, &error)
}
