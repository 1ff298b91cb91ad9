//! Networks by their addresses: `10.0.0.0/8`, `2001:db8::/32`, one address alone, or `all`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Addresses that have their beginning in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    All,
    Net(IpNet),
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid network \u{201c}{0}\u{201d}; expected a prefix such as 10.0.0.0/8, one address, or all")]
pub struct InvalidNetwork(String);

impl Network {
    /// All addresses.
    pub const ALL: Self = Self(Kind::All);

    /// Returns whether `ip` is in it. An IPv4 address that is written as an IPv6 one is the IPv4 one.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        match &self.0 {
            Kind::All => true,
            Kind::Net(net) => net.contains(&ip.to_canonical()),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::All => f.write_str("all"),
            Kind::Net(net) => net.fmt(f),
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        if text == "all" {
            return Ok(Self(Kind::All));
        }
        let net = text.parse().ok().or_else(|| text.parse().ok().map(IpAddr::into));
        net.map(|net| Self(Kind::Net(canonical(net)))).ok_or_else(|| InvalidNetwork(text.to_owned()))
    }
}

/// A network of IPv4 addresses that are written as IPv6 ones is one of IPv4.
fn canonical(net: IpNet) -> IpNet {
    let mapped = |net: Ipv6Net| {
        let address: Ipv4Addr = net.addr().to_ipv4_mapped()?;
        Ipv4Net::new(address, net.prefix_len().checked_sub(96)?).ok()
    };
    match net {
        IpNet::V6(net) => mapped(net).map_or(IpNet::V6(net), IpNet::V4),
        IpNet::V4(_) => net,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, inside: &[&str], outside: &[&str]) {
        let network: Network = text.parse().unwrap();
        for (addresses, expect) in [(inside, true), (outside, false)] {
            for address in addresses {
                assert_eq!(network.contains(address.parse().unwrap()), expect, "{address} in {text}");
            }
        }
    }

    #[test]
    fn networks() {
        check("10.0.0.0/8", &["10.0.0.1", "10.255.0.1", "::ffff:10.1.1.1"], &["11.0.0.1", "::1"]);
        check("10.1.2.3/8", &["10.9.9.9"], &["11.0.0.1"]);
        check("192.0.2.1", &["192.0.2.1"], &["192.0.2.2"]);
        check("2001:db8::/32", &["2001:db8::1"], &["2001:db9::1", "192.0.2.1"]);
        check("::ffff:10.0.0.0/104", &["10.1.1.1", "::ffff:10.1.1.1"], &["11.1.1.1"]);
        check("all", &["192.0.2.1", "2001:db8::1"], &[]);
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "a", "10.0.0.0/", "any"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
