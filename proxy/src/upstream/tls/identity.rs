//! Certificates of ours, for upstreams that ask for one.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::config::{ClientCertificate, Hosts};
use crate::error::BindError;

/// A certificate, and to whom it is shown.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) hosts: Hosts,
    pub(super) file: PathBuf,
    key: Arc<CertifiedKey>,
}

impl Identity {
    /// Reads all of them.
    pub(super) fn read(configured: &[ClientCertificate]) -> Result<Vec<Self>, BindError> {
        let mut identities: Vec<Self> = Vec::new();
        for ClientCertificate { hosts, file } in configured {
            if let Some(other) = identities.iter().find(|other| other.hosts == *hosts) {
                let why = format!(
                    "--client-cert names this file and {} for {hosts}: name only one of them",
                    other.file.display()
                );
                return Err(BindError::certificate(file, &why));
            }
            let key = certified_key(file).map_err(|why| {
                BindError::certificate(
                    file,
                    &format!("this client certificate (--client-cert) can't be used: {why}"),
                )
            })?;
            identities.push(Self { hosts: hosts.clone(), file: file.clone(), key });
        }
        Ok(identities)
    }

    /// The certificate itself.
    pub(super) fn certificate(&self) -> Option<&CertificateDer<'static>> {
        self.key.cert.first()
    }
}

/// The chain and the key in `file`.
fn certified_key(file: &Path) -> Result<Arc<CertifiedKey>, String> {
    let pem = std::fs::read(file).map_err(|error| error.to_string())?;
    let chain = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("it is no PEM: {error}"))?;
    if chain.is_empty() {
        return Err("it has no certificate: put the chain and the key into one file, as PEM".to_owned());
    }
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        let encrypted = pem.windows(11).any(|window| window == b"ENCRYPTED P" || window == b",ENCRYPTED\n");
        if encrypted {
            "its key has a passphrase: take it off with `openssl pkey -in FILE`, and put the key behind the certificates".to_owned()
        } else {
            "it has no private key: put the key (PKCS #8, SEC 1 or RSA, as PEM) behind the certificates".to_owned()
        }
    })?;
    let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            "its key does not belong to its first certificate: the client's own certificate comes first, its issuers behind it".to_owned()
        }
        error => error.to_string(),
    })?;
    Ok(Arc::new(key))
}

tokio::task_local! {
    /// True if the upstream of the handshake that runs has asked for a certificate.
    static ASKED: Cell<bool>;
}

/// Shows one certificate to whoever asks, or none.
#[derive(Debug)]
pub(super) struct Shows(Option<Arc<CertifiedKey>>);

impl Shows {
    pub(super) fn new(identity: Option<&Identity>) -> Self {
        Self(identity.map(|identity| Arc::clone(&identity.key)))
    }
}

impl ResolvesClientCert for Shows {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // Like curl and OpenSSL we don't look whether the upstream knows the issuer: it says so if it minds.
        let _outside_a_handshake = ASKED.try_with(|asked| asked.set(true));
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// Awaits a handshake; and whether we were asked for a certificate.
pub(super) async fn noticing<T>(handshake: impl Future<Output = T>) -> (T, bool) {
    let noticing = async { (handshake.await, ASKED.with(Cell::get)) };
    ASKED.scope(Cell::new(false), noticing).await
}
