//! One body on its way to the store, piece by piece.

mod steps;

use std::borrow::Cow;

use dashcam_exchange::{Direction, Headers, StoredAs};

use super::charset::Utf16;
use super::codings::{Coding, Decoders};
use super::kind::Kind;
use super::way::Way;
use crate::definitions::TooLarge;
use crate::forged::Incoming;
use crate::how::On;
use crate::redactor::Redactor;
use crate::sets::Set;

/// A body's redaction. What comes in pieces goes out in pieces; a token that is cut waits for the rest of it.
#[derive(Debug)]
pub struct Body {
    on: On,
    content_type: Vec<u8>,
    message_coding: Cow<'static, [u8]>,
    too_large: TooLarge,
    most: u64,
    /// The codings, in the order in which they were applied; `None` if one of them is not known.
    codings: Option<Vec<Coding>>,
    decoders: Option<Decoders>,
    encoding: Option<Utf16>,
    /// `None` before enough has come to tell the kind.
    way: Option<Way>,
    /// Decoded bytes that may be the beginning of what looks like a placeholder.
    incoming: Incoming,
    /// The first piece, while it may be the only one.
    first: Option<Vec<u8>>,
    pieces: u32,
    /// Decoded bytes that were not gone through.
    pending: Vec<u8>,
    /// Decoded bytes so far.
    decoded: u64,
    end: End,
    changed: bool,
    /// True if its last word was left out, as it may be half of a secret.
    is_shortened: bool,
    /// Bytes that were given out.
    given: u64,
}

/// How a body goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It is gone through.
    Open,
    /// The rest of it is not stored.
    Dropped,
    /// The rest of it is stored as it came.
    Kept,
}

impl Body {
    /// The body behind a head with `headers`.
    #[must_use]
    pub fn new(set: &Set, direction: Direction, headers: &Headers) -> Self {
        let on = match direction {
            Direction::Request => On::Request,
            Direction::Response => On::Response,
        };
        Self {
            on,
            content_type: headers.first("content-type").unwrap_or_default().to_vec(),
            message_coding: steps::message_coding(headers),
            too_large: set.too_large(),
            most: set.body_limit(),
            codings: steps::content_codings(headers),
            decoders: None,
            encoding: None,
            way: None,
            incoming: Incoming::default(),
            first: None,
            pieces: 0,
            pending: Vec::new(),
            decoded: 0,
            end: End::Open,
            changed: false,
            is_shortened: false,
            given: 0,
        }
    }

    /// The same of one that has more than a piece: none is kept back to see whether it is the only one.
    #[must_use]
    pub fn in_pieces(set: &Set, direction: Direction, headers: &Headers) -> Self {
        Self { pieces: 2, ..Self::new(set, direction, headers) }
    }

    /// Takes the next piece, and returns what can be stored now.
    pub fn push(&mut self, piece: &[u8], redactor: &mut Redactor<'_>) -> Vec<u8> {
        if piece.is_empty() {
            return Vec::new();
        }
        self.pieces += 1;
        if self.pieces == 1 {
            self.first = Some(piece.to_vec());
            return Vec::new();
        }
        let mut out = match self.first.take() {
            Some(first) => self.come(&first, false, redactor),
            None => Vec::new(),
        };
        out.extend(self.come(piece, false, redactor));
        out
    }

    /// The rest, once there are no more pieces. A body of one piece in which nothing was found is given back as it came.
    /// Of one that `is_cut`, the last word is left out: it may be half of a secret.
    pub fn finish(&mut self, is_cut: bool, redactor: &mut Redactor<'_>) -> Vec<u8> {
        match self.first.take() {
            Some(first) => self.whole(&first, is_cut, redactor).unwrap_or(first),
            None => {
                let mut out = self.come(&[], true, redactor);
                self.shorten(is_cut, &mut out);
                out
            }
        }
    }

    /// All of a body at once: what is stored in place of it, `None` if that is what came.
    pub(crate) fn whole(
        &mut self,
        body: &[u8],
        is_cut: bool,
        redactor: &mut Redactor<'_>,
    ) -> Option<Vec<u8>> {
        self.pieces = 1;
        let is_plain = self.codings.as_ref().is_some_and(Vec::is_empty);
        let mut out = if is_plain && self.encoding_of(body).is_none() && body.len() as u64 <= self.most {
            self.scan_whole(body, redactor)
        } else {
            Some(self.come(body, true, redactor))
        };
        if is_cut {
            // Without codings, nothing was copied where nothing was found.
            let is_coded = self.decoders.is_some() || self.encoding.is_some();
            let whole = out.get_or_insert_default();
            if !is_coded && !self.changed && self.end != End::Dropped {
                body.clone_into(whole);
            }
            self.shorten(true, whole);
            self.changed |= self.is_shortened && is_coded;
        }
        let is_same = self.end != End::Dropped && !self.changed && !self.is_shortened;
        if is_same { None } else { out }
    }

    /// How what was given out is stored; known behind the end.
    #[must_use]
    pub fn stored_as(&self) -> StoredAs {
        let is_coded =
            self.codings.as_ref().is_none_or(|codings| !codings.is_empty()) || self.encoding.is_some();
        match self.end {
            End::Dropped if self.given == 0 => StoredAs::Withheld,
            End::Kept if self.decoders.is_none() && !self.changed => StoredAs::Sent,
            _ if self.changed || self.end == End::Dropped || is_coded && self.pieces > 1 => {
                StoredAs::Redacted
            }
            _ => StoredAs::Sent,
        }
    }

    /// Returns whether the rest of it was dropped, as it could not be gone through, or its last word.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.end == End::Dropped || self.is_shortened
    }

    /// Bytes as they came.
    fn come(&mut self, bytes: &[u8], last: bool, redactor: &mut Redactor<'_>) -> Vec<u8> {
        let out = self.undo(bytes, last, redactor);
        self.given += out.len() as u64;
        out
    }

    /// Undoes the codings of bytes as they came.
    fn undo(&mut self, bytes: &[u8], last: bool, redactor: &mut Redactor<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        match self.end {
            End::Dropped => return out,
            End::Kept if self.decoders.is_none() => {
                self.take(bytes, last, redactor, &mut out);
                return out;
            }
            End::Kept | End::Open => {}
        }
        let Some(codings) = &self.codings else {
            self.give_up();
            if self.end == End::Kept {
                self.take(bytes, last, redactor, &mut out);
            }
            return out;
        };
        if codings.is_empty() {
            self.decoded_come(bytes, last, redactor, &mut out);
            return out;
        }
        let most = self.most;
        let decoders = self.decoders.get_or_insert_with(|| Decoders::new(codings, most));
        let decoded = decoders.push(bytes);
        let is_broken = decoded.is_err();
        let mut decoded = decoded.unwrap_or_else(|decoded| decoded);
        if last && !is_broken {
            decoded.extend(decoders.finish());
        }
        if is_broken && decoded.is_empty() && self.decoded == 0 && self.pieces == 1 && last {
            // It is not coded as its head says.
            self.codings = Some(Vec::new());
            self.decoders = None;
            self.decoded_come(bytes, last, redactor, &mut out);
            return out;
        }
        self.decoded_come(&decoded, last || is_broken, redactor, &mut out);
        self.shorten(is_broken, &mut out);
        if is_broken && self.end == End::Open {
            self.end = End::Dropped;
        }
        out
    }

    /// Bytes without codings.
    fn decoded_come(&mut self, bytes: &[u8], last: bool, redactor: &mut Redactor<'_>, out: &mut Vec<u8>) {
        self.decoded += bytes.len() as u64;
        let mut pending = std::mem::take(&mut self.pending);
        let decoded = self.encoding.as_mut().map(|decoder| decoder.push(bytes, last));
        let bytes = decoded.as_deref().unwrap_or(bytes);
        if self.decoded > self.most {
            self.give_up();
        }
        match self.is_text() {
            true => self.take(bytes, last, redactor, &mut pending),
            false => pending.extend_from_slice(bytes),
        }
        if self.way.is_none() && self.end == End::Open {
            if !last && Kind::enough(&self.content_type, &pending).is_none() {
                self.pending = pending;
                return;
            }
            if let Some(encoding) = self.encoding_of(&pending) {
                let mut decoder = Utf16::new(encoding);
                pending = decoder.push(&pending, last);
                self.encoding = Some(decoder);
                out.extend_from_slice("\u{feff}".as_bytes());
            }
            self.start(&pending);
            if self.is_text() {
                let came = std::mem::take(&mut pending);
                self.take(&came, last, redactor, &mut pending);
            }
        }
        match self.end {
            End::Dropped => return,
            End::Kept => return self.keep(&pending, last, redactor, out),
            End::Open => {}
        }
        let used = self.scan(&pending, last, redactor, out);
        let left = pending.len() - used;
        self.after(left, last);
        match self.end {
            End::Open if !last => {
                // Little is left: the room for a whole piece is given back.
                self.pending = pending.split_off(used);
            }
            End::Kept => self.keep(&pending[used..], last, redactor, out),
            End::Open | End::Dropped => {}
        }
    }
}

impl Redactor<'_> {
    /// Redacts a body that is there as a whole, or up to where it `is_cut`: what is stored in place of it, how, and whether a
    /// part of it was left out as it could not be gone through; `None` if it is what came.
    pub fn whole_body(
        &mut self,
        (direction, headers): (Direction, &Headers),
        body: &[u8],
        is_cut: bool,
    ) -> Option<(Vec<u8>, StoredAs, bool)> {
        if body.is_empty() {
            return None;
        }
        let mut way = Body::new(self.set, direction, headers);
        let out = way.whole(body, is_cut, self)?;
        Some((out, way.stored_as(), way.is_cut()))
    }
}
