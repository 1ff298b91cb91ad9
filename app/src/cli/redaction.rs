//! Options of redaction, and arguments of `dashcam redaction`.

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::config::seal_time;

/// Options of redaction.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub(crate) struct RedactionArgs {
    /// Take secrets out of what is recorded by this set of rules: `default`, one of [redaction.sets], or `off`, which records
    /// passwords and tokens as they pass [default: default].
    #[arg(long, value_name = "SET|off")]
    pub(crate) redaction: Option<String>,
    /// How long secrets that were taken out can be put back for a replay, such as 8h [default: 24h].
    #[arg(long, value_name = "TIME", value_parser = seal_time)]
    pub(crate) seal_for: Option<Duration>,
    /// Seal no secret: nobody can put it back.
    #[arg(long, conflicts_with = "seal_for")]
    pub(crate) no_seal: bool,
}

/// Arguments of `dashcam redaction`.
#[derive(Debug, Args)]
pub(crate) struct RedactionCommandArgs {
    /// The action; `ls` if there is none.
    #[command(subcommand)]
    pub(crate) command: Option<RedactionCommand>,
}

/// Actions on the rules of redaction.
#[derive(Debug, Subcommand)]
pub(crate) enum RedactionCommand {
    /// List the sets, which one is in force, and the rules that were added while dashcam ran.
    Ls(super::json::JsonArgs),
    /// Show the rules of a set.
    Show {
        /// Its name.
        set: String,
    },
    /// Add a rule, before those of every set, in force from now on.
    Add(RedactionAddArgs),
    /// Remove rules that were added.
    Rm {
        /// Their numbers, as `dashcam redaction ls` shows them.
        #[arg(required = true)]
        numbers: Vec<usize>,
        /// The reason, for the history.
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
}

/// Arguments of `dashcam redaction add`.
#[derive(Debug, Args)]
pub(crate) struct RedactionAddArgs {
    /// Where secrets stand, and how they are replaced: `header:NAME`, `cookie:NAME`, `query:NAME`, `form:NAME`,
    /// `json:PATH`, `regex:EXPRESSION` or `detector:NAME`. All roles can read rules, and they stay in the history: name the
    /// place or the shape of a secret, never the value.
    pub(crate) place: String,
    /// How they are replaced: remove, mask, pseudonym or seal [default: the usual way of their kind].
    #[arg(long, value_name = "HOW")]
    pub(crate) how: Option<String>,
    /// Only for hosts that match, such as '*.pay.example'.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) host: Option<String>,
    /// Only in requests, responses or messages.
    #[arg(long, value_name = "PART")]
    pub(crate) on: Option<String>,
    /// The kind that stands in placeholders, such as iban.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// The reason, for the history.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}
