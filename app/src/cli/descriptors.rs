//! Arguments of `dashcam descriptors`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::json::JsonArgs;

/// Arguments of `dashcam descriptors`.
#[derive(Debug, Args)]
pub(crate) struct DescriptorsArgs {
    /// The action; `ls` if there is none.
    #[command(subcommand)]
    pub(crate) command: Option<DescriptorsCommand>,
}

/// Actions on the descriptor set.
#[derive(Debug, Subcommand)]
pub(crate) enum DescriptorsCommand {
    /// List the files, messages and methods of the set.
    #[command(after_help = super::examples::DESCRIPTORS_LS)]
    Ls(JsonArgs),
    /// Keep the set of a file, in place of the one that is there.
    #[command(after_help = super::examples::DESCRIPTORS_SET)]
    Set {
        /// The file, as `protoc --include_imports --descriptor_set_out=FILE` writes it; - for standard input.
        file: PathBuf,
    },
    /// Remove the set: bodies are read without types again.
    #[command(after_help = super::examples::DESCRIPTORS_RM)]
    Rm,
}
