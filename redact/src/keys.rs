//! The keys of one home: pseudonyms of secrets, and their encryption.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use dashcam_exchange::SealId;

/// Two keys, made of one: for pseudonyms and for sealing.
pub struct Keys {
    naming: hmac::Key,
    sealing: LessSafeKey,
}

/// Binds the derived keys to this use and this version of it.
const SALT: &[u8] = b"dashcam redaction 1";

impl Keys {
    /// The keys of the home whose key file holds `secret`.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        let root = Salt::new(HKDF_SHA256, SALT).extract(&secret);
        let derive = |purpose: &[u8]| {
            let mut key = [0; 32];
            let purposes = [purpose];
            let output =
                root.expand(&purposes, HKDF_SHA256).expect("HKDF gives as many bytes as its hash has");
            output.fill(&mut key).expect("the length is that of the output");
            key
        };
        let naming = hmac::Key::new(hmac::HMAC_SHA256, &derive(b"pseudonyms"));
        let sealing = UnboundKey::new(&AES_256_GCM, &derive(b"seals")).expect("AES-256 has keys of 32 bytes");
        Self { naming, sealing: LessSafeKey::new(sealing) }
    }

    /// The name of `secret`: equal secrets have the same, and without the key it says nothing about them.
    #[must_use]
    pub fn pseudonym(&self, secret: &[u8]) -> SealId {
        let tag = hmac::sign(&self.naming, secret);
        let mut id = [0; 12];
        id.copy_from_slice(&tag.as_ref()[..12]);
        SealId(id)
    }

    /// `secret` encrypted under `id`: nonce, ciphertext and tag. Nonces are random: with one key, 2³² secrets are safe.
    #[must_use]
    pub fn seal(&self, secret: &[u8], id: &SealId) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).expect("the system gives random bytes");
        let mut sealed = Vec::with_capacity(NONCE_LEN + secret.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(secret);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .sealing
            .seal_in_place_separate_tag(nonce, Aad::from(&id.0), &mut sealed[NONCE_LEN..])
            .expect("secrets are far shorter than AES-GCM's limit");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// The secret in `sealed`, if it was sealed with these keys under `id` and nobody has changed it.
    #[must_use]
    pub fn open(&self, id: &SealId, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.sealing.open_in_place(nonce, Aad::from(&id.0), &mut rest).ok()?.len();
        rest.truncate(length);
        Some(rest)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens() {
        let keys = Keys::new([7; 32]);
        for secret in [&b""[..], b"x", b"a longer secret, which is no key", &[0xff; 5000]] {
            let id = keys.pseudonym(secret);
            let sealed = keys.seal(secret, &id);
            assert_eq!(sealed.len(), 12 + secret.len() + 16);
            assert_eq!(keys.open(&id, &sealed).as_deref(), Some(secret));
            // A home that was read again.
            assert_eq!(Keys::new([7; 32]).open(&id, &sealed).as_deref(), Some(secret));
            assert_ne!(keys.seal(secret, &id), sealed, "nonces differ");
        }
    }

    #[test]
    fn nothing_else_opens() {
        let (keys, others) = (Keys::new([7; 32]), Keys::new([8; 32]));
        let id = keys.pseudonym(b"secret");
        let sealed = keys.seal(b"secret", &id);
        assert_eq!(others.open(&id, &sealed), None);
        assert_eq!(keys.open(&keys.pseudonym(b"other"), &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keys.open(&id, &changed), None, "byte {at}");
            assert_eq!(keys.open(&id, &sealed[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn pseudonyms_are_equal_for_equal_secrets() {
        let (keys, others) = (Keys::new([7; 32]), Keys::new([8; 32]));
        assert_eq!(keys.pseudonym(b"secret"), keys.pseudonym(b"secret"));
        assert_ne!(keys.pseudonym(b"secret"), keys.pseudonym(b"Secret"));
        assert_ne!(keys.pseudonym(b"secret"), others.pseudonym(b"secret"));
        assert!(!format!("{keys:?}").contains('7'));
    }
}
