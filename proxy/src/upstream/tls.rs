//! TLS with upstreams.

use std::path::PathBuf;
use std::sync::Arc;

use dashcam_exchange::{Failure, Side, Stage};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use crate::config::UpstreamTls;
use crate::io::Io;
use crate::listener::BindError;

/// How we speak TLS to upstreams.
pub(crate) struct ClientTls {
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
}

impl ClientTls {
    pub(crate) fn new(config: &UpstreamTls) -> Result<Self, BindError> {
        let http1 = client_config(config, &[b"http/1.1"])?;
        let http2 = client_config(config, &[b"h2", b"http/1.1"])?;
        Ok(Self { http1: Arc::new(http1), http2: Arc::new(http2) })
    }

    /// Does the handshake with the upstream that is to prove that it is `name`.
    pub(crate) async fn connect(&self, io: Io, name: &str, offers_h2: bool) -> Result<Io, Failure> {
        let failed = |message| Failure::new(Side::Upstream, Stage::TlsHandshake, message);
        let server = ServerName::try_from(name.to_owned())
            .map_err(|_| failed(format!("\u{201c}{name}\u{201d} is no name that a certificate can have.")))?;
        let config = if offers_h2 { &self.http2 } else { &self.http1 };
        let connector = TlsConnector::from(Arc::clone(config));
        connector.connect(server, io).await.map(Io::from).map_err(|error| failed(explain(&error, name)))
    }
}

fn client_config(config: &UpstreamTls, alpn: &[&[u8]]) -> Result<ClientConfig, BindError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(BindError::tls)?;
    let (by_root, listed) = if config.insecure {
        (None, Vec::new())
    } else {
        let (roots, listed) = roots(&config.extra_roots)?;
        let by_root = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        (Some(by_root.map_err(BindError::tls)?), listed)
    };
    let verifier = Arc::new(Verifier { by_root, listed, algorithms });
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut client = builder.with_no_client_auth();
    client.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Ok(client)
}

/// The system's roots, or Mozilla's where there are none, and the operator's; those once more by themselves.
fn roots(extra: &[PathBuf]) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), BindError> {
    let mut listed = Vec::new();
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(native.certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for file in extra {
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

/// A failed handshake, for the person who has to mend it.
fn explain(error: &std::io::Error, name: &str) -> String {
    let trust = "Trust its root with --upstream-ca FILE, or switch verification off with -k";
    match error.get_ref().and_then(|source| source.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            format!("The certificate of {name} comes from an issuer that is not trusted here. {trust}.")
        }
        Some(Error::InvalidCertificate(CertificateError::Other(why)))
            if format!("{why:?}").contains("CaUsedAsEndEntity") =>
        {
            format!("The certificate of {name} is self-signed and not trusted here. {trust}.")
        }
        Some(Error::InvalidCertificate(why)) => {
            format!(
                "The certificate of {name} is not valid: {why}. Switch verification off with -k if that is all right."
            )
        }
        Some(Error::InvalidMessage(_)) => format!("{name} does not speak TLS on this port."),
        _ => format!("The TLS handshake with {name} failed: {error}."),
    }
}

/// Whom we believe.
#[derive(Debug)]
struct Verifier {
    /// Verifies by a root; `None` (`-k`) believes everybody. Signatures are checked in any case.
    by_root: Option<Arc<WebPkiServerVerifier>>,
    /// What the operator listed is trusted for itself as well, as OpenSSL does: self-signed certificates that
    /// are their own root are common on test servers.
    listed: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
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
        by_root.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
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
