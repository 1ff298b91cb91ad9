//! Name constraints: the hosts that a root may issue certificates for (RFC 5280 §4.2.1.10).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::X509Certificate;

use crate::host::Host;

/// Domains and networks that a new root may issue for, as in `example.com,10.0.0.0/8`. A domain stands for itself and
/// all below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permitted(Vec<Subtree>);

/// Hosts that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subtree {
    /// A domain and all below it; with a dot in front, only those below it. Empty: all names.
    Domain(String),
    Network(Network),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The constraints that the certificates of a root and of its issuers put on hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Constraints(Vec<Constraint>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Constraint {
    permitted: Vec<Subtree>,
    excluded: Vec<Subtree>,
}

impl FromStr for Permitted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all: Vec<Subtree> =
            text.split(',').map(|one| Subtree::parse(one.trim())).collect::<Result<_, _>>()?;
        Ok(Self(all))
    }
}

impl Permitted {
    /// These and those of `others`.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The certificate's extension; `None` where all hosts are permitted. A form of name that is not permitted at all has to be
    /// excluded, because a constraint says nothing about other forms than its own.
    pub(crate) fn extension(&self) -> Option<NameConstraints> {
        if self.0.is_empty() {
            return None;
        }
        let mut excluded = Vec::new();
        if !self.0.iter().any(|one| matches!(one, Subtree::Domain(_))) {
            excluded.push(GeneralSubtree::DnsName(String::new()));
        }
        if !self.0.iter().any(|one| matches!(one, Subtree::Network(_))) {
            excluded.push(GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])));
            excluded.push(GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])));
        }
        let permitted_subtrees = self.0.iter().map(Subtree::general).collect();
        Some(NameConstraints { permitted_subtrees, excluded_subtrees: excluded })
    }
}

impl Subtree {
    fn parse(text: &str) -> Result<Self, String> {
        let refuse =
            |why: &str| Err(format!("\u{201c}{text}\u{201d} is neither a domain nor a network: {why}"));
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(Network { address, prefix: bits(address) }));
        }
        if let Some((address, prefix)) = text.split_once('/') {
            let (Ok(address), Ok(prefix)) = (address.parse::<IpAddr>(), prefix.parse::<u8>()) else {
                return refuse("a network is written as in 10.0.0.0/8");
            };
            let network = Network { address, prefix };
            if prefix > bits(address) {
                return refuse("the number of bits is too high");
            }
            if masked(address, prefix) != address {
                return refuse(&format!("it begins with {}/{prefix}", masked(address, prefix)));
            }
            return Ok(Self::Network(network));
        }
        if text.starts_with("*.") || text.starts_with('.') {
            return refuse("write example.com; it stands for all names below it, too");
        }
        match Host::parse(text) {
            Ok(Host::Name(name)) => Ok(Self::Domain(name)),
            _ => refuse("write example.com or 10.0.0.0/8"),
        }
    }

    fn general(&self) -> GeneralSubtree {
        match self {
            Self::Domain(name) => GeneralSubtree::DnsName(name.clone()),
            Self::Network(network) => {
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(network.address, network.prefix))
            }
        }
    }

    /// `None` for forms that no host has.
    fn of(name: &GeneralName<'_>) -> Option<Self> {
        match name {
            GeneralName::DNSName(name) => Some(Self::Domain(name.trim_end_matches('.').to_ascii_lowercase())),
            GeneralName::IPAddress(bytes) => Network::of_bytes(bytes).map(Self::Network),
            _ => None,
        }
    }

    fn is_of_form(&self, host: &Host) -> bool {
        matches!((self, host), (Self::Domain(_), Host::Name(_)) | (Self::Network(_), Host::Address(_)))
    }

    fn contains(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Domain(domain), Host::Name(name)) => {
                let below = name.strip_suffix(domain.trim_start_matches('.'));
                below.is_some_and(|below| {
                    domain.is_empty()
                        || below.ends_with('.')
                        || (below.is_empty() && !domain.starts_with('.'))
                })
            }
            (Self::Network(network), Host::Address(address)) => {
                address.is_ipv4() == network.address.is_ipv4()
                    && masked(*address, network.prefix) == network.address
            }
            _ => false,
        }
    }
}

impl Network {
    /// An address and a mask, as they stand in a certificate.
    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (address, mask) = bytes.split_at(bytes.len() / 2);
        let prefix = mask.iter().map(|byte| byte.leading_ones()).sum::<u32>();
        let contiguous = mask.iter().map(|byte| byte.count_ones()).sum::<u32>() == prefix;
        let address = match <[u8; 4]>::try_from(address) {
            Ok(octets) => IpAddr::from(octets),
            Err(_) => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
        };
        let prefix = u8::try_from(prefix).ok().filter(|_| contiguous)?;
        Some(Self { address: masked(address, prefix), prefix })
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// `address` without the bits behind the first `prefix`.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}

impl Constraints {
    /// Adds what `certificate` says.
    pub(crate) fn add(&mut self, certificate: &X509Certificate<'_>) -> Result<(), String> {
        let extension = certificate.name_constraints().map_err(|error| error.to_string())?;
        let Some(extension) = extension else { return Ok(()) };
        let subtrees = |all: &Option<Vec<x509_parser::extensions::GeneralSubtree<'_>>>| {
            all.iter().flatten().filter_map(|one| Subtree::of(&one.base)).collect()
        };
        let permitted = subtrees(&extension.value.permitted_subtrees);
        let excluded = subtrees(&extension.value.excluded_subtrees);
        self.0.push(Constraint { permitted, excluded });
        Ok(())
    }

    /// Returns whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a certificate for `host` would be accepted by those who heed the constraints.
    pub(crate) fn permit(&self, host: &Host) -> bool {
        self.0.iter().all(|constraint| {
            let mut same_form = constraint.permitted.iter().filter(|one| one.is_of_form(host)).peekable();
            let permitted = same_form.peek().is_none() || same_form.any(|one| one.contains(host));
            permitted && !constraint.excluded.iter().any(|one| one.contains(host))
        })
    }
}

impl fmt::Display for Constraints {
    /// The permitted hosts, separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let permitted = self.0.iter().flat_map(|constraint| &constraint.permitted);
        let all: Vec<String> = permitted.map(ToString::to_string).collect();
        if all.is_empty() { f.write_str("all but what it excludes") } else { f.write_str(&all.join(", ")) }
    }
}

impl fmt::Display for Subtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Network(Network { address, prefix }) => write!(f, "{address}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subtree(text: &str) -> Subtree {
        Subtree::parse(text).unwrap()
    }

    #[test]
    fn what_a_subtree_contains() {
        for (text, host, expect) in [
            ("example.com", "example.com", true),
            ("example.com", "a.b.Example.com", true),
            ("example.com", "badexample.com", false),
            ("example.com", "example.com.evil", false),
            ("example.com", "10.0.0.1", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::10.0.0.1", false),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
        ] {
            let host = Host::parse(host).unwrap();
            assert_eq!(subtree(text).contains(&host), expect, "{text} {host}");
        }
        let below = Subtree::Domain(".example.com".to_owned());
        assert!(below.contains(&Host::parse("a.example.com").unwrap()));
        assert!(!below.contains(&Host::parse("example.com").unwrap()));
        assert!(Subtree::Domain(String::new()).contains(&Host::parse("a").unwrap()));
    }

    #[test]
    fn what_is_no_subtree_is_refused_with_a_reason() {
        for (text, expect) in [
            ("", "neither"),
            ("*.example.com", "all names below"),
            ("10.0.0.0/33", "too high"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("example.com/8", "10.0.0.0/8"),
            ("a b", "neither"),
        ] {
            let error = text.parse::<Permitted>().unwrap_err();
            assert!(error.contains(expect), "{text}: {error}");
        }
        assert_eq!("example.com, ::1".parse::<Permitted>().unwrap().0.len(), 2);
    }

    #[test]
    fn forms_that_are_not_permitted_are_excluded() {
        let excluded =
            |text: &str| text.parse::<Permitted>().unwrap().extension().unwrap().excluded_subtrees.len();
        assert_eq!(["example.com", "10.0.0.0/8", "example.com,10.0.0.0/8"].map(excluded), [2, 1, 0]);
        assert_eq!(Permitted::default().extension(), None);
    }
}
