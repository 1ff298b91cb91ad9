//! The root as a profile for iPhones and iPads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const PROFILE: &str = include_str!("profile.xml");

/// The profile that installs the root with this DER. The same root gives the same profile, so that a second one takes the
/// first one's place.
pub(super) fn profile(der: &[u8]) -> String {
    PROFILE
        .replace("{der}", &STANDARD.encode(der))
        .replace("{certificate-uuid}", &uuid("certificate", der))
        .replace("{profile-uuid}", &uuid("profile", der))
}

/// A UUID made of a digest (RFC 9562 §5.8).
fn uuid(purpose: &str, der: &[u8]) -> String {
    let digest = Sha256::new().chain_update(purpose).chain_update(der).finalize();
    let mut bytes: [u8; 16] = std::array::from_fn(|at| digest[at]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_the_roots_own() {
        let (one, other) = (profile(b"one"), profile(b"other"));
        assert!(one.contains("<data>b25l</data>"), "{one}");
        assert_eq!(one, profile(b"one"));
        assert_ne!(uuid("profile", b"one"), uuid("profile", b"other"));
        assert_ne!(uuid("profile", b"one"), uuid("certificate", b"one"));
        assert!(!one.contains('{') && !other.contains('{'));
        assert_eq!(uuid("profile", b"one").len(), 36);
    }
}
