//! The command line.

mod access;
mod ca;
mod chosen;
mod connections;
mod database;
mod demo;
mod descriptors;
mod examples;
mod exclusions;
mod figures;
mod flight;
mod json;
mod leases;
mod levels;
mod modes;
mod outbound;
mod redact;
mod redaction;
mod rules;
mod run;
mod serve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use dashcam_views::export::{self, ExportFormat};
use dashcam_views::snippet::SnippetFormat;

use crate::{bounds, completion};

pub(crate) use access::{AuditArgs, TokenArgs, TokenCommand, TokenNewArgs};
pub(crate) use ca::{CaArgs, CaChange, CaKeyArgs, NewArgs};
pub(crate) use chosen::{NoteArgs, PinArgs, ReplayArgs, RmArgs};
pub(crate) use connections::{ConnectionsArgs, RejectedArgs, RejectedChange, RejectedRemoval};
pub(crate) use database::{
    ArchiveArgs, BoundariesArgs, CheckArgs, DbArgs, DbCommand, GapsArgs, SqlArgs, SqlFormat,
};
pub(crate) use demo::DemoArgs;
pub(crate) use descriptors::{DescriptorsArgs, DescriptorsCommand};
pub(crate) use exclusions::with_exclusions;
pub(crate) use figures::{Bys, FacetsArgs, FormArgs, Stats, StatsArgs};
pub(crate) use flight::{SnapshotArgs, SnapshotCommand, SnapshotExport};
pub(crate) use json::JsonArgs;
pub(crate) use leases::{LeaseArgs, LeaseCommand, LeaseEndArgs, LeaseExtendArgs, LeaseLsArgs, RecordArgs};
pub(crate) use redact::{RedactArgs, SealArgs, SealCommand, SealRmArgs};
pub(crate) use redaction::{RedactionAddArgs, RedactionCommand, RedactionCommandArgs};
pub(crate) use rules::{RuleAddArgs, RuleArgs, RuleCommand, RuleRmArgs, RuleTestArgs};
pub(crate) use run::{BrowserArgs, NamespaceArgs, ProbeArgs, RunArgs};
pub(crate) use serve::{ServeArgs, page_name};

/// The recording HTTP(S) proxy that you can leave switched on in production.
///
/// Without a command it serves: it takes traffic on 127.0.0.1:8080, records it, and shows it on a page at
/// 127.0.0.1:8081.
#[derive(Debug, Parser)]
#[command(name = "dashcam", version, max_term_width = 100, after_help = examples::SERVE)]
pub(crate) struct Cli {
    /// The folder with the recording, the certificate to trust, the token and config.toml [default: ~/.dashcam].
    #[arg(long, global = true, env = "DASHCAM_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// The database file [default: dashcam.db in the home].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// The options of `serve`.
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// The command; `serve` if there is none.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take traffic, record it and show it (the default without a command).
    #[command(after_help = examples::SERVE)]
    Serve(ServeArgs),
    /// Show made-up traffic of a shop and its clients: a look at dashcam that needs no network.
    #[command(after_help = examples::DEMO)]
    Demo(DemoArgs),
    /// Run a program and record its traffic; sets the proxy and certificate variables for it.
    #[command(after_help = examples::RUN)]
    Run(RunArgs),
    /// Open a browser with a profile of its own, which goes, and record its traffic.
    #[command(after_help = examples::BROWSER)]
    Browser(BrowserArgs),
    /// Lay files over the system's and become a program; `run` uses it.
    #[command(hide = true)]
    EnterNamespace(NamespaceArgs),
    /// Connect to an address and expect a word there; `run --deep` uses it.
    #[command(hide = true)]
    ProbeConnect(ProbeArgs),
    /// Keep filters under a name, which `preset:NAME` stands for in any filter.
    #[command(after_help = examples::PRESET)]
    Preset(PresetArgs),
    /// Print a script that makes a shell complete commands, options, and what the running dashcam has recorded.
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Write the manual's pages; `cargo xtask man` uses it.
    #[command(hide = true)]
    Man(ManArgs),
    /// Show how much the running dashcam records, or change it: for good, or by a lease that ends by itself.
    #[command(after_help = examples::RECORD)]
    Record(RecordArgs),
    /// List, extend and end leases, which `dashcam record LEVEL --for TIME` begins.
    #[command(after_help = examples::LEASE)]
    Lease(LeaseArgs),
    /// Say which exchanges are recorded, and how much of them: the first rule that matches one decides.
    #[command(after_help = examples::RULE)]
    Rule(RuleArgs),
    /// Say which secrets are taken out of what is recorded: list the sets, and add rules.
    #[command(after_help = examples::REDACTION)]
    Redaction(RedactionCommandArgs),
    /// Keep the types of Protocol Buffers (a descriptor set), with which bodies are read; list or remove them.
    #[command(after_help = examples::DESCRIPTORS)]
    Descriptors(DescriptorsArgs),
    /// Store what the flight recorder holds and the following seconds, under a name; list, export and delete snapshots.
    #[command(after_help = examples::SNAPSHOT)]
    Snapshot(SnapshotArgs),
    /// Show how the running dashcam is doing, and where its page is.
    #[command(after_help = examples::STATUS)]
    Status(StatusArgs),
    /// Open the page of the running dashcam in your browser, signed in.
    #[command(after_help = examples::OPEN)]
    Open,
    /// List recorded exchanges, newest last.
    #[command(after_help = examples::LS)]
    Ls(LsArgs),
    /// Show counts, rates, errors, durations and bytes of exchanges, by host, path, status, time, ….
    #[command(after_help = examples::STATS)]
    Stats(StatsArgs),
    /// Show the most frequent hosts, paths, statuses, types and clients of exchanges.
    #[command(after_help = examples::FACETS)]
    Facets(FacetsArgs),
    /// List client connections, newest last, with the failures of those that failed.
    #[command(after_help = examples::CONNECTIONS)]
    Connections(ConnectionsArgs),
    /// List the clients and hosts that are tunnelled unread because one of them refuses dashcam's TLS, or undo that.
    #[command(after_help = examples::REJECTED)]
    Rejected(RejectedArgs),
    /// Show how many exchanges could not be recorded, by hour, newest last.
    #[command(after_help = examples::GAPS)]
    Gaps(GapsArgs),
    /// Show which times are recorded completely, and at which level.
    ///
    /// Times when dashcam did not run, was killed, recorded less, dropped something or has deleted it again are ranges of
    /// their own.
    #[command(after_help = examples::BOUNDARIES)]
    Boundaries(BoundariesArgs),
    /// Show a recorded exchange.
    #[command(after_help = examples::SHOW)]
    Show(ShowArgs),
    /// Show exchanges as they end, until interrupted.
    #[command(after_help = examples::TAIL)]
    Tail(TailArgs),
    /// Send recorded requests again.
    #[command(after_help = examples::REPLAY)]
    Replay(ReplayArgs),
    /// Delete recorded exchanges, once you have said yes.
    #[command(after_help = examples::RM)]
    Rm(RmArgs),
    /// Replace secrets in recorded exchanges, once you have said yes; --dry-run shows what would be replaced.
    #[command(after_help = examples::REDACT)]
    Redact(RedactArgs),
    /// Show how many sealed secrets there are, and delete them before their time.
    #[command(after_help = examples::SEAL)]
    Seal(SealArgs),
    /// Write down a comment and tags about exchanges, which filters find.
    #[command(after_help = examples::NOTE)]
    Note(NoteArgs),
    /// Exempt exchanges from retention: --max-size, --max-age and --max-exchanges leave them alone.
    #[command(after_help = examples::PIN)]
    Pin(PinArgs),
    /// Make exchanges subject to retention again.
    #[command(after_help = examples::UNPIN)]
    Unpin(PinArgs),
    /// Write recorded exchanges to a file, as HAR or as lines of JSON.
    #[command(after_help = examples::EXPORT)]
    Export(ExportArgs),
    /// Move old exchanges to another database, which --db FILE --read-only shows.
    #[command(after_help = examples::ARCHIVE)]
    Archive(ArchiveArgs),
    /// Ask the recording in SQL; nothing can be changed. docs/SCHEMA.md has its tables and a cookbook.
    #[command(after_help = examples::SQL)]
    Sql(SqlArgs),
    /// Look into the database, check it, repair it, or give unused pages back.
    #[command(after_help = examples::DB)]
    Db(DbArgs),
    /// Make, list and revoke tokens with a role, which say how much their holders may do; or replace the home's token.
    #[command(after_help = examples::TOKEN)]
    Token(TokenArgs),
    /// Show who read, exported, replayed and deleted what over the page and the API, newest last.
    #[command(after_help = examples::AUDIT)]
    Audit(AuditArgs),
    /// Show the certificate and how clients can trust it; make another, or change this system's trust.
    #[command(after_help = examples::CA)]
    Ca(CaArgs),
}

/// Options of `dashcam status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the page's address with the token, which signs a browser in. Works on a terminal only.
    #[arg(long, conflicts_with = "json")]
    pub(crate) token: bool,
    /// Check for monitoring, in one line: exit with 1 if exchanges were dropped since the last check, with 2 if recording is
    /// paused, with 3 if no dashcam answers as it should within 10 s, else with 0.
    #[arg(long, conflicts_with = "token")]
    pub(crate) check: bool,
    /// Check since this long ago (5m, 1d) or this time (RFC 3339) rather than since the last check.
    #[arg(long, value_name = "TIME", value_parser = bounds::moment, requires = "check")]
    pub(crate) since: Option<jiff::Timestamp>,
}

/// Arguments of `dashcam preset`.
#[derive(Debug, Args)]
pub(crate) struct PresetArgs {
    /// The action; `ls` if there is none.
    #[command(subcommand)]
    pub(crate) command: Option<PresetCommand>,
}

/// Actions on kept filters.
#[derive(Debug, Subcommand)]
pub(crate) enum PresetCommand {
    /// List them.
    Ls,
    /// Keep a filter, in place of the one that had the name.
    Set {
        /// Letters, digits, _ and -.
        name: String,
        /// The filter.
        #[arg(required = true, add = completion::filter())]
        filter: Vec<String>,
    },
    /// Remove one.
    Rm {
        /// Its name.
        #[arg(add = completion::presets())]
        name: String,
    },
}

/// Arguments of `dashcam completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: completion::Shell,
}

/// Arguments of `dashcam man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The folder for the pages.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
}

/// Arguments of `dashcam ls`.
#[derive(Debug, Args)]
pub(crate) struct LsArgs {
    /// A filter: words, host:api.*, status:5xx, … (`dashcam ls --help` has more).
    #[arg(add = completion::filter())]
    pub(crate) filter: Vec<String>,
    /// How many exchanges to list, the newest ones.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 100)]
    pub(crate) number: u32,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Say in words what the filter chooses, and list nothing.
    #[arg(long, conflicts_with = "json")]
    pub(crate) explain: bool,
}

/// Arguments of `dashcam show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The exchange's id.
    #[arg(add = completion::exchanges())]
    pub(crate) id: i64,
    /// Print a curl command that repeats the request.
    #[arg(long, conflicts_with_all = ["raw", "json", "body", "request", "response"])]
    pub(crate) curl: bool,
    /// Print a command or a piece of a program that repeats the request.
    #[arg(long = "as", value_name = "FORMAT", value_parser = chosen::snippet_format(),
        conflicts_with_all = ["curl", "raw", "json", "body", "request", "response"])]
    pub(crate) snippet: Option<&'static SnippetFormat>,
    /// Print only the bytes of message N.
    #[arg(long, value_name = "N", conflicts_with_all = ["curl", "snippet", "raw", "json", "body", "request", "response"])]
    pub(crate) message: Option<u32>,
    /// Print heads and bodies as recorded, byte for byte; with --body only the body. A terminal obeys some bytes: there
    /// it needs --force unless they are harmless.
    #[arg(long, conflicts_with_all = ["json"])]
    pub(crate) raw: bool,
    /// Print JSON, without the bodies.
    #[arg(long, conflicts_with_all = ["body", "request", "response"])]
    pub(crate) json: bool,
    /// Print only the body, decoded: the response's, or with --request the request's. With --raw its bytes are those that
    /// are stored. On a terminal it may need --force.
    #[arg(long)]
    pub(crate) body: bool,
    /// Print the response's body (with --request the request's, with --message a message) as a view shows it: protobuf,
    /// llm, graphql, hex, …; `list` names those that fit, the best first.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["curl", "raw", "json", "body"])]
    pub(crate) view: Option<String>,
    /// With --view protobuf or grpc: the types, as `protoc --descriptor_set_out=FILE` writes them; those that `dashcam
    /// descriptors` keeps if no file is named.
    #[arg(long, value_name = "FILE", requires = "view")]
    pub(crate) descriptors: Option<PathBuf>,
    /// With --view protobuf or grpc: the message that it is, such as shop.Order; otherwise the path of a gRPC call names it.
    #[arg(long = "type", value_name = "NAME", requires = "view")]
    pub(crate) message_type: Option<String>,
    /// Print bytes to a terminal even if it may obey them.
    #[arg(long)]
    pub(crate) force: bool,
    /// Put sealed secrets back. The audit log notes it.
    #[arg(long)]
    pub(crate) unseal: bool,
    /// Show only the request.
    #[arg(long, conflicts_with = "response")]
    pub(crate) request: bool,
    /// Show only the response.
    #[arg(long)]
    pub(crate) response: bool,
}

/// Arguments of `dashcam tail`.
#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// A filter: words, host:api.*, status:5xx, … (`dashcam ls --help` has more).
    #[arg(add = completion::filter())]
    pub(crate) filter: Vec<String>,
    /// Go on when dashcam is stopped and started again: wait for it, and show what ended meanwhile.
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dashcam export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A filter: words, host:api.*, status:5xx, … (`dashcam ls --help` has more).
    #[arg(add = completion::filter())]
    pub(crate) filter: Vec<String>,
    /// The format of the file.
    #[arg(long, value_name = "FORMAT", default_value = export::FORMATS[0].name, value_parser = flight::export_format())]
    pub(crate) format: &'static ExportFormat,
    /// The same as `--format har`: it was the only format once.
    #[arg(long, hide = true, conflicts_with = "format")]
    har: bool,
    /// The file to write; - for standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub(crate) force: bool,
    /// Put sealed secrets back. The audit log notes it.
    #[arg(long)]
    pub(crate) unseal: bool,
}

impl ExportArgs {
    /// Those of the exchanges of a snapshot.
    pub(crate) fn of_snapshot(name: &str, args: SnapshotExport) -> Self {
        let SnapshotExport { format, output, force } = args;
        Self { filter: vec![format!("snapshot:{name}")], format, har: false, output, force, unseal: false }
    }
}

#[cfg(test)]
mod tests;
