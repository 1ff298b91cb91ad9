//! The marks that redaction leaves on a record, and the secrets that it seals.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::failure::names;

/// How the stored bytes of a body relate to those that passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredAs {
    /// They are the bytes that passed, from the first on.
    #[default]
    Sent,
    /// Its content codings are undone, and secrets are replaced: `Content-Encoding` does not describe them.
    Redacted,
    /// Nothing is stored: it could not be read, so that nobody can tell whether secrets are in it.
    Withheld,
}

names!(StoredAs { Sent => "sent", Redacted => "redacted", Withheld => "withheld" });

/// The redaction of one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// The set that was in force, as `NAME@HASH`: the hash tells its versions apart.
    pub set: Arc<str>,
    /// How many values it replaced in heads, bodies and messages.
    pub replaced: u32,
}

/// Name of a sealed secret, made of the secret with a key: equal secrets have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SealId(pub [u8; 12]);

/// A secret that redaction took out of a record, encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its name, which stands in the record in its place.
    pub id: SealId,
    /// Nonce (12 bytes), ciphertext and tag (16 bytes) of AES-256-GCM.
    pub sealed: Vec<u8>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

impl fmt::Display for SealId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl SealId {
    /// Reads it as [`SealId`]'s `Display` writes it: 24 hexadecimal digits, lower case.
    #[must_use]
    pub fn parse(digits: &[u8]) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, []) = digits.as_chunks::<2>() else { return None };
        let pairs: &[[u8; 2]; 12] = pairs.try_into().ok()?;
        let mut id = [0; 12];
        for (byte, [high, low]) in id.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_it_is_written() {
        let id = SealId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xab, 0xff]);
        assert_eq!(id.to_string(), "00010203040506070809abff");
        assert_eq!(SealId::parse(id.to_string().as_bytes()), Some(id));
        for wrong in ["", "00010203040506070809abf", "00010203040506070809abff0", "00010203040506070809abFF"]
        {
            assert_eq!(SealId::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
