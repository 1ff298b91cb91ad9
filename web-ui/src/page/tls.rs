//! The certificate that the page shows.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate chain and its key, ready to be shown.
#[derive(Clone)]
pub struct PageTls {
    pub(super) acceptor: TlsAcceptor,
}

/// A certificate or key that can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum PageTlsError {
    /// The file with the certificate chain can't be read as one.
    #[error("{}: {reason}: expected a PEM file with the page's certificate, followed by its chain", file.display())]
    Certificate {
        /// The file.
        file: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The file with the key can't be read as one.
    #[error("{}: {reason}: expected a PEM file with the certificate's private key, without a passphrase", file.display())]
    Key {
        /// The file.
        file: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The key is another certificate's.
    #[error("{} is not the key of the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
    /// TLS can't be spoken with them.
    #[error("the page's certificate and key can't be used: {0}")]
    Pair(rustls::Error),
}

impl PageTls {
    /// Reads a chain and its key, both PEM.
    ///
    /// # Errors
    /// When a file can't be read, or the key is another certificate's.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, PageTlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(PageTlsError::Pair)?.with_no_client_auth();
        let config = builder.with_single_cert(chain(certificate)?, private_key(key)?);
        let mut config = config.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                PageTlsError::Mismatch { certificate: certificate.to_owned(), key: key.to_owned() }
            }
            error => PageTlsError::Pair(error),
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)) })
    }
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, PageTlsError> {
    let failed = |reason: String| PageTlsError::Certificate { file: file.to_owned(), reason };
    let chain: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| failed(error.to_string()))?;
    if chain.is_empty() { Err(failed("there is no certificate in it".to_owned())) } else { Ok(chain) }
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, PageTlsError> {
    PrivateKeyDer::from_pem_file(file)
        .map_err(|error| PageTlsError::Key { file: file.to_owned(), reason: error.to_string() })
}

impl fmt::Debug for PageTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageTls").finish_non_exhaustive()
    }
}
