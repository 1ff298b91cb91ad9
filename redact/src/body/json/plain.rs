//! Members and elements that say nothing of secrets, which most are: passed without a note of each.
//!
//! A member that is passed here leaves the state that the steps of the scanner come to. One that needs more than a
//! look is left to them.

use std::ops::Range;

use super::super::cx::{Cx, Found, Within};
use super::super::escapes::Escapes;
use super::super::json_place::{Frame, Member};
use super::super::json_syntax::{Word, behind_white, end_of_string, is_header, word};
use super::Json;
use crate::names::Uses;

/// A member that was passed.
struct Passed {
    /// Where its value ends; where it begins, if that is an object or array.
    end: usize,
    is_open: bool,
    uses: Uses,
    /// Where a pair's name stands, if it is one.
    pair_name: Option<Range<usize>>,
}

/// The names that a value can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// None.
    Nothing,
    /// A pair's.
    Pair,
    /// A header's.
    Header,
}

impl Json {
    /// Passes members or elements from `at` on; `None` if there are none to be passed.
    #[inline]
    pub(super) fn plain<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        (piece, at): (&[u8], usize),
        found: &mut Vec<Found<'s>>,
    ) -> Option<usize> {
        let frame = self.frames.last_mut().filter(|frame| frame.says_nothing())?;
        let (passed, member) = if frame.is_object {
            members(cx, frame, (piece, at), found)?
        } else {
            elements(cx, frame, (piece, at), found)?
        };
        self.member = member;
        Some(passed)
    }
}

/// Passes members of the object `frame`. Where it ends, and the last that was passed.
fn members<'s>(
    cx: &mut Cx<'_, 's>,
    frame: &mut Frame,
    (piece, mut at): (&[u8], usize),
    found: &mut Vec<Found<'s>>,
) -> Option<(usize, Member)> {
    let mut last = None;
    while frame.expects_key
        && let Some(Passed { end, is_open, uses, pair_name }) = member(cx, (piece, at), found)
    {
        if let Some(name) = pair_name {
            frame.pair_name = Some((name, Escapes::None));
        }
        (at, last) = (end, Some(uses));
        frame.expects_key = false;
        if !is_open && piece.get(end) == Some(&b',') {
            let next = behind_white(piece, end + 1);
            if piece.get(next) == Some(&b'"') {
                (at, frame.expects_key) = (next, true);
            }
        }
    }
    last.map(|uses| (at, Member::plain(uses.is_pair_name, uses.is_id)))
}

#[inline]
fn member<'s>(
    cx: &mut Cx<'_, 's>,
    (piece, at): (&[u8], usize),
    found: &mut Vec<Found<'s>>,
) -> Option<Passed> {
    let (end, escaped) = end_of_string(piece, at + 1).filter(|_| piece[at] == b'"')?;
    if escaped || piece.get(end + 1) != Some(&b':') {
        return None;
    }
    let uses = cx.redactor.names.silent(cx.on, &piece[at + 1..end]).filter(|uses| !uses.is_pair_value)?;
    let value = end + 2 + usize::from(piece.get(end + 2) == Some(&b' '));
    let is_open = matches!(piece.get(value)?, b'{' | b'[');
    let named = if uses.is_pair_name { Named::Pair } else { Named::Nothing };
    let end = if is_open { value } else { scalar(cx, (piece, value), (named, uses.is_id), found)? };
    let pair_name = (named == Named::Pair && piece[value] == b'"').then(|| value + 1..end - 1);
    Some(Passed { end, is_open, uses, pair_name })
}

/// Passes elements of the array `frame`. Where it ends, and the last that was passed.
fn elements<'s>(
    cx: &mut Cx<'_, 's>,
    frame: &mut Frame,
    (piece, mut at): (&[u8], usize),
    found: &mut Vec<Found<'s>>,
) -> Option<(usize, Member)> {
    let mut last = None;
    while frame.is_due && at < piece.len() {
        let is_first = frame.index == 0;
        let named = if is_first { Named::Header } else { Named::Nothing };
        let Some(end) = scalar(cx, (piece, at), (named, false), found) else { break };
        (at, last) = (end, Some(is_first));
        frame.is_due = false;
        if piece.get(end) == Some(&b',') {
            at = behind_white(piece, end + 1);
            frame.index += 1;
            frame.is_due = true;
        }
    }
    last.map(|is_first| (at, Member::plain(is_first, false)))
}

/// Passes a string, number or literal at `at`, whose secrets by their shape are found; returns where it ends.
#[inline]
fn scalar<'s>(
    cx: &mut Cx<'_, 's>,
    (piece, at): (&[u8], usize),
    (named, is_id): (Named, bool),
    found: &mut Vec<Found<'s>>,
) -> Option<usize> {
    match piece[at] {
        b'"' => {
            let (end, escaped) = end_of_string(piece, at + 1)?;
            let raw = &piece[at + 1..end];
            if named != Named::Nothing && (escaped || named == Named::Header && is_header(raw)) {
                return None;
            }
            let escapes = if escaped { Escapes::Json } else { Escapes::None };
            if raw.len() >= 6 && (escaped || !cx.is_plain(piece, (at + 1, end))) {
                (cx.contents)(cx, Within { text: piece, start: at + 1, end, escapes, is_id }, found);
            }
            Some(end + 1)
        }
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
            let Word { end, is_number } = word(piece, at);
            let is_plain = match &piece[at..end] {
                number if is_number => number.len() < 9 || cx.has_nothing((at, end)),
                literal => matches!(literal, b"true" | b"false" | b"null"),
            };
            (is_plain && end < piece.len()).then_some(end)
        }
        _ => None,
    }
}
