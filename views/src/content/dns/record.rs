//! A record of a DNS message, by its type.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{class_name, name};
use crate::content::cursor::Cursor;
use crate::content::hex;
use crate::dto::shown::Node;

const OPT: u16 = 41;

/// The name of a type.
pub(super) fn type_name(kind: u16) -> String {
    let name = match kind {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        35 => "NAPTR",
        39 => "DNAME",
        OPT => "OPT",
        43 => "DS",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        50 => "NSEC3",
        52 => "TLSA",
        64 => "SVCB",
        65 => "HTTPS",
        252 => "AXFR",
        255 => "ANY",
        257 => "CAA",
        other => return format!("TYPE{other}"),
    };
    name.to_owned()
}

/// The next record of a message.
pub(super) fn record<'m>(message: &'m [u8], cursor: &mut Cursor<'m>) -> Option<Node> {
    let owner = name(message, cursor)?;
    let (kind, class, ttl, length) = (cursor.u16()?, cursor.u16()?, cursor.u32()?, cursor.u16()?);
    // Names in the data may point back, so it is read as the end of the message up to there.
    let start = message.len() - cursor.0.len();
    let bytes = cursor.take(usize::from(length))?;
    if kind == OPT {
        let extended = (ttl >> 24) & 0xff;
        let value = format!("UDP size {class}, extended rcode {extended}, {} ", hex::short(bytes));
        return Some(Node::leaf(owner, "OPT", value.trim_end()));
    }
    let within = &message[..start + bytes.len()];
    let value = data(kind, bytes, within).unwrap_or_else(|| hex::short(bytes));
    let class = if class == 1 { String::new() } else { class_name(class) + ", " };
    Some(Node::leaf(owner, &type_name(kind), format!("{value}  ({class}{ttl} s)")))
}

/// The data of a record, of which `message` ends with the data; `None` for what is not of its type.
fn data(kind: u16, bytes: &[u8], message: &[u8]) -> Option<String> {
    let mut cursor = Cursor(bytes);
    let mut at = Cursor(message.get(message.len().checked_sub(bytes.len())?..)?);
    match kind {
        1 => Some(Ipv4Addr::from(cursor.u32()?).to_string()),
        28 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string()),
        2 | 5 | 12 | 39 => name(message, &mut at),
        15 => Some(format!("{} {}", at.u16()?, name(message, &mut at)?)),
        33 => {
            let (priority, weight, port) = (at.u16()?, at.u16()?, at.u16()?);
            Some(format!("{priority} {weight} {port} {}", name(message, &mut at)?))
        }
        6 => {
            let (primary, contact) = (name(message, &mut at)?, name(message, &mut at)?);
            let times = [at.u32()?, at.u32()?, at.u32()?, at.u32()?, at.u32()?].map(|time| time.to_string());
            Some(format!("{primary} {contact} {}", times.join(" ")))
        }
        16 => {
            let mut texts = Vec::new();
            while let Some(length) = cursor.u8() {
                let text = String::from_utf8_lossy(cursor.take(usize::from(length))?);
                texts.push(serde_json::to_string(&text).ok()?);
            }
            Some(texts.join(" "))
        }
        257 => {
            let (flags, length) = (cursor.u8()?, cursor.u8()?);
            let tag = String::from_utf8_lossy(cursor.take(usize::from(length))?);
            Some(format!("{flags} {tag} \"{}\"", String::from_utf8_lossy(cursor.0)))
        }
        64 | 65 => service(message, &mut at),
        _ => None,
    }
}

/// A binding of a service (RFC 9460).
fn service<'m>(message: &'m [u8], at: &mut Cursor<'m>) -> Option<String> {
    let mut text = format!("{} {}", at.u16()?, name(message, at)?);
    while let Some(key) = at.u16() {
        let length = at.u16()?;
        let mut value = Cursor(at.take(usize::from(length))?);
        let shown = match key {
            1 => {
                let mut protocols = Vec::new();
                while let Some(length) = value.u8() {
                    protocols.push(String::from_utf8_lossy(value.take(usize::from(length))?).into_owned());
                }
                format!("alpn={}", protocols.join(","))
            }
            2 => "no-default-alpn".to_owned(),
            3 => format!("port={}", value.u16()?),
            4 => {
                let hints =
                    value.0.chunks_exact(4).map(|hint| Ipv4Addr::new(hint[0], hint[1], hint[2], hint[3]));
                format!("ipv4hint={}", hints.map(|hint| hint.to_string()).collect::<Vec<_>>().join(","))
            }
            6 => {
                let hints = value.0.chunks_exact(16).filter_map(|hint| <[u8; 16]>::try_from(hint).ok());
                let hints: Vec<_> = hints.map(|hint| Ipv6Addr::from(hint).to_string()).collect();
                format!("ipv6hint={}", hints.join(","))
            }
            5 => format!("ech={}", hex::short(value.0)),
            other => format!("key{other}={}", hex::short(value.0)),
        };
        text += &format!(" {shown}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_by_type() {
        let check = |kind, bytes: &[u8], expect: &str| {
            assert_eq!(data(kind, bytes, bytes).as_deref(), Some(expect), "{kind}");
        };
        check(15, b"\0\x0a\x01m\0", "10 m.");
        check(33, b"\0\x01\0\x02\x01\xbb\x01s\0", "1 2 443 s.");
        check(16, b"\x03a\"b\x01c", "\"a\\\"b\" \"c\"");
        check(257, b"\0\x05issuex.example", "0 issue \"x.example\"");
        check(65, b"\0\x01\0\0\x01\0\x06\x02h3\x02h2\0\x03\0\x02\x01\xbb", "1 . alpn=h3,h2 port=443");
        check(28, &[0; 16], "::");
        assert_eq!(data(1, b"\x01", b"\x01"), None);
    }
}
