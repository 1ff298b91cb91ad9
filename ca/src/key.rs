//! The root's key: in a file, perhaps under a passphrase, or with a signer outside.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm, SigningKey};
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::CaError;
use crate::encrypted;
use crate::external::ExternalKey;
use crate::files::read_if_there;

/// Where the root's key is, and how it is unlocked.
#[derive(Clone, Default)]
pub enum KeySource {
    /// `ca-key.pem` in the home, as it is.
    #[default]
    File,
    /// The same, under this passphrase if it is encrypted.
    Encrypted(String),
    /// A shell command that reads what is to be signed and writes the signature.
    Command(String),
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File => f.write_str("File"),
            Self::Encrypted(_) => f.write_str("Encrypted(…)"),
            Self::Command(command) => f.debug_tuple("Command").field(command).finish(),
        }
    }
}

/// The root's key, ready to sign.
pub(crate) enum RootKey {
    Here(KeyPair),
    Outside(ExternalKey),
}

impl RootKey {
    /// Returns whether signing runs a program, which takes its time.
    pub(crate) fn is_outside(&self) -> bool {
        matches!(self, Self::Outside(_))
    }
}

impl PublicKeyData for RootKey {
    fn der_bytes(&self) -> &[u8] {
        match self {
            Self::Here(key) => key.der_bytes(),
            Self::Outside(key) => key.der_bytes(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self {
            Self::Here(key) => PublicKeyData::algorithm(key),
            Self::Outside(key) => key.algorithm(),
        }
    }
}

impl SigningKey for RootKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match self {
            Self::Here(key) => key.sign(message),
            Self::Outside(key) => key.sign(message),
        }
    }
}

/// Returns whether the key in the home `home` is under a passphrase.
///
/// # Errors
/// When the file is there and can't be read.
pub fn is_encrypted(home: &Path) -> Result<bool, CaError> {
    let path = home.join("ca-key.pem");
    let pem = read_if_there(&path).map_err(|source| CaError::io(&path, source))?;
    Ok(pem.is_some_and(|pem| encrypted::is_encrypted(&pem)))
}

/// The key in the file `path`, if there is one.
pub(crate) fn read(path: &Path, source: &KeySource) -> Result<Option<KeyPair>, CaError> {
    let Some(pem) = read_if_there(path).map_err(|source| CaError::io(path, source))? else { return Ok(None) };
    refuse_exposed(path)?;
    let damaged = |reason: String| CaError::DamagedKey { path: path.to_owned(), reason };
    if !encrypted::is_encrypted(&pem) {
        if matches!(source, KeySource::Encrypted(_)) {
            tracing::warn!(
                "{} is not under a passphrase, though one is given: `dashcam ca new --replace` makes one that is",
                path.display()
            );
        }
        return KeyPair::from_pem(&pem).map(Some).map_err(|error| damaged(error.to_string()));
    }
    let KeySource::Encrypted(passphrase) = source else {
        return Err(CaError::Locked { path: path.to_owned() });
    };
    let der = encrypted::decrypt(&pem, passphrase)
        .map_err(|reason| CaError::WrongPassphrase { path: path.to_owned(), reason })?;
    let key = KeyPair::try_from(&PrivatePkcs8KeyDer::from(der.as_slice()));
    key.map(Some).map_err(|error| damaged(error.to_string()))
}

/// Fails if others than we can read or change the key.
fn refuse_exposed(path: &Path) -> Result<(), CaError> {
    let metadata = std::fs::metadata(path).map_err(|source| CaError::io(path, source))?;
    let (mode, owner, we) = (metadata.mode() & 0o777, metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != we && owner != 0 {
        return Err(CaError::KeyNotOurs { path: path.to_owned(), owner, we });
    }
    if mode & 0o077 != 0 {
        return Err(CaError::KeyExposed { path: path.to_owned(), mode });
    }
    Ok(())
}
