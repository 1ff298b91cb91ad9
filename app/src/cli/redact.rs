//! Arguments of `dashcam redact` and `dashcam seal`.

use clap::{Args, Subcommand};

use super::examples;
use crate::{bounds, completion};

/// Arguments of `dashcam redact`.
#[derive(Debug, Args)]
pub(crate) struct RedactArgs {
    /// The exchanges' ids, or a filter that chooses them: numbers alone are ids (`dashcam ls --help` has more). Without any,
    /// every exchange.
    #[arg(value_name = "FILTER|ID", add = completion::choice())]
    pub(crate) choice: Vec<String>,
    /// Only show what would be replaced: places, kinds and counts, never values.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The set of rules [default: the one that is in force].
    #[arg(long, value_name = "NAME")]
    pub(crate) set: Option<String>,
    /// Redact them without asking, as scripts need it.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam seal`.
#[derive(Debug, Args)]
pub(crate) struct SealArgs {
    /// The action.
    #[command(subcommand)]
    pub(crate) command: SealCommand,
}

/// Actions on sealed secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum SealCommand {
    /// Show how many sealed secrets there are, and when they are forgotten; never their values.
    #[command(after_help = examples::SEAL)]
    Ls {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Delete sealed secrets, so that nobody can put them back.
    #[command(after_help = examples::SEAL_RM)]
    Rm(SealRmArgs),
}

/// Arguments of `dashcam seal rm`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("seals").args(["all", "older_than", "ids"]).required(true).multiple(false))]
pub(crate) struct SealRmArgs {
    /// All of them.
    #[arg(long)]
    pub(crate) all: bool,
    /// Those that were sealed first so long ago (12h, 7d), or before a time (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = bounds::moment)]
    pub(crate) older_than: Option<jiff::Timestamp>,
    /// The ids of some, as they stand in placeholders: 24 digits.
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Delete them without asking, as scripts need it.
    #[arg(long, short)]
    pub(crate) yes: bool,
}
