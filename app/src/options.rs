//! The options of an instance: the command line goes before `config.toml`, which goes before the defaults.

mod access;
mod budget;
mod flight;
mod limits;
mod outbound;
mod page;
mod redaction;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use dashcam_changes::InFile;
use dashcam_exchange::Level;
use dashcam_proxy::{Arguments, ListenerConfig, Mode, UpstreamTls};
use dashcam_recorder::Limits;
use dashcam_redact::Definitions;
use dashcam_store::{Durability, Packing, Retention};
use dashcam_views::decode::Decoding;
use dashcam_web_ui::AuditBounds;

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
pub(crate) use limits::decoding;
use limits::{limits, message_limits, packing, retention, timeouts};

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
                max_size: Some(crate::bounds::size(size).unwrap()),
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
