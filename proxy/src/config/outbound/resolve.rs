//! Addresses that the operator gives names: `HOST:PORT:ADDRESS[,ADDRESS…]`, as curl's `--resolve` has it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use dashcam_exchange::{Destination, Scheme};

/// The addresses of one host, or of all, for one port.
#[derive(Clone, PartialEq, Eq)]
pub struct Resolve {
    /// A name or an address, in lower case and without brackets; `None`: any.
    host: Option<String>,
    port: u16,
    addresses: Vec<IpAddr>,
}

/// A text that gives a name no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid addresses \u{201c}{0}\u{201d}; expected HOST:PORT:ADDRESS[,ADDRESS\u{2026}], such as api.example.com:443:127.0.0.1, or * for HOST"
)]
pub struct InvalidResolve(String);

impl Resolve {
    /// The addresses that `all` give `host` with `port`: the last that names it counts, else the last for any.
    pub(crate) fn find<'a>(all: &'a [Self], host: &str, port: u16) -> Option<&'a [IpAddr]> {
        let of = |wanted: Option<&str>| {
            all.iter().rev().find(|one| one.port == port && one.host.as_deref() == wanted)
        };
        let host = host.strip_suffix('.').unwrap_or(host);
        of(Some(host)).or_else(|| of(None)).map(|found| found.addresses.as_slice())
    }
}

impl FromStr for Resolve {
    type Err = InvalidResolve;

    fn from_str(text: &str) -> Result<Self, InvalidResolve> {
        parse(text).ok_or_else(|| InvalidResolve(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Resolve> {
    let behind = text.find(']').filter(|_| text.starts_with('[')).map_or(0, |bracket| bracket + 1);
    let colon = behind + text[behind..].find(':')?;
    let (host, rest) = (&text[..colon], &text[colon + 1..]);
    let (port, addresses) = rest.split_once(':')?;
    let address = |text: &str| {
        let text = text.trim();
        text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text).parse().ok()
    };
    let host = match host {
        "*" => None,
        host => {
            let host = Destination::parse(Scheme::Http, host).ok()?.host;
            Some(host.strip_suffix('.').map_or(host.clone(), str::to_owned))
        }
    };
    let addresses = addresses.split(',').map(address).collect::<Option<Vec<_>>>()?;
    Some(Resolve { host, port: port.parse().ok().filter(|port| *port > 0)?, addresses })
}

impl fmt::Display for Resolve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bracketed = |host: &str| if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let addresses: Vec<_> =
            self.addresses.iter().map(|address| bracketed(&address.to_string())).collect();
        let host = self.host.as_deref().map_or_else(|| "*".to_owned(), bracketed);
        write!(f, "{host}:{}:{}", self.port, addresses.join(","))
    }
}

impl fmt::Debug for Resolve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], (host, port): (&str, u16), expect: Option<&[&str]>) {
        let all: Vec<Resolve> = texts.iter().map(|text| text.parse().unwrap()).collect();
        for one in &all {
            assert_eq!(one.to_string().parse::<Resolve>().unwrap(), *one);
        }
        let found = Resolve::find(&all, host, port);
        let found = found.map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>());
        let expect = expect.map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(found, expect, "{texts:?} {host}:{port}");
    }

    #[test]
    fn hosts_and_ports() {
        check(&["A.test:443:127.0.0.1"], ("a.test", 443), Some(&["127.0.0.1"]));
        check(&["a.test:443:127.0.0.1"], ("a.test.", 443), Some(&["127.0.0.1"]));
        check(&["a.test.:443:127.0.0.1"], ("a.test", 80), None);
        check(&["a:80:[::1],10.0.0.1, ::2"], ("a", 80), Some(&["::1", "10.0.0.1", "::2"]));
        check(&["*:80:127.0.0.2", "a:80:127.0.0.1"], ("a", 80), Some(&["127.0.0.1"]));
        check(&["a:80:127.0.0.1", "*:80:127.0.0.2"], ("b", 80), Some(&["127.0.0.2"]));
        check(&["a:80:127.0.0.1", "a:80:127.0.0.2"], ("a", 80), Some(&["127.0.0.2"]));
        check(&["[::1]:80:127.0.0.1"], ("::1", 80), Some(&["127.0.0.1"]));
        check(&["10.0.0.1:80:127.0.0.1"], ("10.0.0.1", 80), Some(&["127.0.0.1"]));
    }

    #[test]
    fn faults() {
        for text in [
            "",
            "a",
            "a:80",
            "a:80:",
            "a:80:b",
            "a:x:127.0.0.1",
            "a:0:127.0.0.1",
            ":80:127.0.0.1",
            "a b:80:::1",
        ] {
            let error = text.parse::<Resolve>().unwrap_err().to_string();
            assert!(error.contains("expected HOST:PORT:ADDRESS"), "{text}: {error}");
        }
    }
}
