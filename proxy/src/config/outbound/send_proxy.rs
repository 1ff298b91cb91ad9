//! Which upstreams are told the client's address by the PROXY protocol: `[HOST=]v1|v2`.

use std::fmt;
use std::str::FromStr;

use crate::config::outbound::host_pattern::{HostPattern, InvalidHostPattern};

/// A version of the PROXY protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyVersion {
    /// A line of text.
    V1,
    /// Binary.
    V2,
}

/// A PROXY header for some of the reverse listeners' upstreams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendProxy {
    /// The upstreams; `None`: all.
    pub hosts: Option<HostPattern>,
    /// The header's version.
    pub version: ProxyVersion,
}

/// A text that asks for no PROXY header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSendProxy {
    /// The part before the `=`.
    #[error(transparent)]
    Hosts(#[from] InvalidHostPattern),
    /// The rest.
    #[error("unknown version \u{201c}{0}\u{201d} of the PROXY protocol; expected v1 or v2")]
    Version(String),
}

impl FromStr for SendProxy {
    type Err = InvalidSendProxy;

    fn from_str(text: &str) -> Result<Self, InvalidSendProxy> {
        let (hosts, version) = match text.split_once('=') {
            Some((hosts, version)) => (Some(hosts.parse()?), version),
            None => (None, text),
        };
        let version = match version {
            "v1" => ProxyVersion::V1,
            "v2" => ProxyVersion::V2,
            other => return Err(InvalidSendProxy::Version(other.to_owned())),
        };
        Ok(Self { hosts, version })
    }
}

impl fmt::Display for SendProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hosts.iter().try_for_each(|hosts| write!(f, "{hosts}="))?;
        f.write_str(match self.version {
            ProxyVersion::V1 => "v1",
            ProxyVersion::V2 => "v2",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_upstreams() {
        for (text, expect) in [
            ("v1", Ok("v1")),
            ("A.test:8443=v2", Ok("a.test:8443=v2")),
            ("v3", Err("unknown version \u{201c}v3\u{201d}")),
            ("a=", Err("expected v1 or v2")),
            ("a b=v1", Err("invalid host")),
        ] {
            match (text.parse::<SendProxy>(), expect) {
                (Ok(found), Ok(expect)) => assert_eq!(found.to_string(), expect),
                (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
