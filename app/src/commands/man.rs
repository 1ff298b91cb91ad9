//! `dashcam man`: the manual's pages, a page for each command, as troff.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use crate::cli::Cli;

/// Writes the pages to the folder `to`, which is made if it isn't there.
pub(crate) fn man(to: &Path) -> Result<()> {
    let place = || to.display().to_string();
    fs::create_dir_all(to).with_context(place)?;
    clap_mangen::generate_to(Cli::command(), to).with_context(place)
}
