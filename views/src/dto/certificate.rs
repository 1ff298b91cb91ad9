//! Certificates, read for people.

use std::net::IpAddr;

use dashcam_exchange::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};
use x509_parser::time::ASN1Time;

use super::time::Time;

/// A certificate that was shown in a TLS handshake. All but the fingerprint is null where the certificate itself
/// is not at hand (in lists) or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Certificate {
    /// SHA-256 of its DER, in lower-case hex digits.
    pub sha256: String,
    /// The subject that it is for: an X.509 name.
    #[schema(required)]
    pub subject: Option<String>,
    /// The issuer that signed it: an X.509 name.
    #[schema(required)]
    pub issuer: Option<String>,
    /// The hosts and addresses that it is for.
    #[schema(required)]
    pub names: Option<Vec<String>>,
    /// When it begins to be valid.
    #[schema(required)]
    pub not_before: Option<Time>,
    /// When it ceases to be.
    #[schema(required)]
    pub not_after: Option<Time>,
}

impl From<dashcam_exchange::Certificate> for Certificate {
    fn from(certificate: dashcam_exchange::Certificate) -> Self {
        let parsed = X509Certificate::from_der(&certificate.der).ok().map(|(_, parsed)| parsed);
        let parsed = parsed.as_ref();
        Self {
            sha256: certificate.sha256.to_string(),
            subject: parsed.map(|parsed| parsed.subject().to_string()),
            issuer: parsed.map(|parsed| parsed.issuer().to_string()),
            names: parsed.map(names),
            not_before: parsed.map(|parsed| time(parsed.validity().not_before)),
            not_after: parsed.map(|parsed| time(parsed.validity().not_after)),
        }
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.map_or(&[][..], |extension| &extension.value.general_names);
    names.iter().filter_map(name).collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            Some((*name).to_owned())
        }
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

fn time(at: ASN1Time) -> Time {
    Timestamp(at.timestamp().saturating_mul(1_000_000)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_keeps_its_fingerprint() {
        let read = Certificate::from(dashcam_exchange::Certificate::new(b"junk"));
        assert_eq!((read.sha256.len(), read.subject, read.names), (64, None, None));
    }

    #[test]
    fn addresses_and_names() {
        let check = |general, expect: Option<&str>| assert_eq!(name(&general).as_deref(), expect);
        check(GeneralName::DNSName("*.example.com"), Some("*.example.com"));
        check(GeneralName::IPAddress(&[127, 0, 0, 1]), Some("127.0.0.1"));
        check(GeneralName::IPAddress(&[0; 16]), Some("::"));
        check(GeneralName::IPAddress(&[1, 2]), None);
    }
}
