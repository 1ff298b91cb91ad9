//! URLs: parameters by their names, in query, fragment and path; the rest by detectors.

mod nested;
mod path;

pub(crate) use self::path::asks;
pub(super) use self::path::{LEAST, PRIVATE};

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::percent_decode;

use super::pieces::pieces;
use crate::edits::Edits;
use crate::how::On;
use crate::names::{Decision, Place, is_random};
use crate::placeholder::is_all;
use crate::redactor::Redactor;

impl Redactor<'_> {
    /// A URL of any form, where it has secrets.
    pub(crate) fn url(&mut self, on: On, url: &[u8]) -> Option<Vec<u8>> {
        let fragment = memchr::memchr(b'#', url).unwrap_or(url.len());
        let query = memchr::memchr(b'?', &url[..fragment]).unwrap_or(fragment);
        let mut edits = Edits::new(url);
        self.path(on, url, 0..query, &mut edits);
        if query < fragment {
            self.parameters(on, url, query + 1..fragment, &mut edits);
        }
        if fragment < url.len() {
            // `#access_token=…`, and `#/route?token=…` of applications in the browser.
            let inner = memchr::memchr(b'?', &url[fragment..]).map_or(fragment, |at| fragment + at);
            self.parameters(on, url, inner + 1..url.len(), &mut edits);
        }
        edits.finish(url.len())
    }

    /// `name=value&name=value` in `range` of `text`.
    fn parameters(&mut self, on: On, text: &[u8], range: Range<usize>, edits: &mut Edits<'_>) {
        let end = range.end;
        for piece in pieces(&text[..end], range.start, b'&') {
            match memchr::memchr(b'=', &text[piece.clone()]).map(|at| piece.start + at) {
                Some(equals) => self.parameter(on, text, (piece.start..equals, equals + 1..piece.end), edits),
                None => self.look(on, text, piece, edits),
            }
        }
    }

    /// One parameter by its name; a value of which it says nothing may hold others.
    fn parameter(
        &mut self,
        on: On,
        text: &[u8],
        (name, value): (Range<usize>, Range<usize>),
        edits: &mut Edits<'_>,
    ) {
        if value.is_empty() {
            return;
        }
        match self.names.decide(on, Place::Query, &decoded(&text[name])) {
            Decision::Keep => {}
            Decision::Replace(treatment) if treatment.takes(&decoded(&text[value.clone()])) => {
                self.replacer.put(treatment.kind, treatment.how, &text[value.clone()], edits.replace(&value));
            }
            Decision::Replace(_) | Decision::Look => self.look(on, text, value, edits),
        }
    }

    /// A value of which no name says that it is a secret: URLs in it, and what detectors find.
    fn look(&mut self, on: On, text: &[u8], value: Range<usize>, edits: &mut Edits<'_>) {
        let found = &text[value.clone()];
        if found.len() < 6 {
            return;
        }
        let changed = self.nested(on, found);
        let seen = self.text(on, changed.as_deref().unwrap_or(found)).or(changed);
        if let Some(changed) = seen {
            edits.replace(&value).extend_from_slice(&changed);
        }
    }

    /// `user:password@host`, or all of an authority behind `//`.
    pub(super) fn user_info(&mut self, on: On, authority: &[u8]) -> Option<Vec<u8>> {
        let at = memchr::memrchr(b'@', authority)?;
        let Decision::Replace(treatment) = self.names.decide(on, Place::Header, b"authorization") else {
            return None;
        };
        let colon = memchr::memchr(b':', &authority[..at]);
        let start = colon.map_or(0, |colon| colon + 1);
        let secret = &authority[start..at];
        // A user alone is no secret, a token in its place is.
        let is_name = colon.is_none() && !is_random(secret, 16);
        if secret.is_empty() || is_name || is_all(secret) {
            return None;
        }
        let mut edits = Edits::new(authority);
        self.replacer.put("url-credential", treatment.how, secret, edits.replace(&(start..at)));
        edits.finish(authority.len())
    }
}

/// `text` without percent-encoding, `+` as a space.
pub(super) fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'%', b'+', text).is_none() {
        return Cow::Borrowed(text);
    }
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    Cow::Owned(percent_decode(&spaced).collect())
}
