//! Cookies: their names and attributes stay.

use std::ops::Range;

use super::pieces::{pieces, trimmed, unquoted};
use crate::edits::Edits;
use crate::how::On;
use crate::names::{Decision, Place};
use crate::redactor::Redactor;

/// Attributes of cookies (RFC 6265, RFC 2109, drafts, and browsers).
const ATTRIBUTES: [&str; 13] = [
    "expires",
    "max-age",
    "domain",
    "path",
    "secure",
    "httponly",
    "samesite",
    "priority",
    "partitioned",
    "sameparty",
    "version",
    "comment",
    "port",
];

impl Redactor<'_> {
    /// The value of `Cookie`.
    pub(super) fn cookies(&mut self, on: On, value: &[u8]) -> Option<Vec<u8>> {
        let mut edits = Edits::new(value);
        for piece in pieces(value, 0, b';') {
            self.cookie(on, value, piece, &mut edits);
        }
        edits.finish(value.len())
    }

    /// The value of `Set-Cookie`.
    pub(super) fn set_cookie(&mut self, on: On, value: &[u8]) -> Option<Vec<u8>> {
        let mut edits = Edits::new(value);
        for (index, piece) in pieces(value, 0, b';').enumerate() {
            if index == 0 || !is_attribute(&value[piece.clone()]) {
                self.cookie(on, value, piece, &mut edits);
            } else if let Some(folded) = folded(value, piece) {
                self.cookie(on, value, folded, &mut edits);
            }
        }
        edits.finish(value.len())
    }

    /// The cookie in `piece`: `name=value`, or a value without a name.
    fn cookie(&mut self, on: On, text: &[u8], piece: Range<usize>, edits: &mut Edits<'_>) {
        let piece = trimmed(text, piece);
        let equals = memchr::memchr(b'=', &text[piece.clone()]).map(|at| piece.start + at);
        let (name, value) = match equals {
            Some(equals) => (trimmed(text, piece.start..equals), trimmed(text, equals + 1..piece.end)),
            None => (piece.start..piece.start, piece),
        };
        let value = unquoted(text, value);
        match self.names.decide(on, Place::Cookie, &text[name]) {
            Decision::Keep => {}
            Decision::Replace(treatment) if treatment.takes(&text[value.clone()]) => {
                let out = edits.replace(&value);
                self.replacer.put(treatment.kind, treatment.how, &text[value], out);
            }
            Decision::Replace(_) | Decision::Look => {
                if let Some(changed) = self.text(on, &text[value.clone()]) {
                    edits.replace(&value).extend_from_slice(&changed);
                }
            }
        }
    }
}

fn is_attribute(piece: &[u8]) -> bool {
    let name = piece.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
    ATTRIBUTES.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// The next cookie, behind the comma that a proxy put between two fields that it made one of.
fn folded(text: &[u8], piece: Range<usize>) -> Option<Range<usize>> {
    let comma = piece.start + memchr::memrchr(b',', &text[piece.clone()])?;
    memchr::memchr(b'=', &text[comma..piece.end]).map(|_| comma + 1..piece.end)
}
