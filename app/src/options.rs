//! The options of an instance: the command line goes before `config.toml`, which goes before the defaults.

mod access;
mod budget;
mod flight;
mod outbound;
mod page;
mod redaction;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use dashcam_changes::InFile;
use dashcam_exchange::Level;
use dashcam_proxy::{Arguments, ListenerConfig, Mode, Timeouts, UpstreamTls};
use dashcam_recorder::Limits;
use dashcam_redact::Definitions;
use dashcam_store::{Durability, Packing, Retention};
use dashcam_views::decode::Decoding;
use dashcam_web_ui::AuditBounds;

use crate::bounds;
use crate::cli::{CaKeyArgs, ServeArgs};
use crate::config::{self, Config};
use crate::connection_limits::{self, Wanted};
use crate::container::Container;
use crate::container::threads::ThreadPlan;
use crate::flight::FlightOptions;
use crate::free_space::MinFree;
use crate::home::Home;
use crate::logging::LogFormat;
use crate::page::PageOptions;
use crate::tunnel_rejected::Rule;

pub(crate) use budget::BudgetOptions;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const LISTEN_PORT: u16 = 8080;
/// How long exchanges that are under way at the end may take.
const GRACE: Duration = Duration::from_secs(10);

/// Everything an instance needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) home: Home,
    pub(crate) database: PathBuf,
    /// Its `own_addresses` are filled in when the page is bound, its `connections` by [`Options::with_open_files`].
    pub(crate) proxy: dashcam_proxy::Config,
    pub(crate) connections: Wanted,
    pub(crate) page: PageOptions,
    /// The level that the command line asks for.
    pub(crate) level: Option<Level>,
    /// The settings that `config.toml` names.
    pub(crate) in_file: InFile,
    /// Where the options are from: `config.toml` is watched.
    pub(crate) sources: Sources,
    pub(crate) limits: Limits,
    /// The bounds of the recording, those of the budget left out.
    pub(crate) retention: Retention,
    pub(crate) audit: AuditBounds,
    pub(crate) min_free: MinFree,
    pub(crate) durability: Durability,
    pub(crate) packing: Packing,
    /// How the root's key is unlocked.
    pub(crate) ca: CaKeyArgs,
    pub(crate) decoding: Decoding,
    pub(crate) flight: FlightOptions,
    pub(crate) log: Option<String>,
    pub(crate) log_format: LogFormat,
    /// When connections of those that refuse our TLS are tunnelled.
    pub(crate) tunnel_rejected: Rule,
    pub(crate) budget: BudgetOptions,
    /// Secrets taken out of what is recorded.
    pub(crate) redaction: Definitions,
    pub(crate) grace: Duration,
    /// The container that it runs in.
    pub(crate) container: Container,
}

/// The options' sources beside `config.toml`.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    /// The text of `config.toml`.
    pub(crate) config: String,
    /// `--db`.
    pub(crate) db: Option<PathBuf>,
    /// The command line.
    pub(crate) args: Box<ServeArgs>,
    /// The container that it runs in.
    pub(crate) container: Container,
}

/// Where the recording is.
pub(crate) fn database(home: &Home, given: Option<PathBuf>, config: &Config) -> PathBuf {
    given.or_else(|| config.db.clone()).unwrap_or_else(|| home.database())
}

impl Options {
    /// Reads `config.toml`, and puts it together with the rest.
    pub(crate) fn read(
        home: Home,
        db: Option<PathBuf>,
        args: &ServeArgs,
        container: &Container,
    ) -> Result<Self> {
        let path = home.config();
        let text = config::text(&path)?;
        let mut options = Self::new(home, db, args, Config::parse(&path, &text)?, container)?;
        options.sources.config = text;
        Ok(options)
    }

    /// Puts together what was said, within the limits of `container`.
    pub(crate) fn new(
        home: Home,
        db: Option<PathBuf>,
        args: &ServeArgs,
        mut config: Config,
        container: &Container,
    ) -> Result<Self> {
        container.shrink(&mut config);
        let budget = budget::budget(args.budget, &config.budget);
        let redaction = redaction::redaction(args, &config)?;
        Ok(Self {
            database: database(&home, db.clone(), &config),
            proxy: proxy(args, &config, container.thread_plan())?,
            connections: connections(args, &config),
            page: page::page(args, &config)?,
            level: args.record,
            in_file: in_file(&config)?,
            sources: Sources {
                config: String::new(),
                db,
                args: Box::new(args.clone()),
                container: container.clone(),
            },
            limits: limits(&config.recorder)?,
            retention: retention(args, &config.retention),
            audit: config.audit.bounds(),
            min_free: args.min_free.or(config.retention.min_free).unwrap_or_default(),
            durability: args.durability.or(config.recording.durability).unwrap_or_default(),
            packing: packing(args, &config.recording),
            ca: ca_key(&args.ca, &config),
            decoding: decoding(&config.decoding),
            flight: flight::flight(args, &config)?,
            log: config.log,
            log_format: args.log_format.or(config.log_format).unwrap_or_default(),
            tunnel_rejected: args.tunnel_rejected.or(config.tunnel_rejected).unwrap_or_default(),
            budget,
            redaction,
            grace: GRACE,
            container: container.clone(),
            home,
        })
    }

    /// The same, with as many connections as there is room for where so many files may be open.
    pub(crate) fn with_open_files(mut self, open_files: usize) -> Self {
        let (limits, warning) = connection_limits::limits(open_files, self.connections);
        if let Some(warning) = warning {
            tracing::warn!("{warning}");
        }
        self.proxy.connections = limits;
        let of_page = &mut self.page.limits.connections;
        *of_page = connection_limits::of_page(open_files).min(*of_page);
        self
    }
}

/// Either of the two on the command line stands in place of both in the file.
pub(crate) fn ca_key(args: &CaKeyArgs, config: &Config) -> CaKeyArgs {
    if *args != CaKeyArgs::default() {
        return args.clone();
    }
    let (ca_passphrase_file, ca_sign_cmd) = (config.ca_passphrase_file.clone(), config.ca_sign_cmd.clone());
    CaKeyArgs { ca_passphrase_file, ca_sign_cmd }
}

fn proxy(args: &ServeArgs, config: &Config, threads: ThreadPlan) -> Result<dashcam_proxy::Config> {
    let listeners = listeners(args, config)?;
    Ok(dashcam_proxy::Config {
        client_ca: client_ca(args, config, &listeners)?,
        listeners,
        access: access::access(args, config)?,
        tls: UpstreamTls {
            insecure: args.ssl_insecure || config.ssl_insecure.unwrap_or_default(),
            extra_roots: said(&args.upstream_ca, config.upstream_ca.as_ref()),
            client_certificates: said(&args.client_cert, config.client_cert.as_ref()),
        },
        outbound: outbound::outbound(args, config)?,
        keep_host: args.keep_host || config.keep_host.unwrap_or_default(),
        certificate: certificate(args, config)?,
        timeouts: timeouts(&config.timeouts),
        limits: message_limits(&config.limits)?,
        ignore_hosts: said(&args.ignore_hosts, config.ignore_hosts.as_ref()),
        allow_hosts: said(&args.allow_hosts, config.allow_hosts.as_ref()),
        connections: dashcam_proxy::ConnectionLimits::default(),
        workers: threads.workers,
        waiting_threads: Some(threads.waiting_of_worker),
        programs: config.programs.unwrap_or(true).then_some(match config.program_arguments {
            Some(true) => Arguments::Whole,
            _ => Arguments::Hidden,
        }),
        setup_site: !args.no_setup_site && config.setup_site.unwrap_or(true),
        own_addresses: Vec::new(),
    })
}

fn connections(args: &ServeArgs, config: &Config) -> Wanted {
    Wanted {
        clients: args.max_connections.or(config.max_connections),
        clients_of_address: args.max_connections_per_address.or(config.max_connections_per_address),
    }
}

/// A list on the command line stands in place of the file's.
fn said<T: Clone>(args: &[T], config: Option<&Vec<T>>) -> Vec<T> {
    if args.is_empty() { config.cloned().unwrap_or_default() } else { args.to_vec() }
}

fn listeners(args: &ServeArgs, config: &Config) -> Result<Vec<ListenerConfig>> {
    let host = args.listen_host.or(config.listen_host).unwrap_or(LOOPBACK);
    let port = args.listen_port.or(config.listen_port).unwrap_or(LISTEN_PORT);
    let mut modes = said(&args.mode, config.mode.as_ref());
    if modes.is_empty() {
        modes.push(Mode::default().to_string());
    }
    let mut listeners: Vec<ListenerConfig> = Vec::new();
    for text in modes {
        let listener = ListenerConfig::parse(&text, host, port)?;
        let address = listener.address;
        if address.port() != 0 && listeners.iter().any(|other| other.address == address) {
            bail!(
                "two modes would listen on {address}: give one its own port, such as {}@PORT",
                listener.mode
            );
        }
        if let Some(name) =
            listener.name.as_ref().filter(|_| listeners.iter().any(|other| other.name == listener.name))
        {
            bail!("two listeners have the name {name}: give one another name");
        }
        listeners.push(listener);
    }
    Ok(listeners)
}

fn certificate(args: &ServeArgs, config: &Config) -> Result<Option<(PathBuf, PathBuf)>> {
    let pair = |cert: &Option<PathBuf>, key: &Option<PathBuf>| cert.clone().zip(key.clone());
    if config.cert.is_some() != config.key.is_some() {
        bail!("config.toml sets only one of `cert` and `key`: set both, as a certificate needs its key");
    }
    Ok(pair(&args.cert, &args.key).or_else(|| pair(&config.cert, &config.key)))
}

fn client_ca(args: &ServeArgs, config: &Config, listeners: &[ListenerConfig]) -> Result<Option<PathBuf>> {
    let client_ca = args.client_ca.clone().or_else(|| config.client_ca.clone());
    let any_reverse = listeners.iter().any(|listener| listener.mode.upstream.is_some());
    if client_ca.is_some() && !any_reverse {
        if args.client_ca.is_none() && !args.mode.is_empty() {
            // The file is for other modes than those of this start.
            return Ok(None);
        }
        bail!(
            "--client-ca (client_ca) needs a reverse listener: add one with -m reverse:URL, or leave the option out"
        );
    }
    Ok(client_ca)
}

fn timeouts(config: &config::Timeouts) -> Timeouts {
    let default = Timeouts::default();
    let limit = |limit| (limit != config::NEVER).then_some(limit);
    Timeouts {
        detect: config.detect.unwrap_or(default.detect),
        tls_handshake: config.tls_handshake.unwrap_or(default.tls_handshake),
        silent_refusal: config.silent_refusal.unwrap_or(default.silent_refusal),
        request_head: config.request_head.unwrap_or(default.request_head),
        proxy_header: config.proxy_header.unwrap_or(default.proxy_header),
        connect: config.connect.unwrap_or(default.connect),
        parent: config.parent.unwrap_or(default.parent),
        response_head: config.response_head.map_or(default.response_head, limit),
        response_head_of_streams: config.response_head.map_or(default.response_head_of_streams, limit),
        body: config.body.map_or(default.body, limit),
        body_of_streams: config.body.map_or(default.body_of_streams, limit),
        body_grace: config.body_grace.unwrap_or(default.body_grace),
        write: config.write.unwrap_or(default.write),
        write_over_share: config.write_over_share.unwrap_or(default.write_over_share),
        tunnel_idle: config.tunnel_idle.map_or(default.tunnel_idle, limit),
        half_closed: config.half_closed.unwrap_or(default.half_closed),
        idle: config.idle.unwrap_or(default.idle),
    }
}

fn message_limits(config: &config::Limits) -> Result<dashcam_proxy::Limits> {
    let default = dashcam_proxy::Limits::default();
    let limits = dashcam_proxy::Limits {
        head: config.head.unwrap_or(default.head),
        fields: config.fields.unwrap_or(default.fields),
        h2_streams: config.h2_streams.unwrap_or(default.h2_streams),
        transit: config.transit.unwrap_or(default.transit),
        body_rate: config.body_rate.unwrap_or(default.body_rate),
    };
    let fits = (1024..=16 << 20).contains(&limits.head)
        && (16..=65_536).contains(&limits.fields)
        && (1..=100_000).contains(&limits.h2_streams);
    if !fits {
        bail!(
            "config.toml: in [limits], head must be 1024 to 16777216, fields 16 to 65536, and h2_streams 1 to 100000"
        );
    }
    // A sixteenth is a connection's share, and it must be able to send one head.
    if limits.transit / 16 < limits.head {
        bail!(
            "config.toml: in [limits], transit = {} leaves a connection too little for one head: set at least 16 times head, {}",
            limits.transit,
            limits.head * 16
        );
    }
    Ok(limits)
}

fn limits(config: &config::Recorder) -> Result<Limits> {
    let default = Limits::default();
    let address_share = config.address_share.unwrap_or(default.address_share);
    if !(1..=100).contains(&address_share) {
        bail!("config.toml: in [recorder], address_share must be 1 to 100 (percent)");
    }
    Ok(Limits {
        exchanges: config.exchanges.unwrap_or(default.exchanges).max(1),
        memory: config.memory.unwrap_or(default.memory),
        address_share,
        part: default.part,
        lossless_wait: config.lossless_wait.unwrap_or(default.lossless_wait),
        lossless_waiting: config.lossless_waiting.unwrap_or(default.lossless_waiting),
    })
}

fn retention(args: &ServeArgs, config: &config::Retention) -> Retention {
    let size = args.max_size.or(config.max_size);
    Retention {
        size: size.map_or(Some(bounds::DEFAULT_SIZE), |bound| bound.0),
        age: args.max_age.or(config.max_age).and_then(|bound| bound.0),
        exchanges: args.max_exchanges.or(config.max_exchanges).and_then(|bound| bound.0),
    }
}

fn packing(args: &ServeArgs, config: &config::Recording) -> Packing {
    let plain = args.plain_bodies || config.plain_bodies.unwrap_or_default();
    if plain { Packing::Plain } else { Packing::Packed }
}

/// Limits on decoding a body for a reader.
pub(crate) fn decoding(config: &config::Decoding) -> Decoding {
    let default = Decoding::default();
    Decoding { codings: config.codings.unwrap_or(default.codings), time: config.time.unwrap_or(default.time) }
}

/// The settings that the file names.
fn in_file(config: &Config) -> Result<InFile> {
    let in_file = InFile { level: config.record, body_limit: config.body_limit, rules: config.rules.clone() };
    in_file.at_start(None).checked()?;
    Ok(in_file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Place;

    fn options(args: &ServeArgs, config: Config) -> Result<Options> {
        Options::new(Home::new(Some("/h".into())).unwrap(), None, args, config, &Container::find())
    }

    fn config() -> Config {
        Config {
            listen_port: Some(1000),
            web_port: Some(1001),
            record: Some(Level::Metadata),
            max_connections: Some(100),
            max_connections_per_address: Some(0),
            ignore_hosts: Some(vec!["a".into()]),
            ..Config::default()
        }
    }

    #[test]
    fn the_defaults() {
        let options = options(&ServeArgs::default(), Config::default()).unwrap();
        let listeners = &options.proxy.listeners;
        assert_eq!(listeners[0].address.to_string(), "127.0.0.1:8080");
        assert_eq!((listeners[0].mode.to_string(), listeners.len()), ("forward".to_owned(), 1));
        assert_eq!(options.page.place, Place::Address("127.0.0.1:8081".parse().unwrap()));
        assert_eq!(options.database, PathBuf::from("/h/dashcam.db"));
        assert_eq!(options.connections, Wanted::default());
        let limited = options.clone().with_open_files(1024);
        assert_eq!((limited.proxy.connections.clients, limited.page.limits.connections), (384, 128));
        assert_eq!((options.level, options.in_file), (None, InFile::default()));
    }

    #[test]
    fn the_budgets_disk_bounds_the_recording() {
        let size = |size: &str, budget: Option<&str>| {
            let args = ServeArgs {
                max_size: Some(bounds::size(size).unwrap()),
                budget: budget.map(|budget| budget.parse().unwrap()),
                ..ServeArgs::default()
            };
            let options = options(&args, Config::default()).unwrap();
            options.budget.within(options.retention).size
        };
        assert_eq!(size("none", Some("disk=20GB")), Some(18_000_000_000));
        assert_eq!(size("1GB", Some("disk=20GB")), Some(1_000_000_000));
        assert_eq!(size("none", Some("cpu=5%")), None);
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let from_file = options(&ServeArgs::default(), config()).unwrap();
        assert_eq!(from_file.proxy.listeners[0].address.port(), 1000);
        assert_eq!(from_file.in_file.level, Some(Level::Metadata));
        assert_eq!(from_file.connections, Wanted { clients: Some(100), clients_of_address: Some(0) });
        let args = ServeArgs {
            listen_port: Some(2000),
            ignore_hosts: vec!["b".into()],
            max_connections_per_address: Some(7),
            mode: vec!["reverse:http://up:1@3000".into(), "forward".into()],
            ..ServeArgs::default()
        };
        let options = options(&args, config()).unwrap();
        let addresses: Vec<_> =
            options.proxy.listeners.iter().map(|listener| listener.address.port()).collect();
        assert_eq!(addresses, [3000, 2000]);
        assert_eq!(options.page.place, Place::Address("127.0.0.1:1001".parse().unwrap()));
        assert_eq!(options.proxy.ignore_hosts, ["b"]);
        assert_eq!(options.connections, Wanted { clients: Some(100), clients_of_address: Some(7) });
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let check = |args: ServeArgs, config, expect: &str| {
            let error = options(&args, config).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        };
        let modes = |modes: &[&str]| ServeArgs {
            mode: modes.iter().map(ToString::to_string).collect(),
            ..ServeArgs::default()
        };
        check(modes(&["backward"]), Config::default(), "backward");
        check(modes(&["forward", "reverse:http://a"]), Config::default(), "two modes");
        check(modes(&["a=forward@1", "a=socks5@2"]), Config::default(), "two listeners have the name a");
        let cert = Config { cert: Some("c".into()), ..Config::default() };
        check(ServeArgs::default(), cert, "needs its key");
        let client_ca = ServeArgs { client_ca: Some("c".into()), ..ServeArgs::default() };
        check(client_ca, Config::default(), "needs a reverse listener");
        let limit = Config { body_limit: Some(u64::MAX), ..Config::default() };
        check(ServeArgs::default(), limit, "body_limit");
    }
}
