//! `dashcam completions`: the script for a shell.

use anyhow::Result;

use crate::completion::{self, Shell};
use crate::terminal::print_bytes;

/// Prints the script.
pub(crate) fn completions(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    completion::script(shell, &mut script)?;
    print_bytes(script)
}
