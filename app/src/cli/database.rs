//! What is done with the database as a whole.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::JsonArgs;
use crate::bounds;

/// What to show of what is missing.
#[derive(Debug, Args)]
pub(crate) struct GapsArgs {
    /// How many of the latest hours in which something was lost.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 100)]
    pub(crate) number: u32,
    /// Print a JSON object an hour.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to move where.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArgs {
    /// Words that must all occur in method, URL, status or content type.
    pub(crate) filter: Vec<String>,
    /// Exchanges that began before: an age, such as 12h or 30d, or a time, such as 2026-11-22T15:04:05Z.
    #[arg(long, value_name = "AGE|TIME", value_parser = bounds::moment)]
    pub(crate) before: jiff::Timestamp,
    /// The database to move them to; it is made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// Move pinned exchanges as well, with their pins; otherwise they stay.
    #[arg(long)]
    pub(crate) pinned: bool,
}

/// What to do with the database.
#[derive(Debug, Args)]
pub(crate) struct DbArgs {
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

/// What to do with the database.
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Show what is in it, also while a dashcam records to it.
    Info(JsonArgs),
    /// Say whether it is sound (exit code 0) or not (1), also while a dashcam records to it.
    Check(CheckArgs),
    /// Mend it. Of a file that is damaged what can be read is copied to a new one; the damaged one is kept beside it.
    Repair,
    /// Give unused pages back to the file system.
    Vacuum,
}

/// How to check.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Compare every index with its table as well.
    #[arg(long)]
    pub(crate) thorough: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
