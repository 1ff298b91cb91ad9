//! JSON, one or many documents: a scanner that goes on where the last piece ended. It builds nothing: it knows where it
//! is, and finds the values whose names or places say that they are secret.

mod plain;
mod silent;

use std::borrow::Cow;

use super::cx::{Cx, Form, Found, Within};
use super::escapes::Escapes;
use super::json_place::{Frame, Member, Owned};
use super::json_syntax::{self, Ahead, Word, behind_white, end_of_string, is_header, pair_name, prefix};
use super::text;
use crate::names::Place;

/// Documents are nested so deep, at most; below, nothing is known of names.
const DEEPEST: usize = 512;
/// Quotation marks as documents in strings of documents need them.
pub(super) const QUOTES: [&str; 4] = ["\"", "\\\"", "\\\\\\\"", "\\\\\\\\\\\\\\\""];

/// The state between two pieces.
#[derive(Debug, Default)]
pub(super) struct Json {
    frames: Vec<Frame>,
    member: Member,
    has_begun: bool,
    /// True if no JSON follows.
    is_text: bool,
    /// True if the rest of a string follows that is too long to be looked at as a whole.
    is_long: bool,
}

/// The outcome of a step.
enum Step {
    /// It goes on there.
    At(usize),
    /// More is needed.
    More,
    /// It is no JSON.
    Broken,
}

impl Json {
    /// Goes through a piece, and returns up to where it could. The rest comes again, with more behind it.
    pub(super) fn scan<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> usize {
        let mut at = 0;
        if !self.has_begun {
            at = prefix(piece);
            self.has_begun = true;
            self.member = Member::root(cx);
            if last && self.member.is_plain() && silent::is_silent(cx, piece) {
                return piece.len();
            }
        }
        while !self.is_text {
            let Some(byte) = piece.get(at) else { return at };
            let step = match byte {
                _ if self.is_long => self.long(cx, (piece, at), last, found),
                b' ' | b'\t' | b'\r' | b'\n' | 0x1e => Step::At(behind_white(piece, at + 1)),
                b'"' => match self.plain(cx, (piece, at), found) {
                    Some(next) => Step::At(next),
                    None => self.string(cx, (piece, at), last, found),
                },
                b'{' | b'[' => {
                    self.open(cx, *byte == b'{');
                    Step::At(at + 1)
                }
                b'}' | b']' => {
                    self.close(cx);
                    Step::At(at + 1)
                }
                b',' => {
                    self.comma();
                    Step::At(at + 1)
                }
                b':' => Step::At(at + 1),
                _ => match self.plain(cx, (piece, at), found) {
                    Some(next) => Step::At(next),
                    None => self.word(cx, (piece, at), last, found),
                },
            };
            match step {
                Step::At(next) => at = next,
                Step::More => return at,
                Step::Broken => self.is_text = true,
            }
        }
        text::scan(cx, piece, at, last, found)
    }

    fn open(&mut self, cx: &mut Cx<'_, '_>, is_object: bool) {
        self.element(cx);
        let root = Member::root(cx);
        let member = std::mem::replace(&mut self.member, root);
        if self.frames.len() < DEEPEST {
            self.frames.push(Frame::within(member, is_object));
            self.next();
        }
    }

    fn close(&mut self, cx: &Cx<'_, '_>) {
        self.frames.pop();
        self.member = Member::root(cx);
    }

    fn comma(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.index += 1;
            frame.expects_key = frame.is_object;
            self.next();
        }
    }

    /// An array's next element.
    fn next(&mut self) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| !frame.is_object) {
            frame.is_due = true;
        }
    }

    /// Decides about the value that comes next in an array: not before there is one.
    #[inline]
    fn element(&mut self, cx: &mut Cx<'_, '_>) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.is_due) {
            frame.is_due = false;
            let (position, decision) = cx.redactor.names.element(frame.position, frame.index);
            self.member = Member::of(position, decision, frame);
            if frame.index == 1
                && let Some(pair) = &frame.pair
            {
                self.member.secret.get_or_insert_with(|| pair.clone());
            }
            self.member.names_pair = frame.index == 0;
        }
    }

    /// A number or a literal.
    fn word<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        (piece, at): (&[u8], usize),
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> Step {
        let Word { end, is_number } = json_syntax::word(piece, at);
        if end == piece.len() && !last {
            return if end - at > 400 { Step::Broken } else { Step::More };
        }
        let word = &piece[at..end];
        if !is_number {
            let is_literal = matches!(word, b"true" | b"false" | b"null");
            return if is_literal { Step::At(end) } else { Step::Broken };
        }
        self.element(cx);
        if self.member.secret.is_none() && end - at < 9 {
            return Step::At(end);
        }
        let quote = QUOTES[cx.depth.min(QUOTES.len() - 1)];
        if let Some((kind, how)) = self.member.secret(word) {
            found.push(Found { range: at..end, kind, how, form: Form::Number(quote) });
        } else if end - at >= 9 && !self.member.is_kept() {
            let before = found.len();
            cx.detect(piece, (at, end), self.member.is_id, found);
            found.truncate(found.len().min(before + 1));
            if let Some(found) = found.get_mut(before) {
                (found.range, found.form) = (at..end, Form::Number(quote));
            }
        }
        Step::At(end)
    }

    fn string<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        (piece, at): (&[u8], usize),
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> Step {
        let start = at + 1;
        let is_key = self.frames.last().is_some_and(|frame| frame.expects_key);
        match end_of_string(piece, start) {
            Some((end, escaped)) if is_key => self.key(cx, (piece, start, end), escaped, last),
            Some((end, escaped)) => {
                let escapes = if escaped { Escapes::Json } else { Escapes::None };
                self.value(cx, (piece, start, end), escapes, found);
                Step::At(end + 1)
            }
            None if last && is_key => Step::Broken,
            // It was cut off.
            None if last => {
                self.value(cx, (piece, start, piece.len()), Escapes::Json, found);
                Step::At(piece.len())
            }
            None if !is_key && piece.len() - start >= text::LONGEST => {
                self.element(cx);
                self.is_long = self.member.secret.is_none();
                if self.is_long { Step::At(start) } else { Step::More }
            }
            None => Step::More,
        }
    }

    /// A string that is a value.
    fn value<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        (piece, start, end): (&[u8], usize, usize),
        escapes: Escapes,
        found: &mut Vec<Found<'s>>,
    ) {
        self.element(cx);
        if self.member.is_kept() {
            return;
        }
        let raw = &piece[start..end];
        if self.member.secret.is_some()
            && let Some((kind, how)) = self.member.secret(&escapes.undone(raw))
        {
            let quote = QUOTES[cx.depth.min(QUOTES.len() - 1)].len();
            let form = if end + quote <= piece.len() { Form::String(quote) } else { Form::Bare };
            found.push(Found { range: start..end, kind, how, form });
            return;
        }
        if self.member.names_pair
            && let Some(frame) = self.frames.last_mut()
        {
            let value = escapes.undone(raw);
            let place = if frame.is_object { Place::Json } else { Place::Header };
            // Lists of names are no pairs; lists of headers are.
            let is_pair = frame.is_object || is_header(&value);
            let decision = is_pair.then(|| cx.redactor.names.decide(cx.on, place, &value));
            frame.pair = decision.and_then(Owned::of);
        }
        let is_plain = escapes == Escapes::None && cx.is_plain(piece, (start, end));
        if raw.len() >= 6 && !is_plain {
            let is_id = self.member.is_id;
            (cx.contents)(cx, Within { text: piece, start, end, escapes, is_id }, found);
        }
    }

    /// More of a string that is too long: it is text, as it stands there.
    fn long<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        (piece, at): (&[u8], usize),
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> Step {
        match end_of_string(piece, at) {
            Some((end, _)) => {
                self.is_long = false;
                cx.detect(piece, (at, end), false, found);
                Step::At(end + 1)
            }
            None if last => Step::Broken,
            None if piece.len() - at >= text::LONGEST => Step::At(text::part(cx, piece, at, found)),
            None => Step::More,
        }
    }

    /// A member's name, and what it says about the value.
    fn key(
        &mut self,
        cx: &mut Cx<'_, '_>,
        (piece, start, end): (&[u8], usize, usize),
        escaped: bool,
        last: bool,
    ) -> Step {
        let name = &piece[start..end];
        let name = if escaped { Escapes::Json.undone(name) } else { Cow::Borrowed(name) };
        let Some(frame) = self.frames.last_mut() else { return Step::Broken };
        let known = cx.redactor.names.member(cx.on, frame.position, &name);
        let is_value = known.2.is_pair_value;
        if is_value && frame.pair.is_none() {
            match pair_name(&piece[end + 1..]) {
                Ahead::More if !last => return Step::More,
                Ahead::Name(name) => {
                    let name = Escapes::Json.undone(name);
                    let decision = cx.redactor.names.decide(cx.on, Place::Json, &name);
                    frame.pair = Owned::of(decision);
                }
                Ahead::More | Ahead::Nothing => {}
            }
        }
        frame.expects_key = false;
        self.member = Member::named(known, frame, &name);
        if is_value && let Some(pair) = &frame.pair {
            self.member.secret.get_or_insert_with(|| pair.clone());
        }
        Step::At(end + 1)
    }
}
