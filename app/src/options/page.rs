//! Where the page is and what its callers may take, as the command line and `config.toml` say it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use dashcam_web_ui::PageLimits;

use super::{LOOPBACK, said};
use crate::bounds::Age;
use crate::cli::{ServeArgs, page_name};
use crate::config::{self, Config};
use crate::page::{PageOptions, Place};

const WEB_PORT: u16 = 8081;

pub(super) fn page(args: &ServeArgs, config: &Config) -> Result<PageOptions> {
    let place = place(args, config);
    let certificate = certificate(args, config)?;
    if matches!(place, Place::Socket(_)) && certificate.is_some() {
        bail!("config.toml: a page on a socket (web_socket) has no TLS: leave out web_cert and web_key");
    }
    let names = said(&args.web_name, config.web_name.as_ref());
    let names = names.iter().map(|name| page_name(name).map_err(|why| anyhow::anyhow!("web_name: {why}")));
    Ok(PageOptions {
        place,
        certificate,
        names: names.collect::<Result<_>>()?,
        limits: limits(&config.page)?,
    })
}

/// The place of the page. Options of the command line stand in place of all that the file says of it.
fn place(args: &ServeArgs, config: &Config) -> Place {
    let wants_address = args.web_host.is_some() || args.web_port.is_some();
    let file_counts = !wants_address && args.web_socket.is_none();
    if args.no_web || (file_counts && config.no_web.unwrap_or_default() && !args.read_only) {
        return Place::Nowhere;
    }
    let socket = args.web_socket.clone().or_else(|| config.web_socket.clone().filter(|_| file_counts));
    if let Some(path) = socket {
        return Place::Socket(std::path::absolute(&path).unwrap_or(path));
    }
    let host = args.web_host.or(config.web_host).unwrap_or(LOOPBACK);
    Place::Address(SocketAddr::new(host, args.web_port.or(config.web_port).unwrap_or(WEB_PORT)))
}

fn certificate(args: &ServeArgs, config: &Config) -> Result<Option<(PathBuf, PathBuf)>> {
    if config.web_cert.is_some() != config.web_key.is_some() {
        bail!(
            "config.toml sets only one of `web_cert` and `web_key`: set both, as a certificate needs its key"
        );
    }
    let pair = |cert: &Option<PathBuf>, key: &Option<PathBuf>| cert.clone().zip(key.clone());
    let of_file = pair(&config.web_cert, &config.web_key).filter(|_| args.web_socket.is_none());
    Ok(pair(&args.web_cert, &args.web_key).or(of_file))
}

fn limits(config: &config::Page) -> Result<PageLimits> {
    let default = PageLimits::default();
    let limits = PageLimits {
        connections: config.connections.unwrap_or(default.connections),
        address_connections: config.address_connections.unwrap_or(default.address_connections),
        watchers: config.watchers.unwrap_or(default.watchers),
        exports: config.exports.unwrap_or(default.exports),
        replays: config.replays.unwrap_or(default.replays),
        head: config.head.unwrap_or(default.head),
        stall: config.stall.unwrap_or(default.stall),
        session_idle: age("session_idle", config.session_idle, default.session_idle)?,
        session_lifetime: age("session_lifetime", config.session_lifetime, default.session_lifetime)?,
    };
    let numbers =
        [limits.connections, limits.address_connections, limits.watchers, limits.exports, limits.replays];
    if !numbers.iter().all(|number| (1..=65_536).contains(number)) {
        bail!("config.toml: the numbers in [page] must be from 1 to 65536; use --no-web to serve no page");
    }
    Ok(limits)
}

fn age(key: &str, said: Option<Age>, default: Duration) -> Result<Duration> {
    match said.map(|age| age.0) {
        None => Ok(default),
        Some(Some(age)) => Ok(age),
        Some(None) => bail!("config.toml: {key} can't be none: give an age such as 30d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(args: &ServeArgs, file: &Config) -> Place {
        page(args, file).unwrap().place
    }

    #[test]
    fn the_command_line_says_where_the_page_is_before_the_file() {
        let args = ServeArgs::default;
        let address = |text: &str| Place::Address(text.parse().unwrap());
        let socket = || Config { web_socket: Some("/s".into()), ..Config::default() };
        let none = || Config { no_web: Some(true), web_port: Some(9), ..Config::default() };
        assert_eq!(place_of(&args(), &Config::default()), address("127.0.0.1:8081"));
        assert_eq!(place_of(&args(), &socket()), Place::Socket("/s".into()));
        assert_eq!(place_of(&args(), &none()), Place::Nowhere);
        let port = || ServeArgs { web_port: Some(1), ..args() };
        assert_eq!(place_of(&port(), &socket()), address("127.0.0.1:1"));
        assert_eq!(place_of(&port(), &none()), address("127.0.0.1:1"));
        assert_eq!(place_of(&ServeArgs { no_web: true, ..args() }, &socket()), Place::Nowhere);
        assert_eq!(place_of(&ServeArgs { read_only: true, ..args() }, &none()), address("127.0.0.1:9"));
        let on_socket = ServeArgs { web_socket: Some("/t".into()), ..args() };
        assert_eq!(place_of(&on_socket, &none()), Place::Socket("/t".into()));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let check = |config: Config, expect: &str| {
            let error = page(&ServeArgs::default(), &config).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        };
        check(Config { web_cert: Some("c".into()), ..Config::default() }, "needs its key");
        let both = Config {
            web_cert: Some("c".into()),
            web_key: Some("k".into()),
            web_socket: Some("s".into()),
            ..Config::default()
        };
        check(both, "leave out web_cert");
        check(
            Config { web_name: Some(vec!["http://a".into()]), ..Config::default() },
            "web_name: expected a host name",
        );
        let limits = |page| Config { page, ..Config::default() };
        check(limits(config::Page { watchers: Some(0), ..config::Page::default() }), "1 to 65536");
        let forever = config::Page { session_idle: "none".parse().ok(), ..config::Page::default() };
        check(limits(forever), "session_idle can't be none");
    }
}
