//! The options of `dashcam serve`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use dashcam_exchange::Level;
use dashcam_governor::Budget;
use dashcam_proxy::{ClientCertificate, Network, Ports};
use dashcam_store::Durability;

use super::ca::CaKeyArgs;
use super::flight::FlightArgs;
use super::outbound::OutboundArgs;
use super::redaction::RedactionArgs;
use super::{levels, modes};
use crate::free_space::MinFree;
use crate::logging::LogFormat;
use crate::tunnel_rejected::Rule;
use crate::{bounds, config};

/// The options of `serve`.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub(crate) struct ServeArgs {
    /// The modes of listeners, as [`dashcam_proxy::MODES`] has them.
    #[arg(short, long, value_name = "MODE", help = modes::help())]
    pub(crate) mode: Vec<String>,
    /// The address for modes that name none [default: 127.0.0.1].
    #[arg(long, value_name = "HOST", value_parser = address)]
    pub(crate) listen_host: Option<IpAddr>,
    /// The port for modes that name none; 0 takes a free one [default: 8080].
    #[arg(short = 'p', long, value_name = "PORT")]
    pub(crate) listen_port: Option<u16>,
    /// Require a user name and a password from clients of forward and socks5 listeners: USER:PASSWORD, or @FILE with
    /// the users of a file that `htpasswd` made (bcrypt, apr1, SHA-1). Can be repeated.
    #[arg(long, value_name = "USER:PASSWORD|@FILE")]
    pub(crate) proxyauth: Vec<String>,
    /// Take only clients with an address in this network, such as 10.0.0.0/8; `all` takes everybody. Can be repeated
    /// [default: private networks for forward, socks5 and transparent listeners that other machines reach, everybody for all
    /// others].
    #[arg(long, value_name = "CIDR")]
    pub(crate) allow_client: Vec<Network>,
    /// The ports that a CONNECT or SOCKS5 client may name, such as 443,8000-8100, or `all` [default: all for clients on this machine,
    /// 80,443,1024-65535 for others].
    #[arg(long, value_name = "PORTS")]
    pub(crate) connect_ports: Option<Ports>,
    /// Refuse destinations on this machine, in private networks, and where clouds keep their secrets.
    #[arg(long)]
    pub(crate) deny_private: bool,
    /// In reverse mode, accept X-Forwarded-For and the like from clients in this network, such as a load balancer's.
    /// Can be repeated.
    #[arg(long, value_name = "CIDR")]
    pub(crate) trust_forwarded: Vec<Network>,
    /// The page's address [default: 127.0.0.1].
    #[arg(long, value_name = "HOST", value_parser = address)]
    pub(crate) web_host: Option<IpAddr>,
    /// The page's port; 0 takes a free one [default: 8081].
    #[arg(long, value_name = "PORT")]
    pub(crate) web_port: Option<u16>,
    /// A PEM file with the page's certificate chain; the page then speaks TLS.
    #[arg(long, value_name = "FILE", requires = "web_key")]
    pub(crate) web_cert: Option<PathBuf>,
    /// A PEM file with the private key of --web-cert.
    #[arg(long, value_name = "FILE", requires = "web_cert")]
    pub(crate) web_key: Option<PathBuf>,
    /// A host name that browsers may use for the page, besides its addresses; needed behind a proxy. Can be repeated.
    #[arg(long, value_name = "NAME", value_parser = page_name)]
    pub(crate) web_name: Vec<String>,
    /// Put the page on a Unix socket, which only you can open, instead of a port. Callers still need the token.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["web_host", "web_port", "web_cert"])]
    pub(crate) web_socket: Option<PathBuf>,
    /// Serve no page and no API; the command line still works.
    #[arg(long, conflicts_with_all = ["web_host", "web_port", "web_cert", "web_name", "web_socket", "read_only"])]
    pub(crate) no_web: bool,
    /// How much to record: off, metrics, metadata or full [default: the last level; at the first start full].
    #[arg(long, value_name = "LEVEL", value_parser = levels::levels(), hide_possible_values = true)]
    pub(crate) record: Option<Level>,
    /// Don't check the certificates of upstreams.
    #[arg(short = 'k', long)]
    pub(crate) ssl_insecure: bool,
    /// A PEM file with more root certificates to trust for upstreams. Can be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) upstream_ca: Vec<PathBuf>,
    /// A PEM file with a certificate chain and its key, for upstreams that ask for one: for HOST (a name,
    /// *.example.com, or an address) or for all. Can be repeated; the most specific HOST wins.
    #[arg(long, value_name = "[HOST=]FILE")]
    pub(crate) client_cert: Vec<ClientCertificate>,
    /// The ways out.
    #[command(flatten)]
    pub(crate) outbound: OutboundArgs,
    /// A PEM file with root certificates; clients of reverse listeners must show a certificate that one of them issued.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_ca: Option<PathBuf>,
    /// A PEM file with the certificate chain that reverse listeners show instead of one that dashcam issues.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// A PEM file with the private key of --cert.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// In reverse mode, pass the client's Host on instead of the upstream's name.
    #[arg(long)]
    pub(crate) keep_host: bool,
    /// Do not answer http://dashcam.test/, where clients of the proxy get the certificate, and see how to trust it.
    #[arg(long)]
    pub(crate) no_setup_site: bool,
    /// Tunnel hosts that match, unread. Can be repeated.
    #[arg(long, value_name = "REGEX")]
    pub(crate) ignore_hosts: Vec<String>,
    /// Read only hosts that match, and tunnel all others. Can be repeated.
    #[arg(long, value_name = "REGEX")]
    pub(crate) allow_hosts: Vec<String>,
    /// Tunnel a client's connections to a host unread, once the client has refused dashcam's certificate for it, or the host
    /// dashcam's TLS, so often: N in TIME for TIME, or off [default: "3 in 10m for 1h"].
    #[arg(long, value_name = "RULE")]
    pub(crate) tunnel_rejected: Option<Rule>,
    /// The form of the log: text, or json (one object a line) [default: text].
    #[arg(long, value_name = "FORM")]
    pub(crate) log_format: Option<LogFormat>,
    /// Serve only the page and the API on a database, and take no traffic. Works while another dashcam records to it.
    #[arg(long, conflicts_with_all = ["mode", "record"])]
    pub(crate) read_only: bool,
    /// The most client connections at once; more are refused [default: half of what the limit on open files
    /// leaves, at most 65536].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_connections: Option<usize>,
    /// The most client connections from one address (in IPv6: one /64); 0 sets no limit [default: a quarter of
    /// --max-connections].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_connections_per_address: Option<usize>,
    /// The largest size of the database; beyond it the oldest exchanges go. `none` disables it [default: 10GiB].
    #[arg(long, value_name = "SIZE", value_parser = bounds::size)]
    pub(crate) max_size: Option<bounds::Size>,
    /// How long exchanges are kept, such as 12h or 30d; `none` disables it [default: none].
    #[arg(long, value_name = "AGE")]
    pub(crate) max_age: Option<bounds::Age>,
    /// How many exchanges are kept; `none` disables it [default: none].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_exchanges: Option<bounds::Number>,
    /// Pause recording when less than this is free on the database's file system: a size, a share such as 5%, or none
    /// [default: 5%, at most 1GiB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) min_free: Option<MinFree>,
    /// The cost that recording may have, any of cpu=5% (of this machine's CPUs), memory=256MB, disk=20GB and p99=1ms; beyond
    /// it dashcam records less, step by step: heads without bodies, a sample of them, counts only. `none` disables it
    /// [default: none].
    #[arg(long, value_name = "COSTS")]
    pub(crate) budget: Option<Budget>,
    /// How much of the recording survives a power cut: normal (all but the last moments) or full (everything stored;
    /// slower) [default: normal].
    #[arg(long, value_name = "HOW", value_parser = config::durability)]
    pub(crate) durability: Option<Durability>,
    /// Store each body as it is, in a row of its own, so that SQL alone can read it. Otherwise dashcam compresses small
    /// bodies and stores many of them together.
    #[arg(long)]
    pub(crate) plain_bodies: bool,
    /// The flight recorder.
    #[command(flatten)]
    pub(crate) flight: FlightArgs,
    #[command(flatten)]
    pub(crate) redaction: RedactionArgs,
    /// How the root's key is unlocked.
    #[command(flatten)]
    pub(crate) ca: CaKeyArgs,
}

/// An address to listen on; `localhost` is the only name.
fn address(text: &str) -> Result<IpAddr, String> {
    let text = if text == "localhost" { "127.0.0.1" } else { text };
    text.parse().map_err(|_| "expected an IP address, such as 127.0.0.1, ::1, or 0.0.0.0 for all".to_owned())
}

/// A name as a `Host` field has it, without scheme and port.
pub(crate) fn page_name(text: &str) -> Result<String, String> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_name = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err("expected a host name without scheme and port, such as dashcam.example.com".to_owned());
    }
    Ok(name.to_ascii_lowercase())
}
