//! Verification of upstreams' certificates.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

use crate::config::UpstreamTls;
use crate::error::BindError;

/// Decides which upstreams' certificates are trusted.
#[derive(Debug)]
pub(super) struct Verifier {
    /// Verifies by a root; `None` (`-k`) believes everybody. Signatures are checked in any case.
    by_root: Option<Arc<WebPkiServerVerifier>>,
    /// Certificates that the operator listed. Each is trusted for itself as well, as OpenSSL does:
    /// self-signed certificates that are their own root are common on test servers.
    listed: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// A certificate that nobody but itself vouches for.
#[derive(Debug, thiserror::Error)]
#[error("it is self-signed")]
pub(super) struct SelfSigned;

impl Verifier {
    pub(super) fn new(config: &UpstreamTls) -> Result<Self, BindError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        if config.insecure {
            return Ok(Self { by_root: None, listed: Vec::new(), algorithms });
        }
        let (roots, listed) = roots(config)?;
        let by_root = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        Ok(Self { by_root: Some(by_root.map_err(BindError::tls)?), listed, algorithms })
    }
}

/// The system's roots, or Mozilla's where there are none, and the operator's; those once more by themselves.
fn roots(config: &UpstreamTls) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), BindError> {
    let mut listed = Vec::new();
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(native.certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for file in &config.extra_roots {
        let certificates = CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| BindError::certificate(file, &error))?;
        if certificates.is_empty() {
            return Err(BindError::certificate(file, &"it has no certificate"));
        }
        for certificate in certificates {
            roots.add(certificate.clone()).map_err(|error| BindError::certificate(file, &error))?;
            listed.push(certificate);
        }
    }
    Ok((roots, listed))
}

/// Returns whether a certificate was not made by any issuer that was tried; the issuer's name alone may fit.
fn is_of_another_issuer(why: &CertificateError) -> bool {
    matches!(
        why,
        CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
    )
}

/// Returns whether `certificate` verifies, as far as issuers go, when it is taken for a root itself.
fn is_self_signed(certificate: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> bool {
    let mut roots = RootCertStore::empty();
    if roots.add(certificate.clone().into_owned()).is_err() {
        return false;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    verifier.is_ok_and(|verifier| {
        let verified = verifier.verify_server_cert(certificate, &[], name, &[], now);
        !matches!(verified, Err(Error::InvalidCertificate(ref why)) if is_of_another_issuer(why))
    })
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(by_root) = &self.by_root else { return Ok(ServerCertVerified::assertion()) };
        if self.listed.iter().any(|listed| listed == end_entity) {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        match by_root.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(why))
                if is_of_another_issuer(&why) && is_self_signed(end_entity, server_name, now) =>
            {
                Err(CertificateError::Other(OtherError(Arc::new(SelfSigned))).into())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
