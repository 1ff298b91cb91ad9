//! Destinations that `--deny-private` refuses: this machine, private networks, and where clouds keep their secrets. Looked
//! at after a name was resolved, and only what was looked at is connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::LazyLock;

use dashcam_exchange::{Destination, Failure, Side, Stage};
use ipnet::{Ipv4Net, Ipv6Net};

use crate::net::tcp::is_this_machine;
use crate::upstream::no_answer::NoAnswer;

/// Special-purpose networks that are not the public's (RFC 6890, the IANA's registry).
const NETWORKS_V4: [&str; 16] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10", // carriers' own, with Alibaba's metadata (100.100.100.200)
    "127.0.0.0/8",
    "168.63.129.16/32", // Azure's host
    "169.254.0.0/16",   // link-local, with most clouds' metadata (169.254.169.254)
    "172.16.0.0/12",
    "192.0.0.0/24", // with Oracle's metadata (192.0.0.192)
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
];
const NETWORKS_V6: [&str; 8] = [
    "::/128",
    "::1/128",
    "64:ff9b:1::/48", // translated in this network alone
    "100::/64",
    "fc00::/7", // unique local, with AWS's and Google's metadata (fd00:ec2::254, fd20:ce::254)
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];
/// Where an IPv4 address stands in an IPv6 one: the network, and the address's first byte.
const EMBEDDED: [(&str, usize); 5] = [
    ("::/96", 12),
    ("::ffff:0:0/96", 12),
    ("64:ff9b::/96", 12), // NAT64 (RFC 6052)
    ("2002::/16", 2),     // 6to4
    ("2001::/32", 4),     // Teredo's server; its client is looked at apart
];

/// The same, made ready.
struct Special {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
    embedded: Vec<(Ipv6Net, usize)>,
}

static SPECIAL: LazyLock<Special> = LazyLock::new(|| Special {
    v4: NETWORKS_V4.iter().map(|net| net.parse().expect("a constant")).collect(),
    v6: NETWORKS_V6.iter().map(|net| net.parse().expect("a constant")).collect(),
    embedded: EMBEDDED.iter().map(|(net, at)| (net.parse().expect("a constant"), *at)).collect(),
});

/// Those of `addresses` that `destination` may be connected to at. `named` says that the operator named it: a reverse
/// listener's upstream may be anywhere.
pub(super) fn among(
    deny_private: bool,
    (destination, named): (&Destination, bool),
    mut addresses: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, NoAnswer> {
    if named || addresses.is_empty() || !deny_private {
        return Ok(addresses);
    }
    let first = addresses[0];
    // Services on this machine trust what comes from it, also at an address that the world may know.
    addresses.retain(|address| !is_denied(address.ip()) && !is_this_machine(address.ip()));
    if addresses.is_empty() { Err(denied(destination, first.ip())) } else { Ok(addresses) }
}

fn denied(destination: &Destination, ip: IpAddr) -> NoAnswer {
    let message = format!(
        "{destination} is refused: {ip} belongs to this machine or to a private network, and this proxy does not \
         connect there (--deny-private)."
    );
    (403, Failure::new(Side::Proxy, Stage::Connect, message)).into()
}

/// Returns whether nothing at `ip` is the public's.
fn is_denied(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => SPECIAL.v4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => {
            SPECIAL.v6.iter().any(|net| net.contains(&ip)) || embedded(ip).any(|ip| is_denied(ip.into()))
        }
    }
}

/// The IPv4 addresses that `ip` leads to.
fn embedded(ip: Ipv6Addr) -> impl Iterator<Item = Ipv4Addr> {
    let bytes = ip.octets();
    let four = move |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    let places = SPECIAL.embedded.iter().filter(move |(net, _)| net.contains(&ip));
    let is_teredo = bytes.starts_with(&[0x20, 1, 0, 0]);
    // ISATAP (RFC 5214) marks it before.
    let is_isatap = matches!(four(8), [0 | 2, 0, 0x5e, 0xfe]);
    places
        .map(move |(_, at)| four(*at))
        .chain(is_teredo.then(|| four(12).map(|byte| !byte)))
        .chain(is_isatap.then(|| four(12)))
        .map(Ipv4Addr::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(addresses: &[&str], expect: bool) {
        for address in addresses {
            assert_eq!(is_denied(address.parse().unwrap()), expect, "{address}");
        }
    }

    #[test]
    fn what_is_not_the_publics() {
        check(
            &["127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255"],
            true,
        );
        check(&["192.168.0.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192"], true);
        check(&["168.63.129.16", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1"], true);
        check(&["::", "::1", "fd00:ec2::254", "fc00::1", "fe80::1", "fec0::1", "ff02::1"], true);
        check(&["1.1.1.1", "172.32.0.1", "172.15.0.1", "100.63.0.1", "100.128.0.1", "169.253.0.1"], false);
        check(&["2606:4700::1111", "2a00::1", "168.63.129.17", "11.0.0.1", "223.255.255.255"], false);
    }

    #[test]
    fn in_whatever_form() {
        check(&["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1"], true);
        check(&["64:ff9b::a9fe:a9fe", "64:ff9b::127.0.0.1", "64:ff9b:1::1.1.1.1"], true);
        check(&["2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:1::"], true);
        // Teredo: a private server, and the client 192.168.0.1 turned over.
        check(&["2001:0:a00:1::1", "2001:0:4136:e378:8000:63bf:3f57:fffe"], true);
        check(&["2a00::5efe:10.0.0.1", "2a00::200:5efe:127.0.0.1"], true);
        check(&["::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::", "2a00::5efe:1.1.1.1"], false);
    }
}
