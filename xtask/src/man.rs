//! `cargo xtask man`: the manual's pages, out of the command line's own help.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use xtask::root;
use xtask::step::run_command;
use xtask::tools::target;

/// Writes the pages to `to`, by default `man` in Cargo's target folder.
///
/// # Errors
/// When dashcam can't be built, or the folder can't be written.
pub(crate) fn write(to: Option<&str>) -> Result<()> {
    let to = to.map_or_else(|| target().join("man"), |to| Path::new(to).to_owned());
    let mut cargo = Command::new("cargo");
    run_command(cargo.current_dir(root()).args(["run", "--quiet", "--", "man", "--to"]).arg(&to))?;
    println!("the pages are in {}", to.display());
    Ok(())
}
