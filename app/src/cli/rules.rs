//! Arguments of the commands about rules.

use clap::{ArgGroup, Args, Subcommand};
use dashcam_control::{Follow, Guarantee, KeepFor, Sample};
use dashcam_exchange::Level;

use crate::{bounds, completion};

/// Arguments of `dashcam rule`.
#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    /// The action; `ls` if there is none.
    #[command(subcommand)]
    pub(crate) command: Option<RuleCommand>,
}

/// Actions on rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RuleCommand {
    /// List the rules in their order, with how many exchanges each has met.
    #[command(after_help = super::examples::RULE_LS)]
    Ls(super::json::JsonArgs),
    /// Add a rule, behind all others unless you say where.
    #[command(after_help = super::examples::RULE_ADD)]
    Add(RuleAddArgs),
    /// Tell which rule a recorded or a described exchange meets, when that is certain, and why.
    #[command(after_help = super::examples::RULE_TEST)]
    Test(RuleTestArgs),
    /// Remove rules.
    #[command(after_help = super::examples::RULE_RM)]
    Rm(RuleRmArgs),
}

/// Arguments of `dashcam rule add`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("place").args(["before", "first", "last"]))]
pub(crate) struct RuleAddArgs {
    /// Its name: a-z, 0-9, `.`, `_` and `-`. Recorded exchanges have it (filter `rule:NAME`).
    pub(crate) name: String,
    /// The exchanges that it is about: a filter (`dashcam ls --help`); all of them if it is left out.
    #[arg(long = "match", value_name = "FILTER", default_value = "", hide_default_value = true, add = completion::filter())]
    pub(crate) filter: String,
    /// How much of them is recorded: off, metrics, metadata or full.
    #[arg(long, value_name = "LEVEL", value_parser = super::levels::levels(), hide_possible_values = true)]
    pub(crate) level: Level,
    /// Record only a part of them: `1%`, `1% by client` (or trace, `header NAME`, `cookie NAME`: those stay together),
    /// `10/s` of each route, or `1MB/s`.
    #[arg(long, value_name = "PART")]
    pub(crate) sample: Option<Sample>,
    /// The most bytes of each of their bodies that are stored, such as 64KiB [default: as the settings say].
    #[arg(long, value_name = "SIZE", value_parser = bounds::bytes)]
    pub(crate) body_limit: Option<u64>,
    /// The lengths to which recording goes for them: `best_effort` (traffic never waits), `bounded 5ms` (it waits at most so
    /// long), or `lossless` (it waits for the disk, and is refused without it) [default: best_effort].
    #[arg(long, value_name = "HOW")]
    pub(crate) guarantee: Option<Guarantee>,
    /// How long they are kept, such as 1h or 7d [default: as --max-size, --max-age and --max-exchanges say].
    #[arg(long, value_name = "AGE")]
    pub(crate) keep_for: Option<KeepFor>,
    /// Once one of them was kept, keep all others of its client or trace for a while: `client 30s`, `trace 30s`.
    #[arg(long, value_name = "GROUP TIME")]
    pub(crate) follow: Option<Follow>,
    /// Take secrets out of their records by this set of [redaction.sets] [default: the one that is chosen for all].
    #[arg(long, value_name = "SET")]
    pub(crate) redaction: Option<String>,
    /// Put it before the rule of that name.
    #[arg(long, value_name = "NAME")]
    pub(crate) before: Option<String>,
    /// Put it before all others.
    #[arg(long)]
    pub(crate) first: bool,
    /// Put it behind all others, which is the default.
    #[arg(long)]
    pub(crate) last: bool,
    /// The reason, for the history.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// Arguments of `dashcam rule test`.
#[derive(Debug, Args)]
pub(crate) struct RuleTestArgs {
    /// The id of a recorded exchange, or a description: method:, url:, host:, client:, program:, mode:, listener:, status:,
    /// dur:, fail:, header.NAME:. Everything that is left out is not known.
    #[arg(required = true, value_name = "ID|NAME:VALUE")]
    pub(crate) exchange: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam rule rm`.
#[derive(Debug, Args)]
pub(crate) struct RuleRmArgs {
    /// Their names.
    #[arg(required = true)]
    pub(crate) names: Vec<String>,
    /// The reason, for the history.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}
