//! XML and HTML: elements and attributes by their names, and text by its shape. No tree is built, and nothing has to be
//! well-formed.

use std::borrow::Cow;

use super::cx::{Cx, Form, Found, Within, is_id};
use super::escapes::Escapes;
use super::text;
use super::xml_pair::{Pair, unquoted};
use crate::how::How;
use crate::names::{Decision, Place, Treatment};

/// Bytes of a tag, at most: what is longer is text.
const TAG: usize = 32 << 10;

/// The state between two pieces.
#[derive(Debug, Default)]
pub(super) struct Xml {
    /// The name of the element whose text comes next.
    element: Vec<u8>,
    /// True if the text is that of a secret's element.
    is_secret: bool,
    /// The name that an element before had, if it is a secret's.
    pair: Option<Pair>,
}

impl Xml {
    /// Goes through whole tags and texts, and returns up to where.
    pub(super) fn scan<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> usize {
        let mut at = 0;
        while at < piece.len() {
            if piece[at] != b'<' {
                let next = memchr::memchr(b'<', &piece[at..]).map(|next| at + next);
                if next.is_none() && !last {
                    // It may be a document of its own, as far as it is short enough for one.
                    let waits = self.is_secret || self.pair.is_some() || piece.len() - at < text::LONGEST;
                    return if waits { at } else { text::scan(cx, piece, at, false, found) };
                }
                let end = next.unwrap_or(piece.len());
                self.text(cx, piece, (at, end), found);
                at = end;
                continue;
            }
            let (skipped, end) = match &piece[at..] {
                [b'<', b'!', b'-', b'-', ..] => {
                    (4, memchr::memmem::find(&piece[at..], b"-->").map(|end| end + 3))
                }
                rest if rest.starts_with(b"<![CDATA[") => {
                    (9, memchr::memmem::find(rest, b"]]>").map(|end| end + 3))
                }
                rest => (0, end_of_tag(rest)),
            };
            let whole = piece.len() - at;
            let end = match end {
                Some(end) => at + end,
                None if !last && whole < TAG => return at,
                None => {
                    self.is_secret = false;
                    at = text::scan(cx, piece, at, last, found);
                    if !last {
                        return at;
                    }
                    continue;
                }
            };
            if skipped > 0 {
                let start = at + skipped;
                self.text(cx, piece, (start, start.max(end - 3)), found);
            } else {
                self.tag(cx, piece, (at, end), found);
            }
            at = end;
        }
        at
    }

    /// Text, a comment, or CDATA.
    fn text<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        (start, end): (usize, usize),
        found: &mut Vec<Found<'s>>,
    ) {
        let start = start + (piece[start..end].len() - piece[start..end].trim_ascii_start().len());
        let end = start + piece[start..end].trim_ascii_end().len();
        if end - start < 3 {
            return;
        }
        if self.is_secret
            && let Some(treatment) = decide(cx, &self.element)
        {
            let value = Escapes::Xml.undone(&piece[start..end]);
            if treatment.takes(&value) {
                let kind = Cow::Borrowed(treatment.kind);
                found.push(Found { range: start..end, kind, how: treatment.how, form: Form::Bare });
                return;
            }
        }
        if self.of_pair(cx, piece, (start, end), found) {
            return;
        }
        let within = Within { text: piece, start, end, escapes: Escapes::Xml, is_id: is_id(&self.element) };
        (cx.contents)(cx, within, found);
        let named = Pair::named(&self.element, &piece[start..end]);
        self.pair = named.filter(|pair| decide(cx, &pair.name).is_some());
    }

    /// Text behind a secret's name in an element before: returns whether it is the secret.
    fn of_pair<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        (start, end): (usize, usize),
        found: &mut Vec<Found<'s>>,
    ) -> bool {
        let Some(pair) = self.pair.take().filter(|pair| pair.has_value_in(&self.element)) else {
            return false;
        };
        let Some(treatment) = decide(cx, &pair.name) else { return false };
        let range = unquoted(piece, (start, end));
        let is_secret = pair.takes(&treatment, &Escapes::Xml.undone(&piece[range.clone()]));
        if is_secret {
            let kind = Cow::Borrowed(treatment.kind);
            found.push(Found { range, kind, how: treatment.how, form: Form::Bare });
        }
        is_secret
    }

    fn tag<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        (start, end): (usize, usize),
        found: &mut Vec<Found<'s>>,
    ) {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
        let name = start + 1;
        let name_end = name + piece[name..end].iter().take_while(|byte| is_part(byte)).count();
        self.element.clear();
        self.is_secret = false;
        if name_end == name {
            return;
        }
        self.element.extend_from_slice(local(&piece[name..name_end]));
        if self.pair.as_ref().is_some_and(|pair| pair.is_over(&self.element)) {
            self.pair = None;
        }
        self.is_secret = decide(cx, &self.element).is_some();
        let attributes = attributes(piece, (name_end, end));
        let mut names = attributes.iter().filter(|(name, _)| {
            matches!(local(&piece[name.clone()]), b"name" | b"key" | b"id" | b"property")
        });
        let by_name = names.find_map(|(_, value)| decide(cx, &Escapes::Xml.undone(&piece[value.clone()])));
        for (name, value) in &attributes {
            let is_value = matches!(local(&piece[name.clone()]), b"value" | b"content" | b"data-value");
            let treatment = if is_value { by_name } else { decide(cx, local(&piece[name.clone()])) };
            let text = Escapes::Xml.undone(&piece[value.clone()]);
            if let Some(treatment) = treatment.filter(|treatment| treatment.takes(&text)) {
                let kind = Cow::Borrowed(treatment.kind);
                found.push(Found { range: value.clone(), kind, how: treatment.how, form: Form::Bare });
            } else if value.len() >= 6 {
                let within = Within {
                    text: piece,
                    start: value.start,
                    end: value.end,
                    escapes: Escapes::Xml,
                    is_id: is_id(&piece[name.clone()]),
                };
                (cx.contents)(cx, within, found);
            }
        }
    }
}

/// A name without its prefix.
fn local(name: &[u8]) -> &[u8] {
    memchr::memrchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

fn decide<'s>(cx: &mut Cx<'_, 's>, name: &[u8]) -> Option<Treatment<'s>> {
    if name == b"SignatureValue" {
        return Some(Treatment::new("signature", How::Seal));
    }
    match cx.redactor.names.decide(cx.on, Place::Json, name) {
        Decision::Replace(treatment) => Some(treatment),
        Decision::Keep | Decision::Look => None,
    }
}

/// The length of the tag with which `rest` begins.
fn end_of_tag(rest: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', rest.get(at..)?)?;
        match rest[at] {
            b'>' => return Some(at + 1),
            quote if rest[at - 1] == b'=' => at += 2 + memchr::memchr(quote, rest.get(at + 1..)?)?,
            _ => at += 1,
        }
    }
}

/// The attributes' names and values in a tag, behind its name.
fn attributes(
    piece: &[u8],
    (mut at, end): (usize, usize),
) -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    while let Some(equals) = memchr::memchr(b'=', &piece[at..end]).map(|equals| at + equals) {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
        let name = equals - piece[at..equals].iter().rev().take_while(|byte| is_part(byte)).count();
        let from = equals + 1;
        let (start, stop) = match piece.get(from) {
            Some(quote @ (b'"' | b'\'')) => (
                from + 1,
                memchr::memchr(*quote, &piece[from + 1..end]).map_or(end - 1, |stop| from + 1 + stop),
            ),
            _ => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
                (from, piece[from..end].iter().position(ends).map_or(end, |stop| from + stop))
            }
        };
        if name < equals {
            found.push((name..equals, start.min(stop)..stop));
        }
        at = (stop + 1).min(end);
    }
    found
}
