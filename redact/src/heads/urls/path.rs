//! Paths: parameters of their segments, tokens behind a segment that asks for one, and what detectors find.

use std::ops::Range;

use super::decoded;
use crate::edits::Edits;
use crate::how::On;
use crate::names::{Decision, Place, is_random};
use crate::redactor::Redactor;

/// Segments behind which links that are sent by mail have their token.
const BEFORE: [&str; 17] = [
    "accept-invitation",
    "accept-invite",
    "activate",
    "confirm",
    "confirm-email",
    "invitation",
    "invite",
    "magic",
    "magic-link",
    "password-reset",
    "reset",
    "reset-password",
    "reset_password",
    "token",
    "verify",
    "verify-email",
    "verify_email",
];
/// The beginning of a segment with a token behind it, as calendars that are shared by a link have it.
pub(in crate::heads) const PRIVATE: &[u8] = b"private-";
/// A token there is as long as this, at least.
pub(in crate::heads) const LEAST: usize = 20;

impl Redactor<'_> {
    /// The path in `range` of `url`, with scheme and authority if they stand before it.
    pub(super) fn path(&mut self, on: On, url: &[u8], range: Range<usize>, edits: &mut Edits<'_>) {
        let path = &url[range.clone()];
        let found = self.by_name(on, path);
        let changed = self.text(on, found.as_deref().unwrap_or(path)).or(found);
        if let Some(changed) = changed {
            edits.replace(&range).extend_from_slice(&changed);
        }
    }

    /// Parameters and tokens of segments.
    fn by_name(&mut self, on: On, path: &[u8]) -> Option<Vec<u8>> {
        let mut edits = Edits::new(path);
        let (mut start, mut before) = (0, 0..0);
        for end in memchr::memchr_iter(b'/', path).chain([path.len()]) {
            let segment = start..end;
            let parameters = memchr::memchr(b';', &path[segment.clone()]).map(|at| start + at);
            if let Some(parameters) = parameters {
                self.of_segment(on, path, parameters + 1..end, &mut edits);
            } else if segment.len() >= LEAST && asks(&path[before]) {
                self.token(on, path, segment.clone(), &mut edits);
            } else if path[segment.clone()].starts_with(PRIVATE) {
                self.token(on, path, segment.start + PRIVATE.len()..segment.end, &mut edits);
            }
            (before, start) = (segment, end + 1);
        }
        edits.finish(path.len())
    }

    /// `;jsessionid=…;other=…`
    fn of_segment(&mut self, on: On, path: &[u8], range: Range<usize>, edits: &mut Edits<'_>) {
        for piece in super::pieces(&path[..range.end], range.start, b';') {
            let Some(equals) = memchr::memchr(b'=', &path[piece.clone()]).map(|at| piece.start + at) else {
                continue;
            };
            let value = equals + 1..piece.end;
            let name = decoded(&path[piece.start..equals]);
            let Decision::Replace(treatment) = self.names.decide(on, Place::Query, &name) else { continue };
            if treatment.takes(&decoded(&path[value.clone()])) {
                self.replacer.put(treatment.kind, treatment.how, &path[value.clone()], edits.replace(&value));
            }
        }
    }

    /// A segment that is a token, as the one before it says.
    fn token(&mut self, on: On, path: &[u8], segment: Range<usize>, edits: &mut Edits<'_>) {
        if !is_random(&path[segment.clone()], LEAST) {
            return;
        }
        if let Decision::Replace(treatment) = self.names.decide(on, Place::Query, b"token") {
            self.replacer.put(treatment.kind, treatment.how, &path[segment.clone()], edits.replace(&segment));
        }
    }
}

/// Returns whether the segment behind `segment` is a token.
pub(crate) fn asks(segment: &[u8]) -> bool {
    BEFORE.iter().any(|before| segment.eq_ignore_ascii_case(before.as_bytes()))
}
