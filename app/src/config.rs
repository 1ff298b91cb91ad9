//! `config.toml` in dashcam's home: optional, every key as well.

mod audit;
mod budget;
mod fault;
mod flight;
mod redaction;
mod rules;

use std::fmt::Display;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use dashcam_control::Rule as RecordingRule;
use dashcam_exchange::Level;
use dashcam_proxy::{ClientCertificate, HostPattern, Network, ParentRule, Ports, Resolve, SendProxy};
use dashcam_store::Durability;
use serde::{Deserialize, Deserializer, de};

use crate::bounds;
use crate::free_space::{self, MinFree};
use crate::logging::LogFormat;
use crate::tunnel_rejected::Rule;

pub(crate) use budget::Budget;
pub(crate) use fault::ConfigFault;
pub(crate) use redaction::seal_time;

/// Every key with its default and what it means; written to the home as `config.toml.example`.
pub(crate) const EXAMPLE: &str = include_str!("config.default.toml");

/// The keys of the file; those that are absent are `None`.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) mode: Option<Vec<String>>,
    pub(crate) listen_host: Option<IpAddr>,
    pub(crate) listen_port: Option<u16>,
    pub(crate) proxyauth: Option<Vec<String>>,
    #[serde(deserialize_with = "list")]
    pub(crate) allow_client: Option<Vec<Network>>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) connect_ports: Option<Ports>,
    pub(crate) deny_private: Option<bool>,
    #[serde(deserialize_with = "list")]
    pub(crate) trust_forwarded: Option<Vec<Network>>,
    pub(crate) web_host: Option<IpAddr>,
    pub(crate) web_port: Option<u16>,
    pub(crate) web_cert: Option<PathBuf>,
    pub(crate) web_key: Option<PathBuf>,
    pub(crate) web_name: Option<Vec<String>>,
    pub(crate) web_socket: Option<PathBuf>,
    pub(crate) no_web: Option<bool>,
    pub(crate) db: Option<PathBuf>,
    pub(crate) record: Option<Level>,
    pub(crate) body_limit: Option<u64>,
    pub(crate) rules: Option<Vec<RecordingRule>>,
    pub(crate) ignore_hosts: Option<Vec<String>>,
    pub(crate) allow_hosts: Option<Vec<String>>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) tunnel_rejected: Option<Rule>,
    pub(crate) max_connections: Option<usize>,
    pub(crate) max_connections_per_address: Option<usize>,
    pub(crate) ssl_insecure: Option<bool>,
    pub(crate) upstream_ca: Option<Vec<PathBuf>>,
    #[serde(deserialize_with = "list")]
    pub(crate) client_cert: Option<Vec<ClientCertificate>>,
    pub(crate) client_ca: Option<PathBuf>,
    pub(crate) cert: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) keep_host: Option<bool>,
    pub(crate) setup_site: Option<bool>,
    #[serde(deserialize_with = "parent_rules")]
    pub(crate) upstream_proxy: Option<Vec<ParentRule>>,
    pub(crate) upstream_auth: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) no_proxy: Option<Vec<HostPattern>>,
    #[serde(deserialize_with = "list")]
    pub(crate) resolve: Option<Vec<Resolve>>,
    #[serde(deserialize_with = "list")]
    pub(crate) send_proxy: Option<Vec<SendProxy>>,
    pub(crate) ca_passphrase_file: Option<PathBuf>,
    pub(crate) ca_sign_cmd: Option<String>,
    pub(crate) log: Option<String>,
    pub(crate) programs: Option<bool>,
    pub(crate) program_arguments: Option<bool>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) page: Page,
    pub(crate) recorder: Recorder,
    pub(crate) recording: Recording,
    pub(crate) decoding: Decoding,
    pub(crate) retention: Retention,
    pub(crate) flight: flight::Flight,
    pub(crate) budget: Budget,
    pub(crate) audit: audit::Audit,
    pub(crate) redaction: redaction::Redaction,
}

/// How long is waited.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Timeouts {
    #[serde(deserialize_with = "duration")]
    pub(crate) detect: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) tls_handshake: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) silent_refusal: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) request_head: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) proxy_header: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) connect: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) parent: Option<Duration>,
    #[serde(deserialize_with = "duration_or_never")]
    pub(crate) response_head: Option<Duration>,
    #[serde(deserialize_with = "duration_or_never")]
    pub(crate) body: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) body_grace: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) write: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) write_over_share: Option<Duration>,
    #[serde(deserialize_with = "duration_or_never")]
    pub(crate) tunnel_idle: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) half_closed: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) idle: Option<Duration>,
}

/// Limits on messages.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) head: Option<usize>,
    pub(crate) fields: Option<usize>,
    pub(crate) h2_streams: Option<u32>,
    pub(crate) transit: Option<usize>,
    pub(crate) body_rate: Option<u64>,
}

/// Limits for callers of the page.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Page {
    pub(crate) connections: Option<usize>,
    pub(crate) address_connections: Option<usize>,
    pub(crate) watchers: Option<usize>,
    pub(crate) exports: Option<usize>,
    pub(crate) replays: Option<usize>,
    #[serde(deserialize_with = "duration")]
    pub(crate) head: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub(crate) stall: Option<Duration>,
    #[serde(deserialize_with = "bounds::bound")]
    pub(crate) session_idle: Option<bounds::Age>,
    #[serde(deserialize_with = "bounds::bound")]
    pub(crate) session_lifetime: Option<bounds::Age>,
}

/// Limits on the recorder's memory.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Recorder {
    pub(crate) exchanges: Option<usize>,
    pub(crate) memory: Option<usize>,
    pub(crate) address_share: Option<u8>,
    #[serde(deserialize_with = "duration")]
    pub(crate) lossless_wait: Option<Duration>,
    pub(crate) lossless_waiting: Option<usize>,
}

/// How it is stored.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Recording {
    #[serde(deserialize_with = "durability_in_file")]
    pub(crate) durability: Option<Durability>,
    pub(crate) plain_bodies: Option<bool>,
}

/// Limits on decoding a body for a reader.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Decoding {
    pub(crate) codings: Option<usize>,
    #[serde(deserialize_with = "duration")]
    pub(crate) time: Option<Duration>,
}

/// The bounds of the recording.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Retention {
    #[serde(deserialize_with = "bounds::size_or_none")]
    pub(crate) max_size: Option<bounds::Size>,
    #[serde(deserialize_with = "bounds::bound")]
    pub(crate) max_age: Option<bounds::Age>,
    #[serde(deserialize_with = "bounds::bound")]
    pub(crate) max_exchanges: Option<bounds::Number>,
    #[serde(deserialize_with = "free_space::min_free")]
    pub(crate) min_free: Option<MinFree>,
}

impl Config {
    /// Reads `path`; a file that is not there says nothing. Relative paths in it start at its directory.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigFault> {
        Self::parse(path, &text(path)?)
    }

    /// Reads `text`, which `path` has.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, ConfigFault> {
        let mut config: Self = toml::from_str(text)
            .map_err(|error| ConfigFault::at(path, text, error.span(), error.message()))?;
        rules::check(path, text, config.rules.as_deref().unwrap_or_default())?;
        redaction::check(path, text, &config.redaction)?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let page_files = [&mut config.web_cert, &mut config.web_key, &mut config.web_socket];
        let own = [&mut config.db, &mut config.ca_passphrase_file, &mut config.flight.file];
        let files = own.into_iter().chain(page_files).chain([
            &mut config.client_ca,
            &mut config.cert,
            &mut config.key,
        ]);
        let client_certs = config.client_cert.iter_mut().flatten().map(|certificate| &mut certificate.file);
        let lists = config.upstream_ca.iter_mut().flatten().chain(client_certs);
        for file in files.flatten().chain(lists) {
            *file = directory.join(&*file);
        }
        for users in config.proxyauth.iter_mut().flatten().chain(&mut config.upstream_auth) {
            if let Some(file) = users.strip_prefix('@') {
                *users = format!("@{}", directory.join(file).display());
            }
        }
        Ok(config)
    }
}

/// The text of `path`; none if it is not there.
pub(crate) fn text(path: &Path) -> Result<String, ConfigFault> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(ConfigFault::of_file(path, error)),
    }
}

fn list<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let parsed = texts.iter().map(|text| text.parse().map_err(de::Error::custom));
    parsed.collect::<Result<_, _>>().map(Some)
}

/// A rule about parent proxies, as a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpstreamProxy {
    r#match: Option<String>,
    via: String,
}

fn parent_rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<ParentRule>>, D::Error> {
    let rule = |UpstreamProxy { r#match, via }: UpstreamProxy| {
        let hosts = r#match.map(|hosts| hosts.parse().map_err(de::Error::custom)).transpose()?;
        Ok(ParentRule { hosts, via: via.parse().map_err(de::Error::custom)? })
    };
    Vec::deserialize(deserializer)?.into_iter().map(rule).collect::<Result<_, _>>().map(Some)
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

/// The durability of that name.
pub(crate) fn durability(text: &str) -> Result<Durability, String> {
    match text {
        "normal" => Ok(Durability::Normal),
        "full" => Ok(Durability::Full),
        _ => Err(format!("unknown durability \u{201c}{text}\u{201d}; expected normal or full")),
    }
}

fn durability_in_file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Durability>, D::Error> {
    durability(&String::deserialize(deserializer)?).map(Some).map_err(de::Error::custom)
}

/// The longest time to wait: ten years, far from what clocks can't count.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// The value for "never".
pub(crate) const NEVER: Duration = Duration::MAX;

fn duration_or_never<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "never" { Ok(Some(NEVER)) } else { parse_duration(&text) }
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    parse_duration(&String::deserialize(deserializer)?)
}

fn parse_duration<E: de::Error>(text: &str) -> Result<Option<Duration>, E> {
    let parsed =
        text.parse::<jiff::SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    match parsed {
        Some(duration) if !duration.is_zero() && duration <= LONGEST => Ok(Some(duration)),
        _ => Err(E::custom(format!(
            "invalid time limit \u{201c}{text}\u{201d}; expected one such as 500ms, 10s or 2m"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigFault> {
        Config::parse(Path::new("config.toml"), text)
    }

    /// The example without the `#` before its keys.
    fn uncommented() -> String {
        let is_key = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
        EXAMPLE
            .lines()
            .map(|line| if is_key(&line) { &line[1..] } else { line })
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn the_example_as_it_stands_says_nothing() {
        assert_eq!(parse(EXAMPLE).unwrap(), Config::default());
    }

    #[test]
    fn the_example_names_every_mode() {
        for mode in dashcam_proxy::MODES {
            let text = if mode.url().is_some() {
                format!("\"{}:http", mode.name)
            } else {
                format!("\"{}\"", mode.name)
            };
            assert!(EXAMPLE.contains(&text), "{text}");
        }
    }

    #[test]
    fn the_example_names_every_key() {
        let said = format!("{:?}", parse(&uncommented()).unwrap());
        assert!(!said.contains("None"), "{said}");
        assert_eq!(parse(&uncommented()).unwrap().timeouts.idle, Some(Duration::from_secs(75)));
    }

    #[test]
    fn errors_name_the_line_and_the_key() {
        for (text, expect) in [
            ("\nlisten_prt = 1", "config.toml, line 2, column 1, `listen_prt = 1`: unknown key `listen_prt`"),
            ("listen_port = \"x\"", "`: invalid type: string \"x\", expected a whole number up to 65535"),
            ("timeouts = 3", "expected a table"),
            ("record = \"loud\"", "unknown value `loud`, expected one of `off`"),
            (
                "[timeouts]\nidle = \"soon\"",
                ", line 2, column 8, `idle = \"soon\"`: invalid time limit \u{201c}soon\u{201d}",
            ),
            ("[timeouts]\nidle = \"-1s\"", "invalid time limit"),
            ("client_cert = [\"a=\"]", "the file is missing"),
            ("allow_client = [\"10.0.0.0/99\"]", "invalid network"),
            ("connect_ports = \"https\"", "invalid ports"),
            (
                "[[upstream_proxy]]\nvia = \"ftp://u:secret@a\"",
                "invalid parent proxy \u{201c}ftp://a\u{201d}",
            ),
            ("[[upstream_proxy]]\nmatch = \"a b\"\nvia = \"env\"", "invalid host \u{201c}a b\u{201d}"),
            ("no_proxy = [\"http://a\"]", "invalid host"),
            ("resolve = [\"a:80\"]", "invalid addresses"),
            ("send_proxy = [\"v3\"]", "unknown version"),
            ("tunnel_rejected = \"3\"", "expected one such as \u{201c}3 in 10m for 1h\u{201d}, or off"),
            ("log_format = \"xml\"", "expected text or json"),
            ("mode = [", ", line 1, column 9, `mode = [`"),
            ("recrod = \"off\"", "; did you mean `record`?"),
            (
                "[[rules]]\nname = \"a\"\nlevle = \"off\"",
                "line 3, column 1, `levle = \"off\"`: unknown key `levle`",
            ),
            ("[[rules]]\nname = \"a\"\nlevel = \"off\"\nsample = \"1 in 7\"", "line 4, column 10, `sample"),
            (
                "[[rules]]\nname = \"a\"\nlevel = \"off\"\nbody_limit = 9000000000000",
                "line 4, column 14, `body_limit",
            ),
            ("[budget]\ncpu = \"lots\"", ", line 2, column 7, `cpu = \"lots\"`: invalid cpu"),
            ("[budget]\nmemory = \"1k\"", "at least 1MiB"),
            ("[budget]\ngpu = \"5%\"", "unknown key `gpu`"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expect), "{text}: {error}");
        }
    }

    #[test]
    fn paths_start_at_the_file_and_no_file_says_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        assert_eq!(Config::read(&path).unwrap(), Config::default());
        std::fs::write(
            &path,
            "db = 'x.db'\nproxyauth = ['a:b', '@users']\nupstream_ca = ['a.pem', '/b.pem']\nclient_cert = ['a.test=c.pem']",
        )
        .unwrap();
        let config = Config::read(&path).unwrap();
        assert_eq!(config.db, Some(home.path().join("x.db")));
        let users = format!("@{}", home.path().join("users").display());
        assert_eq!(config.proxyauth, Some(vec!["a:b".to_owned(), users]));
        assert_eq!(config.client_cert.unwrap()[0].file, home.path().join("c.pem"));
        assert_eq!(config.upstream_ca, Some(vec![home.path().join("a.pem"), "/b.pem".into()]));
    }
}
