//! Arguments of the commands that change exchanges, or send them again.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use dashcam_views::snippet::{self, SnippetFormat};

use crate::completion;

/// Arguments of `dashcam replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The exchanges' ids, or a filter that chooses them: numbers alone are ids (`dashcam ls --help` has more).
    #[arg(required = true, value_name = "FILTER|ID", add = completion::choice())]
    pub(crate) choice: Vec<String>,
    /// Send at most so many: the newest ones, in the order in which they were recorded.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Send all of them so many times, one after the other.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) times: u16,
    /// Send them without asking. Otherwise dashcam asks before it sends several, or one that a filter chose and that may
    /// change something.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Set a header, in the place of the recorded one: $NAME in the value stands for that variable of the environment, so that
    /// a secret need not stand on the command line. Can be repeated.
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) with_header: Vec<String>,
    /// Send placeholders in the places of secrets that redaction took out. Otherwise sealed ones are put back, and a request
    /// with one that can't be is not sent.
    #[arg(long)]
    pub(crate) redacted: bool,
    /// How many seconds to wait for the outcome of each.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) timeout: u64,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam rm`.
#[derive(Debug, Args)]
pub(crate) struct RmArgs {
    /// The exchanges' ids, or a filter that chooses them: numbers alone are ids (`dashcam ls --help` has more).
    #[arg(conflicts_with = "all", value_name = "FILTER|ID", add = completion::choice())]
    pub(crate) choice: Vec<String>,
    /// Delete every exchange.
    #[arg(long)]
    pub(crate) all: bool,
    /// Delete pinned exchanges as well. Otherwise they stay.
    #[arg(long)]
    pub(crate) pinned: bool,
    /// Delete them without asking, as scripts need it.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// Arguments of `dashcam note`.
#[derive(Debug, Args)]
pub(crate) struct NoteArgs {
    /// The exchanges' ids.
    #[arg(required = true, value_name = "ID", add = completion::exchanges())]
    pub(crate) ids: Vec<i64>,
    /// The comment, in place of the one that there is; an empty one removes it.
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
    /// A tag to add. Can be repeated.
    #[arg(short, long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// A tag to remove. Can be repeated.
    #[arg(short, long, value_name = "TAG")]
    pub(crate) untag: Vec<String>,
}

/// Arguments of `dashcam pin` and `unpin`.
#[derive(Debug, Args)]
pub(crate) struct PinArgs {
    /// The exchanges' ids, or a filter that chooses them: numbers alone are ids (`dashcam ls --help` has more).
    #[arg(required = true, value_name = "FILTER|ID", add = completion::choice())]
    pub(crate) choice: Vec<String>,
}

/// Reads the name of a format of `dashcam show --as`.
pub(super) fn snippet_format() -> impl TypedValueParser<Value = &'static SnippetFormat> {
    let names = snippet::FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.title));
    PossibleValuesParser::new(names).try_map(|name| snippet::format(&name))
}
