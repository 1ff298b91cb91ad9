//! Headers of the PROXY protocol, versions 1 and 2 (HAProxy's `proxy-protocol.txt`, 2.1 and 2.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A header of version 1 begins with it.
const NAME: &[u8] = b"PROXY ";
/// The most bytes of a header of version 1, its end of line among them.
const LONGEST_LINE: usize = 107;
/// A header of version 2 begins with it.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The bytes of version 2 before the addresses: the signature, version and command, family, and the length of the rest.
const FIXED: usize = 16;
/// Version 2 with a command: of the load balancer itself, or for a client.
const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;
/// Families with TCP, and how long their two addresses with their ports are.
const TCP_OVER_IPV4: u8 = 0x11;
const TCP_OVER_IPV6: u8 = 0x21;
const IPV4_ADDRESSES: usize = 12;
const IPV6_ADDRESSES: usize = 36;

/// A header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Its bytes: behind them are the client's.
    pub(super) length: usize,
    /// The client; `None` if the load balancer speaks for itself (LOCAL), or does not know (UNKNOWN, and families other
    /// than TCP over IP).
    pub(super) client: Option<SocketAddr>,
}

/// Bytes that are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("it begins with something else")]
    Other,
    #[error("its first line is longer than version 1 allows")]
    LongLine,
    #[error("its first line is none of version 1")]
    Line,
    #[error("it has version and command {0:#04x}, and dashcam knows only version 2's 0x20 and 0x21")]
    Command(u8),
    #[error("it is too short for its addresses")]
    Short,
}

/// Reads the header that `bytes` begin with; `None` if it takes more of them.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Header>, Malformed> {
    let begins = |with: &[u8]| bytes.iter().zip(with).all(|(byte, expected)| byte == expected);
    match bytes {
        _ if bytes.len() >= SIGNATURE.len() && begins(SIGNATURE) => version_2(bytes),
        _ if bytes.len() >= NAME.len() && begins(NAME) => version_1(bytes),
        _ if begins(SIGNATURE) || begins(NAME) => Ok(None),
        _ => Err(Malformed::Other),
    }
}

fn version_1(bytes: &[u8]) -> Result<Option<Header>, Malformed> {
    let line = &bytes[..bytes.len().min(LONGEST_LINE)];
    let Some(end) = line.windows(2).position(|pair| pair == b"\r\n") else {
        return if line.len() < LONGEST_LINE { Ok(None) } else { Err(Malformed::LongLine) };
    };
    let text = std::str::from_utf8(&line[NAME.len()..end]).map_err(|_| Malformed::Line)?;
    let client = match text.split_once(' ') {
        // Behind it may be anything.
        _ if text == "UNKNOWN" || text.starts_with("UNKNOWN ") => None,
        Some(("TCP4", addresses)) => Some(named::<Ipv4Addr>(addresses)?),
        Some(("TCP6", addresses)) => Some(named::<Ipv6Addr>(addresses)?),
        _ => return Err(Malformed::Line),
    };
    Ok(Some(Header { length: end + 2, client }))
}

/// The client in `addresses`: its address, the destination's, and the ports of both.
fn named<A: std::str::FromStr + Into<IpAddr>>(addresses: &str) -> Result<SocketAddr, Malformed> {
    let mut words = addresses.split(' ');
    let mut next = || words.next().ok_or(Malformed::Line);
    let (client, _destination) = (address::<A>(next()?)?, address::<A>(next()?)?);
    let (port, _destination) = (port(next()?)?, port(next()?)?);
    if words.next().is_some() {
        return Err(Malformed::Line);
    }
    Ok(SocketAddr::new(client.to_canonical(), port))
}

fn address<A: std::str::FromStr + Into<IpAddr>>(text: &str) -> Result<IpAddr, Malformed> {
    text.parse::<A>().map(Into::into).map_err(|_| Malformed::Line)
}

/// A port in decimal digits, without a sign or zeros before it.
fn port(text: &str) -> Result<u16, Malformed> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain).ok_or(Malformed::Line)
}

fn version_2(bytes: &[u8]) -> Result<Option<Header>, Malformed> {
    if let Some(command) = bytes.get(SIGNATURE.len()).filter(|command| !matches!(**command, LOCAL | PROXY)) {
        return Err(Malformed::Command(*command));
    }
    let Some((fixed, rest)) = bytes.split_at_checked(FIXED) else { return Ok(None) };
    let (command, family) = (fixed[12], fixed[13]);
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    // Behind the addresses come fields of which we need none (TLVs).
    let Some(rest) = rest.get(..length) else { return Ok(None) };
    let client = match (command, family) {
        (PROXY, TCP_OVER_IPV4) => Some(client_at::<4>(rest.get(..IPV4_ADDRESSES))?),
        (PROXY, TCP_OVER_IPV6) => Some(client_at::<16>(rest.get(..IPV6_ADDRESSES))?),
        _ => None,
    };
    Ok(Some(Header { length: FIXED + length, client }))
}

/// The client in `addresses`: its address of `N` bytes, the destination's, and the ports of both.
fn client_at<const N: usize>(addresses: Option<&[u8]>) -> Result<SocketAddr, Malformed>
where
    IpAddr: From<[u8; N]>,
{
    let addresses = addresses.ok_or(Malformed::Short)?;
    let client = <[u8; N]>::try_from(&addresses[..N]).map_err(|_| Malformed::Short)?;
    let port = u16::from_be_bytes([addresses[2 * N], addresses[2 * N + 1]]);
    Ok(SocketAddr::new(IpAddr::from(client).to_canonical(), port))
}

#[cfg(test)]
mod tests;
