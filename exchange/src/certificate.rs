//! Certificates as peers show them in TLS handshakes.

use std::fmt;
use std::sync::Arc;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The SHA-256 of a certificate's DER: what `openssl x509 -fingerprint -sha256` prints, as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Reads 64 hex digits, whatever their case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let [high, low] = [digits[0], digits[1]].map(|digit| char::from(digit).to_digit(16));
            *byte = u8::try_from(high? << 4 | low?).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("a fingerprint has 64 hex digits"))
    }
}

/// A certificate. Many connections show the same one: clones share its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The digest that identifies it.
    pub sha256: Fingerprint,
    /// Its bytes; empty in a connection that was read from the store, which keeps certificates apart.
    pub der: Arc<[u8]>,
}

impl Certificate {
    /// The certificate whose DER is `der`.
    #[must_use]
    pub fn new(der: &[u8]) -> Self {
        Self { sha256: Fingerprint(Sha256::digest(der).into()), der: der.into() }
    }

    /// A certificate of which only the fingerprint is known.
    #[must_use]
    pub fn named(sha256: Fingerprint) -> Self {
        Self { sha256, der: Arc::default() }
    }

    /// Keeps the fingerprint only: the bytes have gone elsewhere.
    pub fn forget_der(&mut self) {
        self.der = Arc::default();
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {} bytes)", self.sha256, self.der.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints() {
        let empty = Certificate::new(b"").sha256;
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(empty.to_string(), hex);
        assert_eq!(Fingerprint::parse(&hex.to_uppercase()), Some(empty));
        assert_eq!(serde_json::to_string(&empty).unwrap(), format!("\"{hex}\""));
        assert_eq!(serde_json::from_str::<Fingerprint>(&format!("\"{hex}\"")).unwrap(), empty);
        for bad in ["", &hex[1..], &format!("{hex}0"), &hex.replace('e', "g"), &"\u{e9}".repeat(32)] {
            assert_eq!(Fingerprint::parse(bad), None, "{bad}");
        }
    }
}
