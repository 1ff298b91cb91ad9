//! Arguments of `dashcam record` and `dashcam lease`.

use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};
use dashcam_control::Sample;
use dashcam_exchange::Level;

use crate::{bounds, completion};

/// Arguments of `dashcam record`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("bound").args(["lasting", "max", "count"]).multiple(true).requires("level"))]
pub(crate) struct RecordArgs {
    /// off, metrics, metadata or full; without it the command shows the current level.
    #[arg(value_parser = super::levels::levels(), hide_possible_values = true)]
    pub(crate) level: Option<Level>,
    /// The reason, for the history.
    #[arg(long, visible_alias = "reason", value_name = "TEXT", requires = "level")]
    pub(crate) why: Option<String>,
    /// Begin a lease: the level holds for so long, such as 10m, before all rules. Then what held before holds again.
    #[arg(long = "for", value_name = "TIME", value_parser = bounds::time, help_heading = "Leases")]
    pub(crate) lasting: Option<Duration>,
    /// End the lease when so many bytes were recorded by it, such as 500MB.
    #[arg(long, value_name = "SIZE", value_parser = bounds::bytes, help_heading = "Leases")]
    pub(crate) max: Option<u64>,
    /// End the lease when it has matched so many exchanges.
    #[arg(long, value_name = "NUMBER", help_heading = "Leases")]
    pub(crate) count: Option<u64>,
    /// The exchanges that the lease is about: a filter (`dashcam ls --help`); all of them if it is left out.
    #[arg(long = "match", value_name = "FILTER", requires = "bound", add = completion::filter(), help_heading = "Leases")]
    pub(crate) filter: Option<String>,
    /// Record only a part of them, as `dashcam rule add --sample` has it.
    #[arg(long, value_name = "PART", requires = "bound", help_heading = "Leases")]
    pub(crate) sample: Option<Sample>,
    /// The most bytes of each of their bodies that are stored, such as 64KiB.
    #[arg(long, value_name = "SIZE", requires = "bound", value_parser = bounds::bytes, help_heading = "Leases")]
    pub(crate) body_limit: Option<u64>,
    /// Let the lease go on after a restart of dashcam, with what is left of it; otherwise a restart ends it.
    #[arg(long, requires = "bound", help_heading = "Leases")]
    pub(crate) persist: bool,
    /// Close the connections that were opened while nothing was recorded, and so go on unread: their clients open
    /// others. Each is closed when nothing moves on it for half a second, or after five seconds.
    #[arg(long)]
    pub(crate) close_tunnels: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam lease`.
#[derive(Debug, Args)]
pub(crate) struct LeaseArgs {
    /// The action; `ls` if there is none.
    #[command(subcommand)]
    pub(crate) command: Option<LeaseCommand>,
}

/// Actions on leases.
#[derive(Debug, Subcommand)]
pub(crate) enum LeaseCommand {
    /// List the leases in force, the newest first, with what they have used.
    #[command(after_help = super::examples::LEASE_LS)]
    Ls(LeaseLsArgs),
    /// Let a lease last longer: its time, bytes and exchanges grow by so much. One without such a bound gets it, counted from
    /// now on.
    #[command(after_help = super::examples::LEASE_EXTEND)]
    Extend(LeaseExtendArgs),
    /// End leases now: what holds without them holds again.
    #[command(after_help = super::examples::LEASE_END)]
    End(LeaseEndArgs),
}

/// Arguments of `dashcam lease ls`.
#[derive(Debug, Default, Args)]
pub(crate) struct LeaseLsArgs {
    /// List those as well that have ended, and why.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam lease extend`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("more").args(["lasting", "max", "count"]).multiple(true).required(true))]
pub(crate) struct LeaseExtendArgs {
    /// Its number.
    pub(crate) id: i64,
    /// So much more time, such as 10m.
    #[arg(long = "for", value_name = "TIME", value_parser = bounds::time)]
    pub(crate) lasting: Option<Duration>,
    /// So many more bytes, such as 500MB.
    #[arg(long, value_name = "SIZE", value_parser = bounds::bytes)]
    pub(crate) max: Option<u64>,
    /// So many more exchanges.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) count: Option<u64>,
    /// The reason, for the history.
    #[arg(long, visible_alias = "reason", value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// Arguments of `dashcam lease end`.
#[derive(Debug, Args)]
pub(crate) struct LeaseEndArgs {
    /// Their numbers.
    #[arg(required = true)]
    pub(crate) ids: Vec<i64>,
    /// The reason, for the history.
    #[arg(long, visible_alias = "reason", value_name = "TEXT")]
    pub(crate) why: Option<String>,
}
