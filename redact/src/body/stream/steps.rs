//! The steps of a body's redaction once its codings are undone.

use std::borrow::Cow;

use dashcam_exchange::{Headers, Names};
use encoding_rs::Encoding;

use super::{Body, End};
use crate::body::charset::utf16;
use crate::body::codings::{Coding, Decoders, named};
use crate::body::contents::contents;
use crate::body::cut::whole_words;
use crate::body::cx::{Cx, Looked};
use crate::body::kind::Kind;
use crate::body::way::Way;
use crate::definitions::TooLarge;
use crate::redactor::Redactor;

/// Fields that name codings.
const MESSAGE_CODINGS: Names = Names::new(&["grpc-encoding", "connect-content-encoding"]);
const CONTENT_CODINGS: Names = Names::new(&["content-encoding"]);

/// The coding of messages.
pub(super) fn message_coding(headers: &Headers) -> Cow<'static, [u8]> {
    let named = headers.contains_any(&MESSAGE_CODINGS);
    let coding = || headers.first("grpc-encoding").or(headers.first("connect-content-encoding"));
    named.then(coding).flatten().map_or(Cow::Borrowed(b"gzip"), |coding| Cow::Owned(coding.to_vec()))
}

/// The codings of a body; `None` if one of them is not known.
pub(super) fn content_codings(headers: &Headers) -> Option<Vec<Coding>> {
    match headers.contains_any(&CONTENT_CODINGS) {
        true => named(headers.tokens("content-encoding")).ok(),
        false => Some(Vec::new()),
    }
}

impl Body {
    /// A body without codings, from where it lies.
    pub(super) fn scan_whole(&mut self, body: &[u8], redactor: &mut Redactor<'_>) -> Option<Vec<u8>> {
        self.decoded = body.len() as u64;
        self.start(body);
        let forged = if self.is_text() { redactor.forged(body) } else { None };
        self.changed = forged.is_some();
        let body = forged.as_deref().unwrap_or(body);
        let mut out = Vec::new();
        let used = self.scan(body, true, redactor, &mut out);
        self.after(body.len() - used, true);
        if self.end == End::Kept {
            if !self.changed {
                out = body[..used].to_vec();
            }
            self.keep(&body[used..], true, redactor, &mut out);
        }
        self.given += out.len() as u64;
        (self.changed || self.end == End::Dropped).then_some(out)
    }

    /// The encoding, if it is UTF-16, by the first bytes.
    pub(super) fn encoding_of(&self, start: &[u8]) -> Option<&'static Encoding> {
        let enough = Kind::enough(&self.content_type, start).unwrap_or(start.len());
        utf16(&self.content_type, &start[..enough])
    }

    /// Puts `bytes` into `into` once nothing in them looks like a placeholder that was sent.
    pub(super) fn take(&mut self, bytes: &[u8], last: bool, redactor: &mut Redactor<'_>, into: &mut Vec<u8>) {
        self.changed |= self.incoming.push(bytes, last, redactor, into);
    }

    /// Puts into `out` what could not be gone through.
    pub(super) fn keep(&mut self, rest: &[u8], last: bool, redactor: &mut Redactor<'_>, out: &mut Vec<u8>) {
        match self.is_text() {
            true => out.extend_from_slice(rest),
            false => self.take(rest, last, redactor, out),
        }
    }

    /// Leaves the last word of `out` out if that was cut.
    pub(super) fn shorten(&mut self, is_cut: bool, out: &mut Vec<u8>) {
        let whole = if is_cut && self.way.as_ref().is_some_and(Way::has_words) {
            whole_words(out)
        } else {
            out.len()
        };
        self.is_shortened |= whole < out.len();
        out.truncate(whole);
    }

    /// Bytes that it holds between two pieces, beside its own size.
    #[must_use]
    pub fn footprint(&self) -> usize {
        let decoders = self.decoders.as_ref().map_or(0, Decoders::footprint);
        let first = self.first.as_ref().map_or(0, Vec::capacity);
        self.content_type.capacity() + first + self.pending.capacity() + self.incoming.footprint() + decoders
    }

    /// Decoded bytes that are gone through once more with the next piece.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Returns whether it is gone through as text, of which what was sent was taken first.
    pub(super) fn is_text(&self) -> bool {
        self.way.as_ref().is_some_and(Way::is_text)
    }

    /// Chooses the way, by the first bytes.
    pub(super) fn start(&mut self, start: &[u8]) {
        self.way = Some(Way::of(Kind::of(&self.content_type, start), &self.message_coding));
    }

    /// Goes through `text`, puts into `out` what can be stored of it, and returns up to where that is. Nothing is put
    /// there if all of a body stays as it came.
    pub(super) fn scan(
        &mut self,
        text: &[u8],
        last: bool,
        redactor: &mut Redactor<'_>,
        out: &mut Vec<u8>,
    ) -> usize {
        let Some(way) = &mut self.way else { return 0 };
        let hits = std::mem::take(&mut redactor.hits);
        let mut cx =
            Cx { redactor: &mut *redactor, on: self.on, depth: 0, contents, looked: Looked::with_room(hits) };
        let passed = way.pass(&mut cx, text, last);
        redactor.hits = cx.looked.hits;
        let is_all = last && self.pieces == 1 && self.decoders.is_none() && self.encoding.is_none();
        let is_same = is_all && !self.changed;
        match passed.out {
            Some(replaced) => {
                self.changed = true;
                out.extend(replaced);
            }
            None if is_same && !passed.is_broken => {}
            None => out.extend_from_slice(&text[..passed.used]),
        }
        if passed.is_broken {
            self.give_up();
        }
        passed.used
    }

    /// Draws the consequence of bytes that could not be gone through.
    pub(super) fn after(&mut self, left: usize, last: bool) {
        let most = self.way.as_ref().map_or(0, Way::most);
        if self.end == End::Open && left > 0 && (last || left > most) {
            self.give_up();
        }
    }

    pub(super) fn give_up(&mut self) {
        self.end = match self.too_large {
            TooLarge::Drop => End::Dropped,
            TooLarge::Keep => End::Kept,
        };
    }
}
