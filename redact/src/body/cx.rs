//! The surroundings in which bodies are gone through, and the secrets that are found there.

use std::borrow::Cow;
use std::ops::Range;

use super::first_look::{may_be_base64_of_text, may_be_document};
use crate::detect::{self, Hit};
use crate::edits::Edits;
use crate::how::{How, On};
pub(super) use crate::names::is_id;
use crate::placeholder::kind_of_number;
use crate::redactor::Redactor;

/// Documents within strings of documents are gone through so deep.
pub(super) const DEEPEST: usize = 3;

/// A secret's place in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found<'s> {
    /// The secret, as it stands there.
    pub(super) range: Range<usize>,
    pub(super) kind: Cow<'s, str>,
    pub(super) how: How,
    pub(super) form: Form,
}

/// The surroundings that a placeholder needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing.
    Bare,
    /// It is a JSON number, in whose place a string comes: its quotation marks, as the documents around it need them.
    Number(&'static str),
    /// It is a JSON string between quotation marks of so many bytes, which go with it if it is removed.
    String(usize),
}

/// Looks into a text in a body: a document, or text with secrets by their shape.
pub(super) type Contents = for<'c, 's> fn(&mut Cx<'c, 's>, Within<'_>, &mut Vec<Found<'s>>);

/// A piece of a body, as it stands there.
#[derive(Clone, Copy)]
pub(super) struct Within<'t> {
    /// All that is at hand.
    pub(super) text: &'t [u8],
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escapes: super::escapes::Escapes,
    /// True if numbers are ids there: none are cards.
    pub(super) is_id: bool,
}

/// The surroundings.
pub(super) struct Cx<'c, 's> {
    pub(super) redactor: &'c mut Redactor<'s>,
    pub(super) on: On,
    /// How many documents there are around this one.
    pub(super) depth: usize,
    pub(super) contents: Contents,
    /// The text at hand.
    pub(super) looked: Looked,
}

/// The outcome of one pass over a text.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Places that are worth a look, in order.
    pub(super) hits: Vec<Hit>,
    /// The first of them that was not passed.
    next_hit: usize,
    /// False if nothing is escaped as in URLs.
    has_percent: bool,
}

impl Looked {
    /// Before any text; `hits` has room for places.
    pub(super) fn with_room(hits: Vec<Hit>) -> Self {
        Self { hits, ..Self::default() }
    }
}

impl<'s> Cx<'_, 's> {
    /// Begins with a text: finds what is worth a look in it.
    pub(super) fn begin(&mut self, text: &[u8]) {
        detect::hits(text, &mut self.looked.hits);
        self.looked.next_hit = 0;
        self.looked.has_percent = memchr::memchr(b'%', text).is_some();
    }

    /// Returns whether no place in the text at hand is worth a look, and nothing in it is escaped as in URLs.
    pub(super) fn is_quiet(&self) -> bool {
        let Looked { hits, has_percent, .. } = &self.looked;
        hits.is_empty() && !has_percent && !self.redactor.texts.has_expressions()
    }

    /// Begins with the same text again.
    pub(super) fn look_again(&mut self) {
        self.looked.next_hit = 0;
    }

    /// The places between `start` and `end` that are worth a look, as indexes; asked for in order.
    #[inline]
    fn hits_in(&mut self, start: usize, end: usize) -> Range<usize> {
        let Looked { hits, next_hit, .. } = &mut self.looked;
        while hits.get(*next_hit).is_some_and(|hit| (hit.at as usize) < start) {
            *next_hit += 1;
        }
        let many = hits[*next_hit..].iter().take_while(|hit| (hit.at as usize) < end).count();
        *next_hit..*next_hit + many
    }

    /// Returns whether there is no place between `start` and `end` that is worth a look. Asked for in order.
    #[inline]
    pub(super) fn has_nothing(&mut self, (start, end): (usize, usize)) -> bool {
        let Looked { hits, next_hit, .. } = &self.looked;
        let is_before = hits.get(*next_hit).is_none_or(|hit| (hit.at as usize) >= end);
        (is_before || self.hits_in(start, end).is_empty()) && !self.redactor.texts.has_expressions()
    }

    /// Returns whether nothing at all can be found in a piece of the text at hand, which has no escapes: it is no
    /// document, no base64 of a text, and has no place that is worth a look. Asked for in order.
    #[inline]
    pub(super) fn is_plain(&mut self, text: &[u8], (start, end): (usize, usize)) -> bool {
        let piece = &text[start..end];
        let may_be_escaped = self.looked.has_percent && memchr::memchr(b'%', piece).is_some();
        let may_be_more = may_be_escaped || may_be_document(piece) || may_be_base64_of_text(piece);
        !may_be_more && self.has_nothing((start, end))
    }

    /// Secrets by their shape between `start` and `end` of the text at hand.
    pub(super) fn detect(
        &mut self,
        text: &[u8],
        (start, end): (usize, usize),
        is_id: bool,
        found: &mut Vec<Found<'s>>,
    ) {
        let hits = self.hits_in(start, end);
        if hits.is_empty() && !self.redactor.texts.has_expressions() {
            return;
        }
        let secrets = self.redactor.secrets(self.on, &text[start..end], (&self.looked.hits[hits], start));
        let is_wanted = |kind: &str| !(is_id && kind == "card");
        found.extend(secrets.into_iter().filter(|secret| is_wanted(secret.treatment.kind)).map(|secret| {
            Found {
                range: start + secret.range.start..start + secret.range.end,
                kind: Cow::Borrowed(secret.treatment.kind),
                how: secret.treatment.how,
                form: Form::Bare,
            }
        }));
    }

    /// The same for a text of its own.
    pub(super) fn detect_apart(&mut self, text: &[u8], is_id: bool, found: &mut Vec<Found<'s>>) {
        let outer = std::mem::take(&mut self.looked);
        self.begin(text);
        self.detect(text, (0, text.len()), is_id, found);
        self.looked = outer;
    }

    /// Goes through a document within the one at hand.
    pub(super) fn within(
        &mut self,
        text: &[u8],
        scan: impl FnOnce(&mut Self, &mut Vec<Found<'s>>),
    ) -> Vec<Found<'s>> {
        let outer = std::mem::take(&mut self.looked);
        self.depth += 1;
        self.begin(text);
        let mut found = Vec::new();
        scan(self, &mut found);
        self.depth -= 1;
        self.looked = outer;
        found
    }

    /// `text` up to `end` with what was found replaced; `None` if that is nothing.
    pub(super) fn replaced(&mut self, text: &[u8], end: usize, found: &[Found<'s>]) -> Option<Vec<u8>> {
        let mut edits = Edits::new(text);
        let mut from = 0;
        for Found { range, kind, how, form } in found {
            if range.start < from || range.end > end {
                continue;
            }
            from = range.end;
            let kind = match form {
                Form::Number(_) if *how == How::Seal => kind_of_number(kind),
                _ => Cow::Borrowed(&**kind),
            };
            let replacer = &mut self.redactor.replacer;
            let mut put = |out: &mut Vec<u8>| replacer.put(&kind, *how, &text[range.clone()], out);
            match form {
                Form::String(quote) if *how == How::Remove => {
                    let out = edits.replace(&(range.start - quote..range.end + quote));
                    out.extend_from_slice(b"null");
                    put(out);
                    from += quote;
                }
                Form::Number(_) if *how == How::Remove => {
                    let out = edits.replace(range);
                    out.extend_from_slice(b"null");
                    put(out);
                }
                Form::Number(quote) => {
                    let out = edits.replace(range);
                    out.extend_from_slice(quote.as_bytes());
                    put(out);
                    out.extend_from_slice(quote.as_bytes());
                }
                Form::Bare | Form::String(_) => put(edits.replace(range)),
            }
        }
        edits.finish(end)
    }
}
