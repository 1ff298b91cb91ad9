//! Tokens with a role: known by their digests, and gone once they are over.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::Timestamp;
use dashcam_store::Token;
use tokio_util::sync::CancellationToken;

use super::grant::{Grant, Tenure};
use super::secret::hex;
use crate::role::Role;

/// How often the store learns that a token is still used, in microseconds.
const TOLD_AGAIN: i64 = 600_000_000;

/// A token's digest in hex.
pub(super) type Digest = String;

/// The token that somebody was let in with.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Holder {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) sha256: [u8; 32],
    pub(crate) expires_at: Option<Timestamp>,
}

/// All that are valid.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    valid: HashMap<Digest, Valid>,
    /// True once the store has told of them.
    are_known: bool,
}

#[derive(Debug)]
struct Valid {
    holder: Arc<Holder>,
    ended: CancellationToken,
    /// When its last use was told.
    told: Timestamp,
}

impl Tokens {
    /// Takes those that are stored. One whose role is not known, as a newer dashcam made it, lets nobody in.
    pub(super) fn take(&mut self, stored: Vec<Token>, now: Timestamp) {
        stored.into_iter().filter(|token| token.is_valid(now)).for_each(|token| self.add(token));
        self.are_known = true;
    }

    /// Lets callers in with `token` as well.
    pub(super) fn add(&mut self, token: Token) {
        let Ok(role) = token.role.parse() else {
            tracing::warn!(token = token.name, role = token.role, "a token has a role that is not known");
            return;
        };
        let Token { id, name, sha256, expires_at, last_used_at, .. } = token;
        let told = last_used_at.unwrap_or_default();
        let holder = Arc::new(Holder { id, name, role, sha256, expires_at });
        self.valid.insert(hex(&sha256), Valid { holder, ended: CancellationToken::new(), told });
    }

    /// Returns whether it is known which there are.
    pub(super) fn are_known(&self) -> bool {
        self.are_known
    }

    /// The grant of the token with a digest, which is used now. One that is over goes.
    pub(super) fn find(&mut self, digest: &str, now: Timestamp) -> Option<Grant> {
        let valid = self.valid.get_mut(digest)?;
        let left = valid.holder.expires_at.map(|end| end.0 - now.0);
        if left.is_some_and(|left| left <= 0) {
            self.end(digest);
            return None;
        }
        let tell_use = now.0 - valid.told.0 >= TOLD_AGAIN;
        if tell_use {
            valid.told = now;
        }
        let left = left.map(|left| Duration::from_micros(left.unsigned_abs()));
        let tenure = Tenure { ended: valid.ended.clone(), left };
        Some(Grant { token: Some(Arc::clone(&valid.holder)), tenure, tell_use })
    }

    /// Lets nobody in any more with the token that has a digest.
    pub(super) fn end(&mut self, digest: &str) {
        if let Some(valid) = self.valid.remove(digest) {
            valid.ended.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(byte: u8, role: &str, expires_at: Option<i64>) -> Token {
        let expires_at = expires_at.map(Timestamp);
        Token {
            name: "ci".to_owned(),
            role: role.to_owned(),
            sha256: [byte; 32],
            expires_at,
            ..Token::default()
        }
    }

    fn digest(byte: u8) -> Digest {
        hex(&[byte; 32])
    }

    #[test]
    fn a_token_lets_in_until_it_expires_or_is_revoked() {
        let mut tokens = Tokens::default();
        assert!(!tokens.are_known());
        let revoked = Token { revoked_at: Some(Timestamp(1)), ..token(4, "viewer", None) };
        let all =
            vec![token(1, "viewer", Some(100)), token(2, "admin", None), token(3, "king", None), revoked];
        tokens.take(all, Timestamp(50));
        assert!(tokens.are_known());
        let first = tokens.find(&digest(1), Timestamp(99)).unwrap();
        assert_eq!(first.role(), Role::Viewer);
        assert_eq!(first.tenure.left, Some(Duration::from_micros(1)));
        let second = tokens.find(&digest(2), Timestamp(99)).unwrap();
        assert_eq!((second.role(), second.tenure.left), (Role::Admin, None));
        for unknown in [3, 4, 5] {
            assert!(tokens.find(&digest(unknown), Timestamp(99)).is_none(), "{unknown}");
        }
        assert!(tokens.find(&digest(1), Timestamp(100)).is_none() && first.tenure.ended.is_cancelled());
        tokens.end(&digest(2));
        assert!(tokens.find(&digest(2), Timestamp(99)).is_none() && second.tenure.ended.is_cancelled());
    }

    #[test]
    fn its_use_is_told_now_and_then() {
        let mut tokens = Tokens::default();
        let used = Token { last_used_at: Some(Timestamp(5)), ..token(1, "viewer", None) };
        tokens.take(vec![used], Timestamp(10));
        let told = [10, 5 + TOLD_AGAIN, 6 + TOLD_AGAIN, 5 + 2 * TOLD_AGAIN];
        let told = told.map(|at| tokens.find(&digest(1), Timestamp(at)).unwrap().tell_use);
        assert_eq!(told, [false, true, false, true]);
    }
}
