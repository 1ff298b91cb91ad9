//! The names of a listener, as a `Host` field may say them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub(crate) struct Hosts {
    /// `None` on a Unix socket: then no port is ours.
    address: Option<SocketAddr>,
    is_secure: bool,
    /// Names that the operator gave; whatever the port, as a proxy in front of us may have another.
    names: Vec<String>,
}

impl Hosts {
    pub(crate) fn new(address: Option<SocketAddr>, is_secure: bool, names: Vec<String>) -> Self {
        Self { address, is_secure, names }
    }

    /// Returns whether `host`, as in a `Host` field, names the listener. One bound to every address of the machine
    /// is named by any address: only names can be pointed elsewhere.
    pub(super) fn allow(&self, host: &str) -> bool {
        let (name, port) = split(host);
        let bare = name.strip_suffix('.').unwrap_or(name);
        let port = port.map(str::parse::<u16>);
        if self.names.iter().any(|own| own.eq_ignore_ascii_case(bare)) {
            return port.is_none_or(|port| port.is_ok());
        }
        self.is_port(port) && (name.eq_ignore_ascii_case("localhost") || self.is_address(name))
    }

    fn is_address(&self, name: &str) -> bool {
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let address: Option<IpAddr> = match bare {
            Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => name.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        };
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let bound = self.address.map(|address| address.ip());
        address.is_some_and(|address| {
            loopback.contains(&address)
                || bound.is_some_and(|bound| bound == address || bound.is_unspecified())
        })
    }

    /// The port may be left out only when it is the scheme's own.
    fn is_port<E>(&self, port: Option<Result<u16, E>>) -> bool {
        let Some(address) = self.address else { return port.is_none_or(|port| port.is_ok()) };
        let default = if self.is_secure { 443 } else { 80 };
        match port {
            Some(Ok(port)) => port == address.port(),
            Some(Err(_)) => false,
            None => address.port() == default,
        }
    }
}

/// The name and the port behind it; an address in brackets is a name.
fn split(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        match self.address {
            Some(address) => write!(f, "{scheme}://localhost:{}", address.port()),
            None => write!(f, "{scheme}://localhost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hosts: &Hosts, allowed: &[&str], refused: &[&str]) {
        for host in allowed {
            assert!(hosts.allow(host), "{hosts} is {host}");
        }
        for host in refused {
            assert!(!hosts.allow(host), "{hosts} is not {host}");
        }
    }

    fn bound(address: &str) -> Hosts {
        Hosts::new(Some(address.parse().unwrap()), false, Vec::new())
    }

    #[test]
    fn names_of_a_listener() {
        check(
            &bound("127.0.0.1:8081"),
            &["localhost:8081", "LOCALHOST:8081", "127.0.0.1:8081", "[::1]:8081"],
            &[
                "",
                "localhost",
                "localhost:80",
                "evil.example:8081",
                "127.0.0.1",
                "[::1]",
                "192.0.2.1:8081",
                "localhost:8081:8081",
            ],
        );
        check(
            &bound("192.0.2.1:80"),
            &["192.0.2.1", "192.0.2.1:80", "localhost"],
            &["192.0.2.2", "example.com", "192.0.2.1:81"],
        );
        check(
            &bound("0.0.0.0:8081"),
            &["198.51.100.7:8081", "[2001:db8::1]:8081"],
            &["host.example:8081", "2001:db8::1:8081"],
        );
    }

    #[test]
    fn names_that_the_operator_gave() {
        let names = vec!["dashcam.example".to_owned()];
        let secure = Hosts::new(Some("127.0.0.1:443".parse().unwrap()), true, names.clone());
        check(
            &secure,
            &["dashcam.example", "DASHCAM.example.:8443", "localhost", "[::1]"],
            &["a.dashcam.example", "dashcam.example:x", "dashcam.example.evil", "localhost:80"],
        );
        check(
            &Hosts::new(None, false, names),
            &["dashcam.example:80", "localhost", "localhost:9000", "127.0.0.1:9000"],
            &["evil.example", "192.0.2.1", ""],
        );
    }
}
