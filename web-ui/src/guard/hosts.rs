//! The names of a listener, as a `Host` field may say them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub(super) struct Hosts {
    address: SocketAddr,
}

impl Hosts {
    pub(super) fn of(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Whether `host`, as in a `Host` field, names the listener. One bound to every address of the machine
    /// is named by any address: only names can be pointed elsewhere.
    pub(super) fn allow(&self, host: &str) -> bool {
        let Some(name) = self.without_port(host) else { return false };
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let address: Option<IpAddr> = match bare {
            Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => name.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        };
        let own = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into(), self.address.ip()];
        address.is_some_and(|address| own.contains(&address) || self.address.ip().is_unspecified())
    }

    /// The name in front of our port; the port may be left out only when it is HTTP's own.
    fn without_port<'a>(&self, host: &'a str) -> Option<&'a str> {
        match host.rsplit_once(':') {
            Some((name, port)) if port.parse() == Ok(self.address.port()) => Some(name),
            _ if self.address.port() == 80 => Some(host),
            _ => None,
        }
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://localhost:{}", self.address.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bound: &str, allowed: &[&str], refused: &[&str]) {
        let hosts = Hosts::of(bound.parse().unwrap());
        for host in allowed {
            assert!(hosts.allow(host), "{bound} is {host}");
        }
        for host in refused {
            assert!(!hosts.allow(host), "{bound} is not {host}");
        }
    }

    #[test]
    fn names_of_a_listener() {
        check(
            "127.0.0.1:8081",
            &["localhost:8081", "LOCALHOST:8081", "127.0.0.1:8081", "[::1]:8081"],
            &[
                "",
                "localhost",
                "localhost:80",
                "evil.example:8081",
                "127.0.0.1",
                "192.0.2.1:8081",
                "localhost:8081:8081",
            ],
        );
        check(
            "192.0.2.1:80",
            &["192.0.2.1", "192.0.2.1:80", "localhost"],
            &["192.0.2.2", "example.com", "192.0.2.1:81"],
        );
        check(
            "0.0.0.0:8081",
            &["198.51.100.7:8081", "[2001:db8::1]:8081"],
            &["host.example:8081", "2001:db8::1:8081"],
        );
    }
}
