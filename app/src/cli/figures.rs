//! Arguments of the commands that make figures of exchanges.

use std::time::Duration;

use clap::Args;
use dashcam_store::By;
use dashcam_views::figures::{self, Stat};

use crate::completion;

/// Values to group by, with commas between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bys(pub(crate) Vec<By>);

/// Figures, with commas between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stats(pub(crate) Vec<Stat>);

/// Arguments of `dashcam stats`.
#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// A filter: words, host:api.*, status:5xx, … (`dashcam ls --help` has more).
    #[arg(add = completion::filter())]
    pub(crate) filter: Vec<String>,
    /// The values that the exchanges of a group have in common, some of: host, path (with ids folded to {id}), method,
    /// status, type, state, failure, rule, client, program; or none [default: host, or none with --every].
    #[arg(long, value_name = "LIST", value_parser = bys, add = completion::list(&BYS))]
    pub(crate) by: Option<Bys>,
    /// The figures, some of: count, rate (exchanges in a second), errors (failures and 5xx), p50, p95, p99 and max (of the
    /// times that they took), bytes (of bodies, both ways).
    #[arg(
        long,
        value_name = "LIST",
        default_value = "count,rate,errors,p50,p95,p99,bytes",
        value_parser = stats,
        add = completion::list(&STATS)
    )]
    pub(crate) stat: Stats,
    /// Also by time: for each stretch of this length, such as 10s, 1m, 1h or 1d.
    #[arg(long, value_name = "TIME", value_parser = figures::every)]
    pub(crate) every: Option<Duration>,
    /// How many groups, those with the most exchanges: 1 to 1000. All others are one group.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 20, value_parser = number())]
    pub(crate) number: u32,
    /// The form of the answer.
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// Arguments of `dashcam facets`.
#[derive(Debug, Args)]
pub(crate) struct FacetsArgs {
    /// A filter: words, host:api.*, status:5xx, … (`dashcam ls --help` has more).
    #[arg(add = completion::filter())]
    pub(crate) filter: Vec<String>,
    /// The kinds of values, some of: host, path (with ids folded to {id}), method, status, type, state, failure, rule,
    /// client, program.
    #[arg(
        long,
        value_name = "LIST",
        default_value = "host,path,status,type,client",
        value_parser = kinds,
        add = completion::list(&BYS)
    )]
    pub(crate) by: Bys,
    /// How many values of each kind: 1 to 1000.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 10, value_parser = number())]
    pub(crate) number: u32,
    /// The form of the answer.
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// The form of an answer, and the time that it may take.
#[derive(Debug, Args)]
pub(crate) struct FormArgs {
    /// Print one JSON object a line. Its coverage goes to standard error.
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Print CSV (RFC 4180). Its coverage goes to standard error.
    #[arg(long)]
    pub(crate) csv: bool,
    /// The longest time that it may take, such as 500ms or 5m, at most 10m. Then it shows the figures of the newest
    /// exchanges, and says so.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = figures::time_limit)]
    pub(crate) time_limit: Duration,
}

const BYS: [&str; By::ALL.len()] =
    ["host", "path", "method", "status", "type", "state", "failure", "rule", "client", "program"];
const STATS: [&str; Stat::ALL.len()] = ["count", "rate", "errors", "p50", "p95", "p99", "max", "bytes"];

fn bys(text: &str) -> Result<Bys, String> {
    figures::bys(text).map(Bys)
}

fn kinds(text: &str) -> Result<Bys, String> {
    figures::facets(text).map(Bys)
}

fn stats(text: &str) -> Result<Stats, String> {
    figures::stats(text).map(Stats)
}

fn number() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_are_the_names_that_are_known() {
        assert_eq!(By::ALL.map(|(_, name)| name), BYS);
        assert_eq!(Stat::ALL.map(|(_, name)| name), STATS);
    }
}
