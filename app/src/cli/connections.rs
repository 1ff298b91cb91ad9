//! Arguments of the commands about client connections.

use clap::{Args, Subcommand};

/// Arguments of `dashcam connections`.
#[derive(Debug, Args)]
pub(crate) struct ConnectionsArgs {
    /// List only those that failed.
    #[arg(long)]
    pub(crate) failed: bool,
    /// How many connections to list, the newest ones.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 100)]
    pub(crate) number: u32,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam rejected`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RejectedArgs {
    /// The change; without one the command lists them.
    #[command(subcommand)]
    pub(crate) change: Option<RejectedChange>,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A change of what is tunnelled.
#[derive(Debug, Subcommand)]
pub(crate) enum RejectedChange {
    /// Let connections of these be decrypted again.
    #[command(after_help = super::examples::REJECTED_RM)]
    Rm(RejectedRemoval),
}

/// The entries to remove.
#[derive(Debug, Args)]
pub(crate) struct RejectedRemoval {
    /// Their numbers, as `dashcam rejected` lists them.
    #[arg(required_unless_present = "all")]
    pub(crate) ids: Vec<u64>,
    /// All of them.
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
}
