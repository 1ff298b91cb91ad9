//! The root: found in dashcam's home, or made there at the first start.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::CaError;
use crate::files::{create_whole, read_if_there};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ROOT_LIFE: Duration = Duration::from_secs(3653 * DAY.as_secs());
/// Clocks of clients may be behind ours.
pub(crate) const BACKDATED: Duration = Duration::from_secs(2 * DAY.as_secs());
/// The common name's longest form (X.520's ub-common-name).
pub(crate) const LONGEST_COMMON_NAME: usize = 64;

/// Whether the root was made by this start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It was made now: no client trusts it yet.
    New,
    /// It was there.
    Existing,
}

/// A root that was checked: the key is the certificate's, and the certificate may issue others.
pub(crate) struct Root {
    pub(crate) path: PathBuf,
    pub(crate) pem: String,
    /// The root, and its issuers if an operator's own intermediate stands in its place.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) issuer: Issuer<'static, KeyPair>,
    /// The certificate's last moment.
    pub(crate) end: SystemTime,
}

/// Opens the root in `home`, or makes it. The key is written before the certificate, so that a crash between
/// leaves a key alone: nobody trusts it yet, and the certificate is made for it at the next start.
pub(crate) fn open_or_create(home: &Path) -> Result<(Root, Created), CaError> {
    let (path, key_path) = (home.join("ca.pem"), home.join("ca-key.pem"));
    let pem = read_if_there(&path).map_err(|source| CaError::io(&path, source))?;
    let key = match read_key(&key_path)? {
        Some(key) => key,
        None if pem.is_some() => return Err(CaError::KeyMissing { path: key_path }),
        None => create_key(&key_path)?,
    };
    let created = if pem.is_some() { Created::Existing } else { Created::New };
    let pem = match pem {
        Some(pem) => pem,
        None => create_certificate(&path, &key)?,
    };
    Ok((check(path, &key_path, pem, key)?, created))
}

fn read_key(path: &Path) -> Result<Option<KeyPair>, CaError> {
    let Some(pem) = read_if_there(path).map_err(|source| CaError::io(path, source))? else { return Ok(None) };
    let metadata = std::fs::metadata(path).map_err(|source| CaError::io(path, source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(CaError::KeyExposed { path: path.to_owned(), mode });
    }
    let damaged =
        |error: rcgen::Error| CaError::DamagedKey { path: path.to_owned(), reason: error.to_string() };
    KeyPair::from_pem(&pem).map(Some).map_err(damaged)
}

fn create_key(path: &Path) -> Result<KeyPair, CaError> {
    let key = generate_key().map_err(|source| CaError::issue("the root", source))?;
    match create_whole(path, 0o600, &key.serialize_pem()) {
        Ok(()) => Ok(key),
        // Another dashcam starts at the same moment: its key is as good.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_key(path)?.ok_or_else(|| CaError::io(path, error))
        }
        Err(source) => Err(CaError::io(path, source)),
    }
}

/// A new P-256 key.
pub(crate) fn generate_key() -> Result<KeyPair, rcgen::Error> {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)
}

fn create_certificate(path: &Path, key: &KeyPair) -> Result<String, CaError> {
    let now = SystemTime::now();
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name());
    params.not_before = date(now - BACKDATED);
    params.not_after = date(now + ROOT_LIFE);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.serial_number = Some(crate::leaf::random_serial());
    let pem = params.self_signed(key).map_err(|source| CaError::issue("the root", source))?.pem();
    match create_whole(path, 0o644, &pem) {
        Ok(()) => Ok(pem),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::read_to_string(path).map_err(|source| CaError::io(path, source))
        }
        Err(source) => Err(CaError::io(path, source)),
    }
}

/// "dashcam on HOST": who has several roots in a trust store can tell them apart.
fn common_name() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("dashcam on {host}").chars().take(LONGEST_COMMON_NAME).collect()
}

/// The time type of the certificate maker.
pub(crate) fn date(at: SystemTime) -> time::OffsetDateTime {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    epoch + at.duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn check(path: PathBuf, key_path: &Path, pem: String, key: KeyPair) -> Result<Root, CaError> {
    let damaged = |reason: String| CaError::DamagedCertificate { path: path.clone(), reason };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| damaged(error.to_string()))?;
    let first = chain.first().ok_or_else(|| damaged("there is no certificate in it".to_owned()))?;
    let (_, parsed) = X509Certificate::from_der(first).map_err(|error| damaged(error.to_string()))?;
    if parsed.public_key().raw != key.subject_public_key_info() {
        return Err(CaError::Mismatch { key: key_path.to_owned(), certificate: path });
    }
    if !parsed.is_ca() {
        return Err(damaged("it may not issue others: it lacks CA:TRUE".to_owned()));
    }
    let not_after = parsed.validity().not_after;
    let end = UNIX_EPOCH + Duration::from_secs(not_after.timestamp().try_into().unwrap_or(0));
    if end <= SystemTime::now() {
        return Err(CaError::Expired { end: not_after.to_string(), path });
    }
    let issuer = Issuer::from_ca_cert_der(first, key).map_err(|error| damaged(error.to_string()))?;
    Ok(Root { path, pem, chain, issuer, end })
}
