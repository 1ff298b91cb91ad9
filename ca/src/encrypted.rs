//! Private keys under a passphrase: PKCS #8 (RFC 5958) with PBES2, as OpenSSL reads and writes it.

use pkcs8::der::{Decode, pem::LineEnding};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, SecretDocument};

const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Returns whether `pem` holds a key that a passphrase opens.
pub(crate) fn is_encrypted(pem: &str) -> bool {
    pem.contains(&format!("-----BEGIN {LABEL}-----"))
}

/// `key`, a private key in DER, as PEM under `passphrase` (scrypt and AES-256-CBC).
pub(crate) fn encrypt(key: &[u8], passphrase: &str) -> Result<String, String> {
    let info = PrivateKeyInfoRef::from_der(key).map_err(|error| error.to_string())?;
    let encrypted = info.encrypt(passphrase).map_err(|error| error.to_string())?;
    let pem = encrypted.to_pem(LABEL, LineEnding::LF).map_err(|error| error.to_string())?;
    Ok(pem.to_string())
}

/// The private key in `pem` in DER.
pub(crate) fn decrypt(pem: &str, passphrase: &str) -> Result<Vec<u8>, String> {
    let (_, encrypted) = SecretDocument::from_pem(pem).map_err(|error| error.to_string())?;
    let info =
        EncryptedPrivateKeyInfoRef::from_der(encrypted.as_bytes()).map_err(|error| error.to_string())?;
    let key = info.decrypt(passphrase).map_err(|error| error.to_string())?;
    Ok(key.as_bytes().to_vec())
}
