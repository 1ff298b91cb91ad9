//! Where the client wants to go.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// `http` or `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

impl Scheme {
    /// "http" or "https".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The reverse of [`Scheme::as_str`], whatever the case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Http, Self::Https].into_iter().find(|scheme| scheme.as_str().eq_ignore_ascii_case(text))
    }

    /// 80 or 443.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A scheme, a host and a port. The host is lower case, without brackets around an IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Destination {
    /// How to speak there.
    pub scheme: Scheme,
    /// A domain name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a text names no destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDestination(String);

impl fmt::Display for InvalidDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\u{201c}{}\u{201d} is not HOST or HOST:PORT", self.0)
    }
}

impl std::error::Error for InvalidDestination {}

impl Destination {
    /// Reads `HOST[:PORT]`, an IPv6 address in brackets; without a port, `scheme`'s own is meant.
    ///
    /// # Errors
    /// When the text has user information, a bad port, no host, or characters that no host has.
    pub fn parse(scheme: Scheme, authority: &str) -> Result<Self, InvalidDestination> {
        let (host, port) =
            host_and_port(authority).ok_or_else(|| InvalidDestination(authority.to_owned()))?;
        let port = port.unwrap_or_else(|| scheme.default_port());
        Ok(Self { scheme, host: host.to_ascii_lowercase(), port })
    }

    /// Returns whether [`Destination::parse`] can read `authority`.
    #[must_use]
    pub fn is_authority(authority: &str) -> bool {
        host_and_port(authority).is_some()
    }

    /// The host as an address, when it is one.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// `HOST:PORT`, an IPv6 address in brackets.
    #[must_use]
    pub fn host_and_port(&self) -> String {
        self.named(true)
    }

    /// The value of a `Host` field: the port only when it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        self.named(self.port != self.scheme.default_port())
    }

    /// Without `format!`: many requests get their upstream's name again.
    fn named(&self, with_port: bool) -> String {
        let mut text = String::with_capacity(self.host.len() + "[]:65535".len());
        self.write_named(with_port, &mut text);
        text
    }

    /// Adds [`Destination::authority`] to `text`.
    pub fn write_authority(&self, text: &mut String) {
        self.write_named(self.port != self.scheme.default_port(), text);
    }

    fn write_named(&self, with_port: bool, text: &mut String) {
        let brackets = self.host.contains(':');
        text.extend(brackets.then_some('['));
        text.push_str(&self.host);
        text.extend(brackets.then_some(']'));
        if with_port {
            text.push(':');
            let mut place =
                [10_000, 1000, 100, 10, 1].into_iter().find(|place| self.port >= *place).unwrap_or(1);
            while place > 0 {
                text.push(char::from(b'0' + (self.port / place % 10) as u8));
                place /= 10;
            }
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    match split_port(authority)? {
        (host, Some(port)) => Some((host, Some(parse_port(port)?))),
        (host, None) => Some((host, None)),
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((address, Some(port))),
            None => rest.is_empty().then_some((address, None)),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let valid = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte));
    valid.then_some((host, port))
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|port| *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scheme: Scheme, authority: &str, expect: Option<(&str, u16, &str)>) {
        let found = Destination::parse(scheme, authority).ok();
        let found = found.as_ref().map(|found| (found.host.as_str(), found.port, found.to_string()));
        let expect = expect.map(|(host, port, shown)| (host, port, shown.to_owned()));
        assert_eq!(found, expect, "{authority}");
    }

    #[test]
    fn authorities() {
        check(Scheme::Https, "API.example.com", Some(("api.example.com", 443, "https://api.example.com")));
        check(Scheme::Http, "a:8080", Some(("a", 8080, "http://a:8080")));
        check(Scheme::Https, "[::1]:443", Some(("::1", 443, "https://[::1]")));
        check(Scheme::Http, "[::1]", Some(("::1", 80, "http://[::1]")));
        for bad in
            ["", ":80", "a:", "a:0", "a:65536", "a:+1", "u@a", "a b", "[::1", "[::1]x", "[a]", "::1", "a/b"]
        {
            check(Scheme::Http, bad, None);
        }
    }
}
