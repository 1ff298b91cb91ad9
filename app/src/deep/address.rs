//! Socket addresses as a program's memory has them (`struct sockaddr_in`, `struct sockaddr_in6`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// The longest one that is read.
pub(super) const LONGEST: usize = 28;

const INET: u16 = 2;
const INET6: u16 = 10;

/// The address in `bytes`; `None` for another family, or where something is missing.
pub(super) fn parse(bytes: &[u8]) -> Option<SocketAddr> {
    let (family, rest) = bytes.split_first_chunk::<2>()?;
    let (port, rest) = rest.split_first_chunk::<2>()?;
    let port = u16::from_be_bytes(*port);
    match u16::from_ne_bytes(*family) {
        INET if rest.len() >= 12 => Some(SocketAddr::from((Ipv4Addr::from(*rest.first_chunk::<4>()?), port))),
        INET6 => {
            let (flow, rest) = rest.split_first_chunk::<4>()?;
            let (ip, rest) = rest.split_first_chunk::<16>()?;
            // Old programs leave the scope out.
            let scope = rest.first_chunk::<4>().map_or(0, |scope| u32::from_ne_bytes(*scope));
            Some(SocketAddrV6::new(Ipv6Addr::from(*ip), port, u32::from_be_bytes(*flow), scope).into())
        }
        _ => None,
    }
}

/// The part of `bytes` that is the address: a program may give more of them.
pub(super) fn own_part(bytes: &[u8]) -> &[u8] {
    let is_inet = bytes.first_chunk::<2>().is_some_and(|family| u16::from_ne_bytes(*family) == INET);
    &bytes[..bytes.len().min(if is_inet { 16 } else { LONGEST })]
}

/// The address in the form in which it is dialled: IPv4 as such, and this machine by a name of its own.
pub(super) fn dialled(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip().to_canonical() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    match address {
        SocketAddr::V6(mut v6) if ip.is_ipv6() => {
            v6.set_ip(if let IpAddr::V6(ip) = ip { ip } else { *v6.ip() });
            v6.into()
        }
        _ => SocketAddr::new(ip, address.port()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Option<&str>) {
        let parsed = parse(bytes).map(|address| dialled(address).to_string());
        assert_eq!(parsed.as_deref(), expected, "{bytes:?}");
    }

    #[test]
    fn addresses_are_read_and_made_diallable() {
        let inet = [2, 0, 0x1f, 0x90, 10, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0];
        check(&inet, Some("10.0.0.7:8080"));
        check(&inet[..15], None);
        check(&[&[2, 0, 0, 80], &[0; 24][..]].concat(), Some("127.0.0.1:80"));
        assert_eq!(own_part(&[&inet[..], &[1; 12]].concat()), inet);
        let inet6 = |ip: &str, scope: u8| {
            let ip: Ipv6Addr = ip.parse().unwrap();
            let mut bytes = vec![10, 0, 0, 80, 0, 0, 0, 0];
            bytes.extend(ip.octets());
            bytes.extend([scope, 0, 0, 0]);
            bytes
        };
        check(&inet6("2001:db8::1", 0), Some("[2001:db8::1]:80"));
        check(&inet6("2001:db8::1", 0)[..24], Some("[2001:db8::1]:80"));
        check(&inet6("::ffff:10.0.0.7", 0), Some("10.0.0.7:80"));
        check(&inet6("::", 0), Some("[::1]:80"));
        check(&inet6("fe80::1", 3), Some("[fe80::1%3]:80"));
        check(&[1, 0, b'/', b'x'], None);
        check(&[0, 0], None);
        check(&[], None);
    }
}
