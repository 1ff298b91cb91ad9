//! Ports that a CONNECT may name: `443,8000-8100`, or `all`.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// A list of ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports(Vec<RangeInclusive<u16>>);

/// A text that is no list of ports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid ports \u{201c}{0}\u{201d}; expected numbers and ranges such as 443,8000-8100, or all")]
pub struct InvalidPorts(String);

impl Ports {
    /// Those of web servers, and those that every user may listen on: the services of a machine itself (mail, shells,
    /// file shares) are not among them.
    #[must_use]
    pub fn web_and_unprivileged() -> Self {
        Self(vec![80..=80, 443..=443, 1024..=u16::MAX])
    }

    /// Returns whether `port` is among them.
    #[must_use]
    pub fn contain(&self, port: u16) -> bool {
        self.0.iter().any(|range| range.contains(&port))
    }
}

impl FromStr for Ports {
    type Err = InvalidPorts;

    fn from_str(text: &str) -> Result<Self, InvalidPorts> {
        if text == "all" {
            return Ok(Self(vec![0..=u16::MAX]));
        }
        let ranges = text.split(',').map(|part| {
            let (first, last) = part.trim().split_once('-').unwrap_or((part.trim(), part.trim()));
            let range = first.parse().ok()?..=last.parse().ok()?;
            (!range.is_empty()).then_some(range)
        });
        ranges.collect::<Option<_>>().map(Self).ok_or_else(|| InvalidPorts(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, inside: &[u16], outside: &[u16]) {
        let ports: Ports = text.parse().unwrap();
        assert!(inside.iter().all(|port| ports.contain(*port)), "{text}");
        assert!(!outside.iter().any(|port| ports.contain(*port)), "{text}");
    }

    #[test]
    fn lists() {
        check("443", &[443], &[442, 444]);
        check("443, 8000-8100", &[443, 8000, 8050, 8100], &[80, 7999, 8101]);
        check("all", &[1, 25, 443, 65_535], &[]);
        for bad in ["", "a", "443,", "70000", "2-1", "1-", "-1"] {
            assert!(bad.parse::<Ports>().is_err(), "{bad}");
        }
        let usual = Ports::web_and_unprivileged();
        assert!([80, 443, 1024, 8443].iter().all(|port| usual.contain(*port)));
        assert!(![22, 25, 445, 1023].iter().any(|port| usual.contain(*port)));
    }
}
