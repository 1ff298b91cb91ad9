//! Verification of passwords; slow by design, for those that are kept as hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Digest as _;
use subtle::ConstantTimeEq as _;

use crate::config::{Credential, Password};

/// A user's name and password, as a client shows them.
pub(super) struct Shown {
    user: Vec<u8>,
    password: Vec<u8>,
}

impl Shown {
    pub(super) fn new(user: &[u8], password: &[u8]) -> Self {
        Self { user: user.to_vec(), password: password.to_vec() }
    }

    /// Reads a field's value, `Basic BASE64` (RFC 7617).
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let (scheme, rest) = value.split_at_checked("Basic ".len())?;
        if !scheme.eq_ignore_ascii_case(b"Basic ") {
            return None;
        }
        let pair = STANDARD.decode(rest.trim_ascii()).ok()?;
        let colon = pair.iter().position(|byte| *byte == b':')?;
        Some(Self { user: pair[..colon].to_vec(), password: pair[colon + 1..].to_vec() })
    }

    /// Returns whether one of `credentials` is like this. An unknown user takes as long as a known one.
    pub(super) fn is_one_of(&self, credentials: &[Credential]) -> bool {
        let mut own = credentials.iter().filter(|one| one.user.as_bytes() == self.user).peekable();
        if own.peek().is_none() {
            let _ = credentials.first().is_some_and(|other| other.password.is(&self.password));
            return false;
        }
        own.any(|one| one.password.is(&self.password))
    }
}

impl Password {
    fn is(&self, given: &[u8]) -> bool {
        match self {
            Self::Plain(password) => {
                // So that the time does not tell its length.
                let digest = |bytes: &[u8]| <[u8; 32]>::from(sha2::Sha256::digest(bytes));
                digest(password.as_bytes()).ct_eq(&digest(given)).into()
            }
            Self::Bcrypt(hash) => bcrypt::verify(given, hash).unwrap_or(false),
            Self::Apr1 { salt, hash } => {
                apr1(given, salt.as_bytes()).as_bytes().ct_eq(hash.as_bytes()).into()
            }
            Self::Sha1(hash) => Sha1::digest(given).as_slice().ct_eq(hash).into(),
        }
    }
}

/// The digits of what MD5-crypt makes.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Apache's MD5-crypt, as in its `apr_md5.c`.
fn apr1(password: &[u8], salt: &[u8]) -> String {
    let inner = Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut outer = Md5::new().chain_update(password).chain_update(b"$apr1$").chain_update(salt);
    for left in (1..=password.len()).rev().step_by(inner.len()) {
        outer.update(&inner[..left.min(inner.len())]);
    }
    let mut bits = password.len();
    while bits > 0 {
        outer.update(if bits & 1 == 1 { b"\0" } else { password.get(..1).unwrap_or_default() });
        bits >>= 1;
    }
    let mut digest = outer.finalize();
    for round in 0..1000 {
        let odd = round % 2 == 1;
        let mut next = Md5::new().chain_update(if odd { password } else { &digest });
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(if odd { &digest[..] } else { password });
        digest = next.finalize();
    }
    let mut text = String::with_capacity(22);
    let mut push = |bytes: [u8; 3], digits: usize| {
        let value = bytes.iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
        (0..digits).for_each(|digit| text.push(char::from(DIGITS[value >> (6 * digit) & 63])));
    };
    for [a, b, c] in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        push([digest[a], digest[b], digest[c]], 4);
    }
    push([0, 0, digest[11]], 2);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(credential: &str, user: &str, password: &str, expect: bool) {
        let credentials =
            Credential::htpasswd(credential).unwrap_or_else(|_| vec![credential.parse().unwrap()]);
        let value = format!("basic {}", STANDARD.encode(format!("{user}:{password}")));
        let shown = Shown::read(value.as_bytes()).unwrap();
        assert_eq!(shown.is_one_of(&credentials), expect, "{credential} {user} {password}");
    }

    /// Made by `openssl passwd -apr1`, `openssl dgst -sha1` and libxcrypt.
    #[test]
    fn passwords() {
        let long = "a password of more than sixteen bytes";
        for (credential, password) in [
            ("u:secret", "secret"),
            ("u:se:cret", "se:cret"),
            ("u:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "secret"),
            ("u:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0", "secret"),
            ("u:$apr1$x$.61V/urwpq5/FHUkybitK1", long),
            ("u:$apr1$x$tMwYqBfQwi3FYAr0aJc8M/", ""),
            ("u:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", "secret"),
        ] {
            check(credential, "u", password, true);
            check(credential, "u", "other", false);
            check(credential, "v", password, false);
        }
    }

    #[test]
    fn what_is_no_basic_credential() {
        for bad in ["", "Basic", "Basic ", "Basic !!", "Basic dQ==", "Bearer dTpw", "Negotiate abc"] {
            assert!(Shown::read(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
