//! The certificate authority of the origins, which dashcam is told to trust and browsers are not.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use anyhow::{Context as _, Result};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// An authority in a temporary folder.
pub struct TestCa {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

/// The authority that all origins of this process share.
///
/// # Errors
/// When it cannot be made.
pub fn shared() -> Result<&'static TestCa> {
    static SHARED: LazyLock<Result<TestCa>> = LazyLock::new(|| TestCa::create("dashcam tests"));
    SHARED.as_ref().map_err(|error| anyhow::anyhow!("no test CA: {error:#}"))
}

impl TestCa {
    /// Makes a new authority.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(name: &str) -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        // OpenSSL and Python insist on a CA's key usage.
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("ca.pem"), issuer.pem())?;
        Ok(Self { issuer, folder })
    }

    /// The file with the root certificate.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Where further files may be put.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A server's TLS configuration for `names`, that offers `alpn`.
    ///
    /// # Errors
    /// When a name is none.
    pub fn server(&self, names: &[&str], alpn: &[&str]) -> Result<Arc<ServerConfig>> {
        Ok(Arc::new(self.issue_with(names, |_| {})?.server(alpn)?))
    }

    /// Writes a certificate for `names` and its key as PEM files, for servers that are other programs.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, stem: &str, names: &[&str]) -> Result<(PathBuf, PathBuf)> {
        let Issued { certificate, key } = self.issue_with(names, |_| {})?;
        let paths = (
            self.folder.path().join(format!("{stem}.pem")),
            self.folder.path().join(format!("{stem}-key.pem")),
        );
        std::fs::write(&paths.0, certificate.pem()).context("cannot write the certificate")?;
        std::fs::write(&paths.1, key.serialize_pem()).context("cannot write the key")?;
        Ok(paths)
    }

    /// A certificate for `names` that is as `change` wants it.
    ///
    /// # Errors
    /// When a name is none.
    pub fn issue_with(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Result<Issued> {
        let mut params = params(names)?;
        change(&mut params);
        let key = KeyPair::generate()?;
        Ok(Issued { certificate: params.signed_by(&key, &self.issuer)?, key })
    }

    /// A certificate for a client that is called `name`.
    ///
    /// # Errors
    /// When `name` is none.
    pub fn issue_client(&self, name: &str) -> Result<Issued> {
        self.issue_with(&[name], |params| {
            params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        })
    }
}

/// A certificate and its key.
pub struct Issued {
    /// The certificate.
    pub certificate: rcgen::Certificate,
    /// Its key.
    pub key: KeyPair,
}

impl Issued {
    /// One that is signed with its own key.
    ///
    /// # Errors
    /// When a name is none.
    pub fn self_signed(names: &[&str]) -> Result<Self> {
        let key = KeyPair::generate()?;
        Ok(Self { certificate: params(names)?.self_signed(&key)?, key })
    }

    /// Certificate and key in one PEM text.
    #[must_use]
    pub fn pem(&self) -> String {
        self.certificate.pem() + &self.key.serialize_pem()
    }

    /// The chain and the key as rustls wants them.
    #[must_use]
    pub fn for_rustls(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        (vec![self.certificate.der().clone()], key)
    }

    /// A server's TLS configuration that offers `alpn`.
    ///
    /// # Errors
    /// When the key is not of use.
    pub fn server(&self, alpn: &[&str]) -> Result<ServerConfig> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let (chain, key) = self.for_rustls();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(config)
    }
}

fn params(names: &[&str]) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name.push(rcgen::DnType::CommonName, names.first().copied().unwrap_or_default());
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}
