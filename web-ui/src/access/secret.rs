//! Secrets: made at random, and known by their digests.

use rustls::crypto::aws_lc_rs;
use sha2::{Digest as _, Sha256};

/// The beginning of each token that has a role: those who look for secrets know it by that.
const PREFIX: &str = "dashcam_";

pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// A new token with a role, and its digest.
pub(crate) fn new_token() -> (String, [u8; 32]) {
    let token = format!("{PREFIX}{}", random());
    let digest = digest(&token);
    (token, digest)
}

/// 256 random bits in hex.
pub(super) fn random() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::default_provider()
        .secure_random
        .fill(&mut bytes)
        .expect("the system's source of randomness does not fail once it is seeded");
    hex(&bytes)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
