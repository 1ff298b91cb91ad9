//! Destinations by host and port, as `no_proxy` has them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use dashcam_exchange::Destination;

use crate::config::access::Network;

/// Hosts, perhaps on one port alone: `*`, a name (with all names below it, as curl reads it), `*.NAME` (only those
/// below), an address, or a network; each with `:PORT`.
#[derive(Clone, PartialEq, Eq)]
pub struct HostPattern {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    /// This name, and every one below it.
    Within(String),
    /// Every name below this one.
    Below(String),
    Network(Network),
}

/// A text that describes no hosts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid host \u{201c}{0}\u{201d}; expected a name (example.com, *.example.com), an address or a network (10.0.0.0/8), or *; each may end with :PORT"
)]
pub struct InvalidHostPattern(String);

impl HostPattern {
    /// A list as `NO_PROXY` has it, with commas or white space between; and the entries that can't be understood.
    #[must_use]
    pub fn list(text: &str) -> (Vec<Self>, Vec<InvalidHostPattern>) {
        let entries = text.split(|char: char| char == ',' || char.is_whitespace());
        let (mut patterns, mut invalid) = (Vec::new(), Vec::new());
        for entry in entries.filter(|entry| !entry.is_empty()) {
            match entry.parse() {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => invalid.push(error),
            }
        }
        (patterns, invalid)
    }

    /// Returns whether `destination` is meant. A name is not looked up to see whether its address is.
    pub(crate) fn matches(&self, destination: &Destination) -> bool {
        self.port.is_none_or(|port| port == destination.port) && self.hosts.contain(&destination.host)
    }
}

impl Hosts {
    /// `host` is in lower case.
    fn contain(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        let is_below =
            |name: &str| host.strip_suffix(name).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
        match self {
            Self::All => true,
            Self::Within(name) => host == name || is_below(name),
            Self::Below(name) => is_below(name),
            Self::Network(network) => host.parse::<IpAddr>().is_ok_and(|ip| network.contains(ip)),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        if let Some(network) = network(text) {
            return Some(Self::Network(network));
        }
        match text.strip_prefix("*.") {
            Some(rest) => name(rest).map(Self::Below),
            None => name(text.strip_prefix('.').unwrap_or(text)).map(Self::Within),
        }
    }
}

/// An address or a network; `all` is a name here.
fn network(text: &str) -> Option<Network> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.contains(['.', ':']).then(|| bare.parse().ok()).flatten()
}

fn name(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.split('.').all(is_label).then(|| text.to_ascii_lowercase())
}

/// The text before the port, and the port. The colons of an IPv6 address without brackets are its own.
fn split_port(text: &str) -> (&str, Option<&str>) {
    if text.parse::<Network>().is_ok() && text != "all" {
        return (text, None);
    }
    match text.rsplit_once(':') {
        Some((hosts, port)) if hosts.ends_with(']') || !hosts.contains(':') => (hosts, Some(port)),
        _ => (text, None),
    }
}

impl FromStr for HostPattern {
    type Err = InvalidHostPattern;

    fn from_str(text: &str) -> Result<Self, InvalidHostPattern> {
        let invalid = || InvalidHostPattern(text.to_owned());
        let (hosts, port) = split_port(text.trim());
        let port = port.map(|port| port.parse().map_err(|_| invalid())).transpose()?;
        Ok(Self { hosts: Hosts::parse(hosts).ok_or_else(invalid)?, port })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::All => f.write_str("*")?,
            Hosts::Within(name) => f.write_str(name)?,
            Hosts::Below(name) => write!(f, "*.{name}")?,
            Hosts::Network(network) => {
                let text = network.to_string();
                let text = text.strip_suffix("/32").or_else(|| text.strip_suffix("/128")).unwrap_or(&text);
                let brackets = self.port.is_some() && text.contains(':');
                if brackets { write!(f, "[{text}]")? } else { f.write_str(text)? }
            }
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::Scheme;

    use super::*;

    fn check(text: &str, inside: &[&str], outside: &[&str]) {
        let pattern: HostPattern = text.parse().unwrap();
        for (destinations, expect) in [(inside, true), (outside, false)] {
            for destination in destinations {
                let parsed = Destination::parse(Scheme::Https, destination).unwrap();
                assert_eq!(pattern.matches(&parsed), expect, "{destination} in {text}");
            }
        }
        assert_eq!(pattern.to_string().parse::<HostPattern>().unwrap(), pattern, "{text}");
    }

    #[test]
    fn hosts() {
        check("*", &["a", "1.2.3.4", "[::1]:80"], &[]);
        check("*:80", &["a:80"], &["a"]);
        for text in ["Example.com", ".example.com", "example.com."] {
            check(text, &["example.com", "a.b.Example.com:1", "example.com."], &["badexample.com", "com"]);
        }
        check("*.example.com", &["a.example.com"], &["example.com", "badexample.com"]);
        check("example.com:8443", &["a.example.com:8443"], &["example.com"]);
        check("10.0.0.0/8", &["10.1.2.3"], &["11.0.0.1", "ten.example.com"]);
        check("10.0.0.1", &["10.0.0.1:1"], &["10.0.0.2", "1.10.0.0.1"]);
        check("10.0.0.1:81", &["10.0.0.1:81"], &["10.0.0.1"]);
        check("::1", &["[::1]", "[0:0::1]:9"], &["[::2]"]);
        check("[::1]:81", &["[::1]:81"], &["[::1]"]);
        check("fd00::/8", &["[fd12::1]"], &["[fe80::1]"]);
        check("localhost", &["localhost:3000"], &["127.0.0.1"]);
        check("all", &["all"], &["a"]);
    }

    #[test]
    fn what_describes_no_hosts() {
        for text in
            ["", ":80", "a:x", "a:99999", "a b", "*a", "http://a", "a/b", "10.0.0.0/99", "[::1", "a..b"]
        {
            let error = text.parse::<HostPattern>().unwrap_err().to_string();
            assert!(error.contains(&format!("\u{201c}{text}\u{201d}; expected a name")), "{error}");
        }
    }

    #[test]
    fn lists_have_commas_or_spaces() {
        let (patterns, invalid) = HostPattern::list(" localhost,10.0.0.0/8  .corp.example,, http://x");
        let patterns: Vec<_> = patterns.iter().map(ToString::to_string).collect();
        assert_eq!(patterns, ["localhost", "10.0.0.0/8", "corp.example"]);
        assert_eq!(invalid, [InvalidHostPattern("http://x".to_owned())]);
    }
}
