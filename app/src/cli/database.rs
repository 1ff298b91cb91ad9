//! Arguments of the commands for the database as a whole.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::json::JsonArgs;
use crate::{bounds, completion};

/// Arguments of `dashcam gaps`.
#[derive(Debug, Args)]
pub(crate) struct GapsArgs {
    /// How many hours to show, the latest in which something was lost.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 100)]
    pub(crate) number: u32,
    /// Print one JSON object an hour.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam boundaries`.
#[derive(Debug, Args)]
pub(crate) struct BoundariesArgs {
    /// The beginning: so long ago (1h, 7d) or a time (2026-11-22T15:04:05Z) [default: the first that is known].
    #[arg(long, value_name = "TIME", value_parser = bounds::moment)]
    pub(crate) from: Option<jiff::Timestamp>,
    /// The end, in the same way [default: now].
    #[arg(long, value_name = "TIME", value_parser = bounds::moment)]
    pub(crate) until: Option<jiff::Timestamp>,
    /// Show instead the changes of settings, rules, leases, steps and snapshots in that time: by whom, from which address and
    /// session, and why.
    #[arg(long)]
    pub(crate) changes: bool,
    /// Print one JSON object a range, or a change.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam archive`.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArgs {
    /// A filter: words, host:api.*, status:5xx, … (`dashcam ls --help` has more).
    #[arg(add = completion::filter())]
    pub(crate) filter: Vec<String>,
    /// Move exchanges that began before this: an age, such as 12h or 30d, or a time, such as 2026-11-22T15:04:05Z.
    #[arg(long, value_name = "AGE|TIME", value_parser = bounds::moment)]
    pub(crate) before: jiff::Timestamp,
    /// The database to move them to; it is created if it does not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// Move pinned exchanges as well, with their pins. Otherwise they stay.
    #[arg(long)]
    pub(crate) pinned: bool,
}

/// Arguments of `dashcam sql`.
#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// One statement that reads; - or nothing: from standard input.
    pub(crate) statement: Option<String>,
    /// The form of the answer [default: table, or what the name of the file says].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SqlFormat>,
    /// The file to write; - for standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long)]
    pub(crate) force: bool,
    /// The longest time that it may take, such as 5m, or none. While it runs, the write-ahead log cannot start over.
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub(crate) time_limit: bounds::Age,
}

/// A form of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SqlFormat {
    /// Columns for people.
    Table,
    /// RFC 4180; NULL is empty, bytes are base64.
    Csv,
    /// An array of objects; bytes are base64.
    Json,
    /// An object a line.
    Ndjson,
    /// A Parquet file, for pandas, polars, DuckDB.
    Parquet,
}

/// Arguments of `dashcam db`.
#[derive(Debug, Args)]
pub(crate) struct DbArgs {
    /// The action.
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

/// Actions on the database.
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Show what is in the database. Works while a dashcam records to it.
    #[command(after_help = super::examples::DB_INFO)]
    Info(JsonArgs),
    /// Check whether the database is sound (exit code 0) or not (1). Works while a dashcam records to it.
    #[command(after_help = super::examples::DB_CHECK)]
    Check(CheckArgs),
    /// Repair the database. If the file is damaged, copy all that can be read to a new one, and keep the damaged one
    /// beside it.
    #[command(after_help = super::examples::DB_REPAIR)]
    Repair,
    /// Bring an older dashcam's database up to date, all of it at once, while no dashcam records to it. `dashcam serve`
    /// does the same in the background.
    #[command(after_help = super::examples::DB_MIGRATE)]
    Migrate,
    /// Give unused pages back to the file system.
    #[command(after_help = super::examples::DB_VACUUM)]
    Vacuum,
}

/// Arguments of `dashcam db check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Also compare every index with its table.
    #[arg(long)]
    pub(crate) thorough: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
