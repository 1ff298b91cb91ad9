//! Whose account it is: the address that a client connects from.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The source of connections that share one account.
///
/// Of an IPv6 address that is its /64: whoever has one such network has all of its 2^64 addresses, and could be a new
/// client with each connection. So neighbours in one network share an account, as they do behind an IPv4 router.
/// An IPv4 address in IPv6's form (`::ffff:192.0.2.1`) is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// The first 64 bits of an IPv6 address.
    V6(u64),
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(network(address)),
        }
    }
}

fn network(address: Ipv6Addr) -> u64 {
    let [network @ .., _, _, _, _] = address.segments();
    network.iter().fold(0, |bits, segment| bits << 16 | u64::from(*segment))
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => write!(formatter, "{address}"),
            // That of `::1`, where nobody else is.
            Self::V6(0) => write!(formatter, "{}", Ipv6Addr::LOCALHOST),
            Self::V6(network) => write!(formatter, "{}/64", Ipv6Addr::from_bits(u128::from(*network) << 64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_client_are_one_source() {
        for (address, expect) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::1", "::1"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("fe80::1", "fe80::/64"),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(Source::from(address).to_string(), expect, "{address}");
        }
    }
}
