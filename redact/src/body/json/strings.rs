//! Strings: names of members, and values.

use std::borrow::Cow;

use super::super::cx::{Cx, Form, Found, Within};
use super::super::escapes::Escapes;
use super::super::json_place::{Member, Owned};
use super::super::json_syntax::{Ahead, end_of_string, is_header, pair_name};
use super::super::text;
use super::{Json, QUOTES, Step};
use crate::names::Place;

impl Json {
    /// A string: a member's name, or a value.
    pub(super) fn string<'s>(
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
            frame.pair = None;
            if frame.is_object {
                frame.pair_name = Some((start..end, escapes));
            } else {
                // Lists of names are no pairs; lists of headers are.
                let value = escapes.undone(raw);
                let is_pair = is_header(&value);
                let decision = is_pair.then(|| cx.redactor.names.decide(cx.on, Place::Header, &value));
                frame.pair = decision.and_then(Owned::of);
            }
        }
        let is_plain = escapes == Escapes::None && cx.is_plain(piece, (start, end));
        if raw.len() >= 6 && !is_plain {
            let is_id = self.member.is_id;
            (cx.contents)(cx, Within { text: piece, start, end, escapes, is_id }, found);
        }
    }

    /// More of a string that is too long: it is text, as it stands there.
    pub(super) fn long<'s>(
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
        if is_value {
            frame.decide_pair(cx, piece);
        }
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
