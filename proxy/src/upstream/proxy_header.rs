//! PROXY headers, which tell an upstream the client's address before everything else (HAProxy's PROXY protocol,
//! versions 1 and 2).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use dashcam_exchange::Destination;

use crate::config::{ProxyVersion, SendProxy};

/// The beginning of a header of version 2.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The version in the high half of a byte, and the command in its low half: on behalf of a client, or our own.
const PROXY: u8 = 0x21;
const LOCAL: u8 = 0x20;
/// The families of addresses, with TCP.
const TCP4: u8 = 0x11;
const TCP6: u8 = 0x21;

/// A header for one client connection.
pub(crate) struct ProxyHeader {
    version: ProxyVersion,
    /// Where the client is, and where it connected to; `None` for a connection of our own, such as a replay's.
    ends: Option<(SocketAddr, SocketAddr)>,
}

impl ProxyHeader {
    /// The header that the upstream `destination` of a reverse listener is to get, if `rules` say so.
    pub(crate) fn new(
        rules: &[SendProxy],
        destination: &Destination,
        ends: Option<(SocketAddr, SocketAddr)>,
    ) -> Option<Self> {
        let fits = |rule: &&SendProxy| rule.hosts.as_ref().is_none_or(|hosts| hosts.matches(destination));
        rules.iter().find(fits).map(|rule| Self { version: rule.version, ends: ends.map(of_one_family) })
    }

    /// On the wire.
    pub(crate) fn bytes(&self) -> Arc<[u8]> {
        match self.version {
            ProxyVersion::V1 => self.text().into_bytes().into(),
            ProxyVersion::V2 => self.binary().into(),
        }
    }

    fn text(&self) -> String {
        let Some((client, entrance)) = self.ends else { return "PROXY UNKNOWN\r\n".to_owned() };
        let family = if client.is_ipv4() { "TCP4" } else { "TCP6" };
        let (ports, ips) = ((client.port(), entrance.port()), (client.ip(), entrance.ip()));
        format!("PROXY {family} {} {} {} {}\r\n", ips.0, ips.1, ports.0, ports.1)
    }

    fn binary(&self) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        let Some((client, entrance)) = self.ends else {
            bytes.extend_from_slice(&[LOCAL, 0, 0, 0]);
            return bytes;
        };
        let mut addresses = Vec::new();
        for ip in [client.ip(), entrance.ip()] {
            match ip {
                IpAddr::V4(ip) => addresses.extend_from_slice(&ip.octets()),
                IpAddr::V6(ip) => addresses.extend_from_slice(&ip.octets()),
            }
        }
        for port in [client.port(), entrance.port()] {
            addresses.extend_from_slice(&port.to_be_bytes());
        }
        let family = if client.is_ipv4() { TCP4 } else { TCP6 };
        bytes.extend_from_slice(&[PROXY, family, 0, if client.is_ipv4() { 12 } else { 36 }]);
        bytes.extend_from_slice(&addresses);
        bytes
    }
}

/// Both in IPv4, or both in IPv6: a header has only one family.
fn of_one_family((client, entrance): (SocketAddr, SocketAddr)) -> (SocketAddr, SocketAddr) {
    let canonical = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
    let (client, entrance) = (canonical(client), canonical(entrance));
    let mapped = |address: SocketAddr| match address.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    };
    if client.is_ipv4() == entrance.is_ipv4() {
        (client, entrance)
    } else {
        (mapped(client), mapped(entrance))
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::Scheme;

    use super::*;

    fn header(version: &str, ends: Option<(&str, &str)>) -> Arc<[u8]> {
        let ends = ends.map(|(client, entrance)| (client.parse().unwrap(), entrance.parse().unwrap()));
        let destination = Destination::parse(Scheme::Http, "a").unwrap();
        ProxyHeader::new(&[version.parse().unwrap()], &destination, ends).unwrap().bytes()
    }

    #[test]
    fn version_1() {
        for (client, entrance, expect) in [
            ("192.0.2.1:1234", "10.0.0.1:80", "PROXY TCP4 192.0.2.1 10.0.0.1 1234 80\r\n"),
            ("[2001:db8::1]:1234", "[::1]:80", "PROXY TCP6 2001:db8::1 ::1 1234 80\r\n"),
            ("[::ffff:192.0.2.1]:1", "[::ffff:10.0.0.1]:2", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n"),
            ("192.0.2.1:1", "[::1]:2", "PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"),
        ] {
            assert_eq!(*header("v1", Some((client, entrance))), *expect.as_bytes());
        }
        assert_eq!(*header("v1", None), *b"PROXY UNKNOWN\r\n");
    }

    #[test]
    fn version_2() {
        let of_v4 = header("v2", Some(("192.0.2.1:258", "10.0.0.1:80")));
        assert_eq!(of_v4[..16], *b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c");
        assert_eq!(of_v4[16..], [192, 0, 2, 1, 10, 0, 0, 1, 1, 2, 0, 80]);
        let of_v6 = header("v2", Some(("[::2]:258", "[::1]:80")));
        assert_eq!(of_v6[12..16], *b"\x21\x21\0\x24");
        assert_eq!((of_v6.len(), of_v6[31], of_v6[47], &of_v6[48..]), (52, 2, 1, &[1, 2, 0, 80][..]));
        assert_eq!(*header("v2", None), *b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0");
    }

    #[test]
    fn the_first_rule_that_fits() {
        let rules = ["b=v1", "a:81=v1", "a=v2"].map(|text| text.parse::<SendProxy>().unwrap());
        let check = |authority: &str, expect: Option<ProxyVersion>| {
            let destination = Destination::parse(Scheme::Http, authority).unwrap();
            let found = ProxyHeader::new(&rules, &destination, None).map(|header| header.version);
            assert_eq!(found, expect, "{authority}");
        };
        check("a", Some(ProxyVersion::V2));
        check("a:81", Some(ProxyVersion::V1));
        check("c", None);
    }
}
