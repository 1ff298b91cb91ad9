//! The command line.

mod ca;
mod database;

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use dashcam_exchange::Level;
use dashcam_proxy::{ClientCertificate, Network, Ports};
use dashcam_store::Durability;

use crate::free_space::MinFree;
use crate::{bounds, config};

pub(crate) use ca::{CaArgs, CaChange, CaKeyArgs, NewArgs};
pub(crate) use database::{ArchiveArgs, CheckArgs, DbArgs, DbCommand, GapsArgs};

/// The recording HTTP(S) proxy that you can leave switched on in production.
///
/// Without a command it serves: it takes traffic on 127.0.0.1:8080, records it, and shows it on a page on
/// 127.0.0.1:8081.
#[derive(Debug, Parser)]
#[command(name = "dashcam", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Where the recording, the certificate to trust, the token and config.toml are [default: ~/.dashcam].
    #[arg(long, global = true, env = "DASHCAM_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// The database [default: dashcam.db in the home].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// The options of `serve`.
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// What to do; without one: serve.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take traffic, record it and show it (what dashcam does without a command).
    Serve(ServeArgs),
    /// Run a program with its traffic recorded: proxy and certificate variables are set for it.
    Run(RunArgs),
    /// Show how much the running dashcam records, or change it.
    Record(RecordArgs),
    /// Show how the running dashcam is doing, and where its page is.
    Status(StatusArgs),
    /// List what is recorded, newest last.
    Ls(LsArgs),
    /// Show what could not be recorded, by hour, newest last.
    Gaps(GapsArgs),
    /// Show a recorded exchange.
    Show(ShowArgs),
    /// Show exchanges as they end, until interrupted.
    Tail(TailArgs),
    /// Send a recorded request again.
    Replay(ReplayArgs),
    /// Keep exchanges whatever the bounds of the recording are.
    Pin(PinArgs),
    /// Leave exchanges to the bounds of the recording again.
    Unpin(PinArgs),
    /// Write what is recorded to a HAR file.
    Export(ExportArgs),
    /// Move old exchanges to a database of their own, which --db FILE --read-only shows.
    Archive(ArchiveArgs),
    /// Look at the database as a whole: what is in it, whether it is sound; repair it, give unused pages back.
    Db(DbArgs),
    /// Replace the page's token, and sign out all browsers.
    Token(TokenArgs),
    /// Show the certificate that clients are to trust and how they are told, change this system's trust, or make another.
    Ca(CaArgs),
}

/// Where and how traffic is taken.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub(crate) struct ServeArgs {
    /// How traffic comes: forward, or reverse:URL; either with @[HOST:]PORT behind it. May be given again.
    #[arg(short, long, value_name = "MODE")]
    pub(crate) mode: Vec<String>,
    /// Where modes listen that don't say so themselves [default: 127.0.0.1].
    #[arg(long, value_name = "HOST", value_parser = address)]
    pub(crate) listen_host: Option<IpAddr>,
    /// Their port; 0 takes a free one [default: 8080].
    #[arg(short = 'p', long, value_name = "PORT")]
    pub(crate) listen_port: Option<u16>,
    /// Take only clients of forward listeners that show a user name and a password: USER:PASSWORD, or one of the users in
    /// a file that `htpasswd` made (bcrypt, apr1, SHA-1). May be given again.
    #[arg(long, value_name = "USER:PASSWORD|@FILE")]
    pub(crate) proxyauth: Vec<String>,
    /// Take only clients with an address in this network, such as 10.0.0.0/8; all lets everybody in. May be given again
    /// [default: private networks, for forward listeners that other machines reach].
    #[arg(long, value_name = "CIDR")]
    pub(crate) allow_client: Vec<Network>,
    /// The ports that a CONNECT may name, such as 443,8000-8100, or all [default: all for clients on this machine;
    /// 80,443,1024-65535 for others].
    #[arg(long, value_name = "PORTS")]
    pub(crate) connect_ports: Option<Ports>,
    /// Refuse destinations on this machine, in private networks, and where clouds keep their secrets.
    #[arg(long)]
    pub(crate) deny_private: bool,
    /// In reverse mode, believe clients in this network what they say in X-Forwarded-For and the like: a load balancer's.
    /// May be given again.
    #[arg(long, value_name = "CIDR")]
    pub(crate) trust_forwarded: Vec<Network>,
    /// Where the page listens [default: 127.0.0.1].
    #[arg(long, value_name = "HOST", value_parser = address)]
    pub(crate) web_host: Option<IpAddr>,
    /// The page's port; 0 takes a free one [default: 8081].
    #[arg(long, value_name = "PORT")]
    pub(crate) web_port: Option<u16>,
    /// A PEM file with the certificate chain that the page shows: it speaks TLS then.
    #[arg(long, value_name = "FILE", requires = "web_key")]
    pub(crate) web_cert: Option<PathBuf>,
    /// Its private key.
    #[arg(long, value_name = "FILE", requires = "web_cert")]
    pub(crate) web_key: Option<PathBuf>,
    /// A name under which the page may be called, besides its addresses: that of a proxy in front of it, for
    /// instance. May be given again.
    #[arg(long, value_name = "NAME", value_parser = page_name)]
    pub(crate) web_name: Vec<String>,
    /// Have the page on a Unix socket, which only you can open, and on no port. Callers need the token all the same.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["web_host", "web_port", "web_cert"])]
    pub(crate) web_socket: Option<PathBuf>,
    /// Have no page, and no API but for the command line.
    #[arg(long, conflicts_with_all = ["web_host", "web_port", "web_cert", "web_name", "web_socket", "read_only"])]
    pub(crate) no_web: bool,
    /// How much to record: off, metrics, metadata or full [default: as it was last, at first full].
    #[arg(long, value_name = "LEVEL")]
    pub(crate) record: Option<Level>,
    /// Don't check the certificates of upstreams.
    #[arg(short = 'k', long)]
    pub(crate) ssl_insecure: bool,
    /// A PEM file with further roots to trust in upstreams' certificates. May be given again.
    #[arg(long, value_name = "FILE")]
    pub(crate) upstream_ca: Vec<PathBuf>,
    /// A PEM file with a certificate chain and its key, to show to upstreams that ask for one: to HOST (a name,
    /// *.example.com, or an address), or to all. May be given again; the closest HOST counts.
    #[arg(long, value_name = "[HOST=]FILE")]
    pub(crate) client_cert: Vec<ClientCertificate>,
    /// A PEM file with roots: clients of reverse listeners must have a certificate of one of them.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_ca: Option<PathBuf>,
    /// The certificate chain that reverse listeners show, instead of one that dashcam issues.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Its private key.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// In reverse mode, pass the client's Host on instead of the upstream's name.
    #[arg(long)]
    pub(crate) keep_host: bool,
    /// Tunnel hosts that match, unread. May be given again.
    #[arg(long, value_name = "REGEX")]
    pub(crate) ignore_hosts: Vec<String>,
    /// Read only hosts that match, tunnel all others. May be given again.
    #[arg(long, value_name = "REGEX")]
    pub(crate) allow_hosts: Vec<String>,
    /// Only look at the database: the page and the API, no traffic. Also while another dashcam records to it.
    #[arg(long, conflicts_with_all = ["mode", "record"])]
    pub(crate) read_only: bool,
    /// Client connections at the same time; more are refused [default: half of what the limit on open files leaves, at
    /// most 65536].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_connections: Option<usize>,
    /// Client connections from one address (in IPv6: one /64); 0 is no limit [default: a quarter of --max-connections].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_connections_per_address: Option<usize>,
    /// Bytes of the database, at the most: then the oldest exchanges go; `none` knows no bound [default: 10GiB].
    #[arg(long, value_name = "SIZE", value_parser = bounds::size)]
    pub(crate) max_size: Option<bounds::Size>,
    /// How long exchanges are kept, such as 12h or 30d [default: none].
    #[arg(long, value_name = "AGE")]
    pub(crate) max_age: Option<bounds::Age>,
    /// How many exchanges are kept [default: none].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_exchanges: Option<bounds::Number>,
    /// What is to stay free on the database's file system: with less, recording is paused. A size, a share such as 5%,
    /// or none [default: 5%, at the most 1GiB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) min_free: Option<MinFree>,
    /// What outlives a power cut: normal (all but the last moments) or full (all that is stored; slower) [default: normal].
    #[arg(long, value_name = "HOW", value_parser = config::durability)]
    pub(crate) durability: Option<Durability>,
    /// Store each body in a row of its own and as it is, so that other programs can read it with SQL alone, rather than
    /// many together and compressed.
    #[arg(long)]
    pub(crate) plain_bodies: bool,
    /// How the root's key is unlocked.
    #[command(flatten)]
    pub(crate) ca: CaKeyArgs,
}

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// For the dashcam that is started if none runs.
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// How much to record.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// off, metrics, metadata or full; without one, how it stands is shown.
    pub(crate) level: Option<Level>,
    /// Why, for the history.
    #[arg(long, value_name = "TEXT", requires = "level")]
    pub(crate) why: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `dashcam status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the page's address with the token, which signs a browser in. On a terminal only.
    #[arg(long, conflicts_with = "json")]
    pub(crate) token: bool,
}

/// Arguments of `dashcam token`.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The action.
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

/// Actions on the token.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a new token, and end all sessions. The running dashcam takes it at once.
    Rotate,
}

/// For programs.
#[derive(Debug, Args)]
pub(crate) struct JsonArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to list.
#[derive(Debug, Args)]
pub(crate) struct LsArgs {
    /// Words that must all occur in method, URL, status or content type.
    pub(crate) filter: Vec<String>,
    /// How many of the newest.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 100)]
    pub(crate) number: u32,
    /// Print a JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to show.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The exchange's number.
    pub(crate) id: i64,
    /// Print a curl command that repeats the request.
    #[arg(long, conflicts_with_all = ["raw", "json", "body", "request", "response"])]
    pub(crate) curl: bool,
    /// Print nothing but the bytes of one message, by its number.
    #[arg(long, value_name = "N", conflicts_with_all = ["curl", "raw", "json", "body", "request", "response"])]
    pub(crate) message: Option<u32>,
    /// Print heads and bodies as recorded, byte by byte. To a terminal, which obeys some bytes, only with --force.
    #[arg(long, conflicts_with_all = ["json", "body"])]
    pub(crate) raw: bool,
    /// Print JSON, without the bodies.
    #[arg(long, conflicts_with_all = ["body", "request", "response"])]
    pub(crate) json: bool,
    /// Print nothing but the body's bytes; the response's unless --request is given. To a terminal as --raw.
    #[arg(long)]
    pub(crate) body: bool,
    /// Print bytes to a terminal as they are.
    #[arg(long)]
    pub(crate) force: bool,
    /// Only the request.
    #[arg(long, conflicts_with = "response")]
    pub(crate) request: bool,
    /// Only the response.
    #[arg(long)]
    pub(crate) response: bool,
}

/// What to follow.
#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// Words that must all occur in method, URL, status or content type.
    pub(crate) filter: Vec<String>,
    /// Print a JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to send again.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The exchange's number.
    pub(crate) id: i64,
    /// How long to wait for the outcome, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) timeout: u64,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which exchanges.
#[derive(Debug, Args)]
pub(crate) struct PinArgs {
    /// The exchanges' numbers.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<i64>,
}

/// What to write where.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Words that must all occur in method, URL, status or content type.
    pub(crate) filter: Vec<String>,
    /// As HAR 1.2 (the only format so far).
    #[arg(long)]
    pub(crate) har: bool,
    /// The file to write; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Replace a file that is there.
    #[arg(long)]
    pub(crate) force: bool,
}

/// A name as a `Host` field has it, without scheme and port.
pub(crate) fn page_name(text: &str) -> Result<String, String> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_name = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err("a host name is wanted, without scheme and port: dashcam.example.com".to_owned());
    }
    Ok(name.to_ascii_lowercase())
}

/// An address to listen on; `localhost` is the only name.
fn address(text: &str) -> Result<IpAddr, String> {
    let text = if text == "localhost" { "127.0.0.1" } else { text };
    text.parse().map_err(|_| "an IP address is wanted: 127.0.0.1, 0.0.0.0 for all, ::1".to_owned())
}

#[cfg(test)]
mod tests;
