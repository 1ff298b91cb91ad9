//! The clients that are let in, by their addresses.

use std::net::IpAddr;

use crate::config::Mode;
use crate::serve::access::Access;

/// A connection that was accepted, as far as that decides whether it is served.
pub(crate) struct Arrival<'a> {
    pub(crate) mode: &'a Mode,
    /// Where its listener is bound.
    pub(crate) listener: IpAddr,
    pub(crate) client: IpAddr,
}

impl Access {
    /// Returns whether a client is served; `entrance` gives our own address that it connected to.
    pub(crate) fn admits(&self, arrival: &Arrival<'_>, entrance: impl Fn() -> Option<IpAddr>) -> bool {
        let client = arrival.client.to_canonical();
        if let Some(networks) = &self.config.clients {
            return networks.iter().any(|network| network.contains(client));
        }
        // A service with one upstream is there for strangers.
        arrival.mode.upstream.is_some()
            // Nobody but this machine reaches a listener on loopback.
            || arrival.listener.to_canonical().is_loopback()
            || is_private(client)
            // A program on this machine that connects to one of the machine's addresses has the same.
            || entrance().is_some_and(|entrance| entrance.to_canonical() == client)
    }
}

/// True if a client at `ip` is on this machine or in its own network: loopback, RFC 1918, link-local or unique local.
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AccessConfig;

    fn check(allowed: &[&str], (mode, listener): (&str, &str), client: &str, expect: bool) {
        let networks: Vec<_> = allowed.iter().map(|text| text.parse().unwrap()).collect();
        let clients = (!networks.is_empty()).then_some(networks);
        let access = Access::new(&AccessConfig { clients, ..AccessConfig::default() });
        let mode: Mode = mode.parse().unwrap();
        let arrival =
            Arrival { mode: &mode, listener: listener.parse().unwrap(), client: client.parse().unwrap() };
        let entrance = || "203.0.113.5".parse().ok();
        assert_eq!(access.admits(&arrival, entrance), expect, "{allowed:?} {mode} {listener} {client}");
    }

    #[test]
    fn clients() {
        let (everywhere, reverse) = (("forward", "0.0.0.0"), ("reverse:http://a", "0.0.0.0"));
        check(&[], ("forward", "127.0.0.1"), "198.51.100.1", true);
        for private in ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.1.1", "fe80::1", "fd00::1", "::1"] {
            check(&[], everywhere, private, true);
        }
        check(&[], ("forward", "::"), "::ffff:10.0.0.1", true);
        check(&[], everywhere, "198.51.100.1", false);
        check(&[], ("forward", "::"), "2001:db8::1", false);
        check(&[], ("forward", "192.168.1.2"), "198.51.100.1", false);
        check(&[], everywhere, "203.0.113.5", true);
        check(&[], reverse, "198.51.100.1", true);
        check(&["198.51.100.0/24"], everywhere, "198.51.100.1", true);
        check(&["198.51.100.0/24"], everywhere, "127.0.0.1", false);
        check(&["198.51.100.0/24"], reverse, "192.0.2.1", false);
        check(&["198.51.100.0/24"], ("forward", "127.0.0.1"), "127.0.0.1", false);
        check(&["10.0.0.0/8", "all"], everywhere, "198.51.100.1", true);
    }

    #[test]
    fn whose_clients_are_ours() {
        for (address, expect) in
            [("10.0.0.1", true), ("::ffff:10.0.0.1", true), ("fe80::1", true), ("100.64.0.1", false)]
        {
            assert_eq!(is_private(address.parse().unwrap()), expect, "{address}");
        }
    }
}
