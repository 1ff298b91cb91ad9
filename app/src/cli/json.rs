//! The option for output that programs read.

use clap::Args;

/// The option for output that programs read.
#[derive(Debug, Clone, Args)]
pub(crate) struct JsonArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
