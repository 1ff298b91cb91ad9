//! Modes as texts: the grammar is that of the table.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use dashcam_exchange::{Destination, Scheme};

use crate::config::Mode;
use crate::serve::mode::MODES;
use crate::serve::mode::spec::ModeSpec;

/// A mode that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} \u{201c}{text}\u{201d}; expected {expected}")]
pub struct InvalidMode {
    problem: &'static str,
    text: String,
    expected: String,
}

impl Default for Mode {
    fn default() -> Self {
        Self { name: MODES[0].name, upstream: None, listen: None }
    }
}

impl FromStr for Mode {
    type Err = InvalidMode;

    fn from_str(text: &str) -> Result<Self, InvalidMode> {
        let invalid = |problem, expected| InvalidMode { problem, text: text.to_owned(), expected };
        let (kind, listen) = match text.split_once('@') {
            Some((kind, listen)) => (kind, Some(listen)),
            None => (text, None),
        };
        let address = || "@PORT or @ADDRESS:PORT, such as @127.0.0.1:9000".to_owned();
        let listen = listen.map(|listen| {
            parse_listen(listen).ok_or_else(|| invalid("invalid address after the @ in mode", address()))
        });
        let listen = listen.transpose()?;
        let (name, url) = match kind.split_once(':') {
            Some((name, url)) => (name, Some(url)),
            None => (kind, None),
        };
        let is_meant = |spec: &&ModeSpec| spec.name == name && spec.upstream.is_some() == url.is_some();
        let spec = MODES.iter().find(is_meant).ok_or_else(|| invalid("unknown mode", grammar()))?;
        let upstream = url.map(|url| {
            let urls = || format!("{name}:http://HOST[:PORT] or {name}:https://HOST[:PORT], without a path");
            parse_upstream(url).ok_or_else(|| invalid("invalid upstream in mode", urls()))
        });
        Ok(Self { name: spec.name, upstream: upstream.transpose()?, listen })
    }
}

/// All modes, and an example of one with an upstream.
fn grammar() -> String {
    let all: Vec<_> = MODES.iter().map(ToString::to_string).collect();
    let example = MODES.iter().find_map(|spec| Some(format!("{}:{}", spec.name, spec.upstream?)));
    format!("{}, such as {}", all.join(" or "), example.unwrap_or_default())
}

fn parse_listen(text: &str) -> Option<(Option<std::net::IpAddr>, u16)> {
    if let Ok(port) = text.parse() {
        return Some((None, port));
    }
    if let Some(port) = text.strip_prefix("localhost:") {
        return Some((Some(Ipv4Addr::LOCALHOST.into()), port.parse().ok()?));
    }
    text.parse::<SocketAddr>().ok().map(|address| (Some(address.ip()), address.port()))
}

fn parse_upstream(text: &str) -> Option<Destination> {
    let (scheme, authority) = text.split_once("://")?;
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    Destination::parse(Scheme::parse(scheme)?, authority).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: (&str, &str)) {
        let mode = text.parse::<Mode>().unwrap();
        let address = mode.address(Ipv4Addr::LOCALHOST.into(), 8080).to_string();
        assert_eq!((mode.to_string().as_str(), address.as_str()), expect, "{text}");
    }

    fn check_invalid(text: &str, expect: &str) {
        assert_eq!(text.parse::<Mode>().unwrap_err().to_string(), expect);
    }

    #[test]
    fn modes() {
        check("forward", ("forward", "127.0.0.1:8080"));
        check("forward@9000", ("forward", "127.0.0.1:9000"));
        check("forward@0.0.0.0:9000", ("forward", "0.0.0.0:9000"));
        check("reverse:http://a:81/@[::1]:9000", ("reverse:http://a:81", "[::1]:9000"));
        check("reverse:https://a", ("reverse:https://a", "127.0.0.1:8080"));
        check("socks5", ("socks5", "127.0.0.1:8080"));
        check("socks5@1080", ("socks5", "127.0.0.1:1080"));
        check("socks5@localhost:1080", ("socks5", "127.0.0.1:1080"));
        assert_eq!(Mode::default(), "forward".parse().unwrap());
    }

    #[test]
    fn errors_say_what_the_table_has() {
        for unknown in ["", "reverse", "forward:http://a", "socks4", "socks5:http://a"] {
            let modes = "forward or reverse:URL or socks5, such as reverse:http://127.0.0.1:3000";
            check_invalid(unknown, &format!("unknown mode \u{201c}{unknown}\u{201d}; expected {modes}"));
        }
        for invalid in ["reverse:a", "reverse:ftp://a", "reverse:http://a/path"] {
            let urls = "reverse:http://HOST[:PORT] or reverse:https://HOST[:PORT], without a path";
            check_invalid(
                invalid,
                &format!("invalid upstream in mode \u{201c}{invalid}\u{201d}; expected {urls}"),
            );
        }
        for invalid in ["forward@", "forward@x"] {
            let address = "@PORT or @ADDRESS:PORT, such as @127.0.0.1:9000";
            let expect =
                format!("invalid address after the @ in mode \u{201c}{invalid}\u{201d}; expected {address}");
            check_invalid(invalid, &expect);
        }
    }
}
