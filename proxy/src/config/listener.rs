//! A listener, as it was configured.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::config::{Mode, Network};

/// A listener: how its destinations become known, where it listens, and who may be before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerConfig {
    /// Its own name, which the record of its connections has.
    pub name: Option<String>,
    /// How its destinations become known.
    pub mode: Mode,
    /// Where it listens; port 0 means any free one.
    pub address: SocketAddr,
    /// Connections begin with a header of the PROXY protocol, which names the client.
    pub proxy_protocol: Option<ProxyProtocol>,
    /// Other programs of the same user may listen at the address too (`SO_REUSEPORT`); the system shares the
    /// connections out.
    pub reuse_port: bool,
}

/// The load balancers whose headers are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProxyProtocol {
    /// Their networks; if there are none, this machine and private networks.
    pub from: Vec<Network>,
}

impl Default for ListenerConfig {
    fn default() -> Self {
        Self {
            name: None,
            mode: Mode::default(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            proxy_protocol: None,
            reuse_port: false,
        }
    }
}

/// The mode, behind the name if it has one.
impl fmt::Display for ListenerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.mode),
            None => self.mode.fmt(f),
        }
    }
}

impl ProxyProtocol {
    /// Returns whether the header of a load balancer at `peer` is believed.
    pub(crate) fn trusts(&self, peer: IpAddr, is_near: impl Fn(IpAddr) -> bool) -> bool {
        if self.from.is_empty() {
            is_near(peer)
        } else {
            self.from.iter().any(|network| network.contains(peer))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_balancers_that_are_believed() {
        let near = |ip: IpAddr| ip.is_loopback();
        let check = |from: &[&str], peer: &str, expect| {
            let from = from.iter().map(|text| text.parse().unwrap()).collect();
            assert_eq!(ProxyProtocol { from }.trusts(peer.parse().unwrap(), near), expect, "{peer}");
        };
        check(&[], "127.0.0.1", true);
        check(&[], "198.51.100.1", false);
        check(&["198.51.100.0/24"], "198.51.100.1", true);
        check(&["198.51.100.0/24"], "127.0.0.1", false);
        check(&["all"], "198.51.100.1", true);
    }
}
