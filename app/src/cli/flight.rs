//! Options of the flight recorder, and arguments of `dashcam snapshot`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use dashcam_views::export::{self, ExportFormat};

use crate::flight::{AfterTime, RingSize};

/// Options of the flight recorder.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub(crate) struct FlightArgs {
    /// Keep everything that the rules do not keep for a while, in a ring in memory that survives a crash, for `dashcam
    /// snapshot` and the triggers below: at least for TIME, in at most SIZE (the size wins), such as 60s,256MB.
    #[arg(long, value_name = "TIME,SIZE")]
    pub(crate) flight: Option<RingSize>,
    /// The file of the ring [default: one on a tmpfs with room for it ($XDG_RUNTIME_DIR or /dev/shm), else one in the
    /// home].
    #[arg(long, value_name = "FILE")]
    pub(crate) flight_file: Option<PathBuf>,
    /// Take a snapshot when an exchange matches FILTER, such as 'status:5xx'. Can be repeated.
    #[arg(long, value_name = "FILTER")]
    pub(crate) flight_on: Vec<String>,
    /// Take a snapshot when an exchange takes so many times what 99 of 100 of its route take, such as 5x.
    #[arg(long, value_name = "FACTOR")]
    pub(crate) flight_slow: Option<String>,
    /// How long a snapshot goes on after what set it off [default: 10s].
    #[arg(long, value_name = "TIME")]
    pub(crate) flight_after: Option<AfterTime>,
}

/// Arguments of `dashcam snapshot`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SnapshotArgs {
    /// Why, for those who find it later, such as INC-123. It becomes part of the name.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// How long it is to go on from now, such as 30s [default: as --flight-after says].
    #[arg(long, value_name = "TIME")]
    pub(crate) after: Option<AfterTime>,
    /// Print the answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The work to do; without it, one is taken.
    #[command(subcommand)]
    pub(crate) command: Option<SnapshotCommand>,
}

/// Work on snapshots.
#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// List snapshots, and the rings that killed runs have left, newest first.
    Ls {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a snapshot: what set it off, what it covers, and what is missing.
    Show {
        /// Its name.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Store the ring that a killed run has left.
    Save {
        /// Its name, as `dashcam snapshot ls` shows it.
        name: String,
    },
    /// Write the exchanges of a snapshot to a file.
    Export {
        /// Its name.
        name: String,
        /// How they are written.
        #[command(flatten)]
        export: SnapshotExport,
    },
    /// Delete a snapshot with its exchanges, but for those that were pinned or belong to another; or the ring that a killed
    /// run has left.
    Rm {
        /// Its name.
        name: String,
        /// Delete it without asking.
        #[arg(short, long)]
        yes: bool,
    },
}

/// The file that the exchanges of a snapshot are written to.
#[derive(Debug, Args)]
pub(crate) struct SnapshotExport {
    /// The format of the file.
    #[arg(long, value_name = "FORMAT", default_value = export::FORMATS[0].name, value_parser = export_format())]
    pub(crate) format: &'static ExportFormat,
    /// The file to write; - for standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Reads the name of a format.
pub(super) fn export_format() -> impl TypedValueParser<Value = &'static ExportFormat> {
    let names = export::FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(names).try_map(|name| export::format(Some(&name)))
}
