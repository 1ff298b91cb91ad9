//! Making a root: at the first start, or as an operator wants it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose, SigningKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;

use crate::constraints::Permitted;
use crate::external::ExternalKey;
use crate::files::create_whole;
use crate::key::{self, KeySource};
use crate::root::RootCertificate;
use crate::{CaError, encrypted};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Ten years.
const ROOT_DAYS: u32 = 3653;
/// The longest life that can be asked for: a hundred years.
pub(crate) const MOST_DAYS: u32 = 36_525;
/// Clocks of clients may be behind ours.
pub(crate) const BACKDATED: Duration = Duration::from_secs(2 * DAY.as_secs());
/// The common name's longest form (X.520's ub-common-name).
pub(crate) const LONGEST_COMMON_NAME: usize = 64;

/// The options of a new root.
#[derive(Debug, Clone)]
pub struct NewRoot {
    /// The hosts that it may issue for; without any: all.
    pub permitted: Permitted,
    /// How long it is valid.
    pub days: u32,
    /// Where its key is to be.
    pub key: KeySource,
    /// The public half of a key that is outside, as PEM.
    pub public_key: Option<String>,
    /// True if a root that is there is moved aside.
    pub replace: bool,
}

impl Default for NewRoot {
    fn default() -> Self {
        let (permitted, key) = Default::default();
        Self { permitted, days: ROOT_DAYS, key, public_key: None, replace: false }
    }
}

/// A root that was made, and the files that hold the one before.
#[derive(Debug)]
pub struct Made {
    /// The new root.
    pub certificate: RootCertificate,
    /// Where the old one is now.
    pub kept: Vec<PathBuf>,
}

/// Makes a root in the directory `home`.
///
/// # Errors
/// When there is one that is not to be replaced, or the files or the signature can't be made. What was there stays then.
pub fn create(home: &Path, wanted: &NewRoot) -> Result<Made, CaError> {
    if !(1..=MOST_DAYS).contains(&wanted.days) {
        return Err(CaError::Days { most: MOST_DAYS });
    }
    let (path, key_path) = (home.join("ca.pem"), home.join("ca-key.pem"));
    let there: Vec<&PathBuf> = [&path, &key_path].into_iter().filter(|path| path.exists()).collect();
    if !wanted.replace
        && let Some(there) = there.first()
    {
        return Err(CaError::RootThere { path: (*there).clone() });
    }
    let (key, pem) = key_and_certificate(wanted)?;
    let kept = set_aside(&there)?;
    let made = match key.map_or(Ok(()), |key| write(&key_path, 0o600, &key)) {
        Ok(()) => write(&path, 0o644, &pem),
        Err(error) => Err(error),
    };
    if let Err(error) = made {
        for (old, aside) in there.into_iter().zip(&kept) {
            // The error that is reported says what is wrong with the place.
            let _ = fs::rename(aside, old);
        }
        return Err(error);
    }
    Ok(Made { certificate: RootCertificate::parse(path, pem)?, kept })
}

/// The content of the key's file, if there is to be one, and the certificate.
fn key_and_certificate(wanted: &NewRoot) -> Result<(Option<String>, String), CaError> {
    if let KeySource::Command(command) = &wanted.key {
        let public = wanted.public_key.as_deref().unwrap_or_default();
        let public = SubjectPublicKeyInfoDer::from_pem_slice(public.as_bytes())
            .map_err(|error| CaError::PublicKey { reason: error.to_string() })?;
        let key = ExternalKey::new(command, &public)
            .map_err(|error| CaError::PublicKey { reason: error.to_string() })?;
        let pem = self_signed(wanted, &key)?;
        return Ok((None, pem));
    }
    let key = generate_key().map_err(|source| CaError::issue("the root", source))?;
    Ok((Some(key_pem(&key, &wanted.key)?), self_signed(wanted, &key)?))
}

/// Gives files names with the time in them, in the same folder.
fn set_aside(files: &[&PathBuf]) -> Result<Vec<PathBuf>, CaError> {
    let now = date(SystemTime::now());
    let stamp = format!(
        "{:04}{:02}{:02}-{:02}{:02}{:02}",
        now.year(),
        u8::from(now.month()),
        now.day(),
        now.hour(),
        now.minute(),
        now.second()
    );
    let mut kept = Vec::new();
    for file in files {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let aside = file.with_file_name(format!("{stem}-until-{stamp}.pem"));
        // A link fails where its name is taken.
        let moved = fs::hard_link(file, &aside).and_then(|()| fs::remove_file(file));
        moved.map_err(|source| CaError::io(&aside, source))?;
        kept.push(aside);
    }
    Ok(kept)
}

fn write(path: &Path, mode: u32, content: &str) -> Result<(), CaError> {
    create_whole(path, mode, content).map_err(|source| CaError::io(path, source))
}

/// Makes a key in the file `path`; one that another dashcam has just made there is as good.
pub(crate) fn create_key(path: &Path, source: &KeySource) -> Result<KeyPair, CaError> {
    let key = generate_key().map_err(|source| CaError::issue("the root", source))?;
    match create_whole(path, 0o600, &key_pem(&key, source)?) {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            key::read(path, source)?.ok_or_else(|| CaError::io(path, error))
        }
        Err(error) => Err(CaError::io(path, error)),
    }
}

fn key_pem(key: &KeyPair, source: &KeySource) -> Result<String, CaError> {
    match source {
        KeySource::Encrypted(passphrase) => encrypted::encrypt(key.serialized_der(), passphrase)
            .map_err(|reason| CaError::issue("the root's key", io::Error::other(reason))),
        KeySource::File | KeySource::Command(_) => Ok(key.serialize_pem()),
    }
}

/// A new P-256 key.
pub(crate) fn generate_key() -> Result<KeyPair, rcgen::Error> {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)
}

/// Makes the certificate of `key` in `home`; one that another dashcam has just made there is as good.
pub(crate) fn create_certificate(
    home: &Path,
    wanted: &NewRoot,
    key: &KeyPair,
) -> Result<RootCertificate, CaError> {
    let path = home.join("ca.pem");
    let pem = self_signed(wanted, key)?;
    let pem = match create_whole(&path, 0o644, &pem) {
        Ok(()) => pem,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::read_to_string(&path).map_err(|source| CaError::io(&path, source))?
        }
        Err(source) => return Err(CaError::io(&path, source)),
    };
    RootCertificate::parse(path, pem)
}

fn self_signed(wanted: &NewRoot, key: &impl SigningKey) -> Result<String, CaError> {
    let now = SystemTime::now();
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name());
    params.not_before = date(now - BACKDATED);
    params.not_after = date(now + DAY * wanted.days);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = wanted.permitted.extension();
    params.serial_number = Some(crate::signing::random_serial());
    let certificate = params.self_signed(key).map_err(|source| CaError::issue("the root", source))?;
    crate::signing::verify(certificate.der(), None)
        .map_err(|reason| CaError::issue("the root", io::Error::other(reason)))?;
    Ok(certificate.pem())
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
