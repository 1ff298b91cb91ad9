//! The root: found in dashcam's home, or made there at the first start.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{Issuer, KeyPair, PublicKeyData};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::CaError;
use crate::constraints::Constraints;
use crate::external::ExternalKey;
use crate::files::read_if_there;
use crate::key::{self, KeySource, RootKey};
use crate::new::{self, NewRoot};

/// The origin of the root: made by this start, or there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It was made now: no client trusts it yet.
    New,
    /// It was there.
    Existing,
}

/// The certificate of a root, which needs no key to be looked at.
#[derive(Debug, Clone)]
pub struct RootCertificate {
    pub(crate) path: PathBuf,
    pub(crate) pem: String,
    /// The root, and its issuers if an operator's own intermediate stands in its place.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// The certificate's last moment.
    pub(crate) end: SystemTime,
    pub(crate) constraints: Constraints,
}

impl RootCertificate {
    /// The certificate in the directory `home`; `None` where none was made yet.
    ///
    /// # Errors
    /// When it can't be read, is none that may issue others, or has ended.
    pub fn read(home: &Path) -> Result<Option<Self>, CaError> {
        let path = home.join("ca.pem");
        let pem = read_if_there(&path).map_err(|source| CaError::io(&path, source))?;
        pem.map(|pem| Self::parse(path, pem)).transpose()
    }

    /// The certificate, which stands in the file `path`.
    pub(crate) fn parse(path: PathBuf, pem: String) -> Result<Self, CaError> {
        let damaged = |reason: String| CaError::DamagedCertificate { path: path.clone(), reason };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| damaged(error.to_string()))?;
        let first = chain.first().ok_or_else(|| damaged("there is no certificate in it".to_owned()))?;
        let (_, parsed) = X509Certificate::from_der(first).map_err(|error| damaged(error.to_string()))?;
        if !parsed.is_ca() {
            return Err(damaged("it may not issue others: it lacks CA:TRUE".to_owned()));
        }
        let not_after = parsed.validity().not_after;
        let end = UNIX_EPOCH + Duration::from_secs(not_after.timestamp().try_into().unwrap_or(0));
        if end <= SystemTime::now() {
            return Err(CaError::Expired { end: not_after.to_string(), path });
        }
        let mut constraints = Constraints::default();
        for certificate in &chain {
            let (_, parsed) =
                X509Certificate::from_der(certificate).map_err(|error| damaged(error.to_string()))?;
            constraints.add(&parsed).map_err(damaged)?;
        }
        Ok(Self { path, pem, chain, end, constraints })
    }

    /// Its file, which clients are told to trust.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// It as PEM, as it stands in the file.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// It as DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.chain[0]
    }

    /// The SHA-256 of its DER, as browsers show it: `AB:CD:…`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.chain[0]);
        digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// Its last day, as in 2036-11-27.
    #[must_use]
    pub fn last_day(&self) -> String {
        let end = new::date(self.end);
        format!("{:04}-{:02}-{:02}", end.year(), u8::from(end.month()), end.day())
    }

    /// The hosts that it may issue certificates for; `None`: all.
    #[must_use]
    pub fn permitted(&self) -> Option<String> {
        (!self.constraints.is_empty()).then(|| self.constraints.to_string())
    }

    /// The SHA-256 of the key that it certifies (its `SubjectPublicKeyInfo`).
    ///
    /// # Errors
    /// [`CaError`] when the certificate is damaged.
    pub fn public_key_sha256(&self) -> Result<[u8; 32], CaError> {
        Ok(Sha256::digest(self.public_key()?).into())
    }

    /// The key that it certifies, in DER.
    pub(crate) fn public_key(&self) -> Result<Vec<u8>, CaError> {
        let parsed = X509Certificate::from_der(&self.chain[0]);
        let (_, parsed) = parsed.map_err(|error| self.damaged(&error))?;
        Ok(parsed.public_key().raw.to_vec())
    }

    fn damaged(&self, reason: &dyn std::fmt::Display) -> CaError {
        CaError::DamagedCertificate { path: self.path.clone(), reason: reason.to_string() }
    }
}

/// A root that was checked: the key is the certificate's, and the certificate may issue others.
pub(crate) struct Root {
    pub(crate) certificate: RootCertificate,
    pub(crate) issuer: Issuer<'static, RootKey>,
}

/// Opens the root in `home`, or makes it. The key is written before the certificate, so that a crash between
/// leaves a key alone: nobody trusts it yet, and the certificate is made for it at the next start.
pub(crate) fn open_or_create(home: &Path, source: &KeySource) -> Result<(Root, Created), CaError> {
    let certificate = RootCertificate::read(home)?;
    if let KeySource::Command(command) = source {
        let Some(certificate) = certificate else {
            return Err(CaError::NoRoot { path: home.join("ca.pem") });
        };
        return Ok((with_key_outside(certificate, command)?, Created::Existing));
    }
    let key_path = home.join("ca-key.pem");
    let key = match key::read(&key_path, source)? {
        Some(key) => key,
        None if certificate.is_some() => return Err(CaError::KeyMissing { path: key_path }),
        None => new::create_key(&key_path, source)?,
    };
    let created = if certificate.is_some() { Created::Existing } else { Created::New };
    let certificate = match certificate {
        Some(certificate) => certificate,
        None => new::create_certificate(home, &NewRoot::default(), &key)?,
    };
    Ok((with_key_here(certificate, &key_path, key)?, created))
}

fn with_key_here(certificate: RootCertificate, path: &Path, key: KeyPair) -> Result<Root, CaError> {
    if certificate.public_key()? != key.subject_public_key_info() {
        return Err(CaError::Mismatch { key: path.to_owned(), certificate: certificate.path });
    }
    root(certificate, RootKey::Here(key))
}

fn with_key_outside(certificate: RootCertificate, command: &str) -> Result<Root, CaError> {
    let key = ExternalKey::new(command, &certificate.public_key()?);
    let key = key.map_err(|error| certificate.damaged(&error))?;
    root(certificate, RootKey::Outside(key))
}

fn root(certificate: RootCertificate, key: RootKey) -> Result<Root, CaError> {
    let issuer = Issuer::from_ca_cert_der(&certificate.chain[0], key);
    let issuer = issuer.map_err(|error| certificate.damaged(&error))?;
    Ok(Root { certificate, issuer })
}
