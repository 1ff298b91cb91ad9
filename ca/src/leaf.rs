//! A host's certificate, issued by the root.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    SanType,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{CertifiedKey, SigningKey};

use crate::CaError;
use crate::host::Host;
use crate::new::{BACKDATED, LONGEST_COMMON_NAME, date, generate_key};
use crate::root::Root;
use crate::signing::{random_serial, verify};

/// How long a leaf is valid. Clients refuse what lives longer than 398 days, some soon what lives longer than 100.
const LEAF_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The issuer of leaves. All leaves of one run share one key, which is never the root's: making a key for each
/// would cost more than all else together, and whoever could read one key in our memory could read them all.
pub(crate) struct LeafMaker {
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
}

impl LeafMaker {
    pub(crate) fn new() -> Result<Self, CaError> {
        let key = generate_key().map_err(|source| CaError::issue("the hosts' key", source))?;
        let der = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|reason| CaError::issue("the hosts' key", std::io::Error::other(reason)))?;
        let signing = aws_lc_rs::sign::any_ecdsa_type(&der)
            .map_err(|source| CaError::issue("the hosts' key", source))?;
        Ok(Self { key, signing })
    }

    /// A certificate for `host` with the chain that is sent: the leaf, then the root and its issuers.
    pub(crate) fn issue(&self, root: &Root, host: &Host) -> Result<CertifiedKey, rcgen::Error> {
        let leaf = params(root, host)?.signed_by(&self.key, &root.issuer)?;
        if root.issuer.key().is_outside() {
            // A signature that does not fit would be every client's trouble.
            verify(leaf.der(), Some(&root.certificate.chain[0])).map_err(rcgen::Error::X509)?;
        }
        let chain = std::iter::once(leaf.into()).chain(root.certificate.chain.iter().cloned()).collect();
        Ok(CertifiedKey::new(chain, Arc::clone(&self.signing)))
    }
}

fn params(root: &Root, host: &Host) -> Result<CertificateParams, rcgen::Error> {
    let now = SystemTime::now();
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![match host {
        Host::Name(name) => SanType::DnsName(name.as_str().try_into()?),
        Host::Address(address) => SanType::IpAddress(*address),
    }];
    params.distinguished_name = DistinguishedName::new();
    let name = match host {
        // OpenSSL takes such a common name for a domain name, which the constraints need not permit.
        Host::Address(_) if !root.certificate.constraints.is_empty() => "dashcam".to_owned(),
        host => host.to_string(),
    };
    if name.len() <= LONGEST_COMMON_NAME {
        params.distinguished_name.push(DnType::CommonName, name);
    }
    params.not_before = date(now - BACKDATED);
    params.not_after = date((now + LEAF_LIFE).min(root.certificate.end));
    // With CA:FALSE said aloud comes a subject key identifier, which strict verifiers want.
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.serial_number = Some(random_serial());
    Ok(params)
}
