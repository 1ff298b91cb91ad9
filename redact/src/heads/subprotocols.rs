//! `Sec-WebSocket-Protocol`: browsers can send no other header with a WebSocket, so that tokens stand there.

use super::pieces::{pieces, trimmed};
use crate::edits::Edits;
use crate::how::On;
use crate::names::{Decision, Place, Treatment, is_random};
use crate::placeholder::is_all;
use crate::redactor::Redactor;

/// Protocols behind which a token follows.
const BEFORE: [&str; 11] = [
    "access_token",
    "access-token",
    "api-key",
    "apikey",
    "auth",
    "authorization",
    "base64.binary.authorization",
    "bearer",
    "jwt",
    "token",
    "ticket",
];
/// Beginnings of protocols that are tokens.
const PREFIXES: [&str; 12] = [
    "base64url.bearer.authorization.k8s.io.",
    "openai-insecure-api-key.",
    "access_token.",
    "access_token-",
    "authorization.",
    "authorization-",
    "bearer.",
    "bearer-",
    "jwt.",
    "token.",
    "token-",
    "header-",
];

impl Redactor<'_> {
    /// The value of `Sec-WebSocket-Protocol`.
    pub(super) fn subprotocols(&mut self, on: On, value: &[u8]) -> Option<Vec<u8>> {
        let Decision::Replace(treatment) = self.names.decide(on, Place::Header, b"authorization") else {
            return self.text(on, value);
        };
        let (mut edits, mut follows) = (Edits::new(value), false);
        for piece in pieces(value, 0, b',') {
            let piece = trimmed(value, piece);
            let word = &value[piece.clone()];
            let prefix = PREFIXES.iter().find(|prefix| {
                word.len() > prefix.len() && word[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
            });
            let secret = piece.start + prefix.map_or(0, |prefix| prefix.len())..piece.end;
            let found = &value[secret.clone()];
            let is_secret =
                follows && !found.is_empty() || prefix.is_some() && found.len() >= 8 || is_random(found, 20);
            if is_secret && !is_all(found) {
                let Treatment { kind, how, .. } = treatment;
                self.replacer.put(kind, how, found, edits.replace(&secret));
            }
            follows = BEFORE.iter().any(|before| word.eq_ignore_ascii_case(before.as_bytes()));
        }
        match edits.finish(value.len()) {
            Some(changed) => Some(self.text(on, &changed).unwrap_or(changed)),
            None => self.text(on, value),
        }
    }
}
