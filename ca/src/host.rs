//! A host as it stands in a certificate.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::CaError;

/// The longest domain name.
const LONGEST_NAME: usize = 253;
/// The longest part between two dots.
const LONGEST_LABEL: usize = 63;

/// A domain name (lower case, ASCII, no dot at the end) or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Host {
    /// Reads a domain name or an address without brackets. Names beyond ASCII become A-labels (`bücher` →
    /// `xn--bcher-kva`). Underscores are let through: such names exist. Wildcards are not.
    pub(crate) fn parse(text: &str) -> Result<Self, CaError> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let invalid = |reason| CaError::InvalidHost { host: text.to_owned(), reason };
        let name = to_ascii(text).ok_or_else(|| invalid("it can't be written as a domain name"))?;
        let name = name.strip_suffix('.').unwrap_or(&name);
        check(name).map_err(invalid)?;
        Ok(Self::Name(name.to_ascii_lowercase()))
    }
}

/// ASCII is left alone, so that `xn--` labels that IDNA would not accept work all the same: the client and the
/// server agree on them.
fn to_ascii(text: &str) -> Option<Cow<'_, str>> {
    if text.is_ascii() {
        return Some(Cow::Borrowed(text));
    }
    idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::URL).ok()
}

fn check(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it is empty");
    }
    if name.len() > LONGEST_NAME {
        return Err("it is longer than 253 characters");
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Err("it has a character that no domain name has");
    }
    if name.split('.').any(|label| label.is_empty() || label.len() > LONGEST_LABEL) {
        return Err("a part between two dots is empty or longer than 63 characters");
    }
    Ok(())
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_as_they_stand_in_certificates() {
        for (text, expect) in [
            ("Example.COM", "example.com"),
            ("example.com.", "example.com"),
            ("localhost", "localhost"),
            ("my_service.internal", "my_service.internal"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("xn--zzzzzz--", "xn--zzzzzz--"),
            ("127.0.0.1", "127.0.0.1"),
            ("0:0::1", "::1"),
        ] {
            assert_eq!(Host::parse(text).unwrap().to_string(), expect);
        }
    }

    #[test]
    fn what_is_no_host() {
        let long_label = format!("{}.example", "a".repeat(64));
        let long_name = ["a".repeat(60).as_str(); 5].join(".");
        for text in [
            "",
            ".",
            "a..b",
            "*.example.com",
            "a b",
            "a/b",
            "[::1]",
            "fe80::1%eth0",
            "a\0b",
            &long_label,
            &long_name,
        ] {
            assert!(matches!(Host::parse(text), Err(CaError::InvalidHost { .. })), "{text}");
        }
    }
}
