//! Forms (`application/x-www-form-urlencoded`): names and values, field by field.

use super::cx::{Cx, Form as Around, Found, Within, is_id};
use super::escapes::Escapes;
use crate::names::{Decision, Place};
use std::borrow::Cow;

/// Goes through whole fields, and returns up to where.
pub(super) fn scan<'s>(cx: &mut Cx<'_, 's>, text: &[u8], last: bool, found: &mut Vec<Found<'s>>) -> usize {
    let mut at = 0;
    while at < text.len() {
        let end = match memchr::memchr(b'&', &text[at..]) {
            Some(end) => at + end,
            None if last => text.len(),
            None => return at,
        };
        field(cx, text, (at, end), found);
        at = (end + 1).min(text.len());
    }
    at
}

fn field<'s>(cx: &mut Cx<'_, 's>, text: &[u8], (start, end): (usize, usize), found: &mut Vec<Found<'s>>) {
    let (name, from) = match memchr::memchr(b'=', &text[start..end]) {
        Some(equals) => (Escapes::Form.undone(&text[start..start + equals]), start + equals + 1),
        None => (Cow::Borrowed(&b""[..]), start),
    };
    // White space around a body is none of its last value.
    let end = from + text[from..end].trim_ascii_end().len();
    match decide(cx, &name) {
        Decision::Keep => return,
        Decision::Replace(treatment) => {
            let value = Escapes::Form.undone(&text[from..end]);
            if treatment.takes(&value) {
                let kind = Cow::Borrowed(treatment.kind);
                found.push(Found { range: from..end, kind, how: treatment.how, form: Around::Bare });
                return;
            }
        }
        Decision::Look => {}
    }
    if end - from >= 6 {
        (cx.contents)(
            cx,
            Within { text, start: from, end, escapes: Escapes::Form, is_id: is_id(&name) },
            found,
        );
    }
}

/// The decision about a field; of `user[password]`, the inner name decides as well.
pub(super) fn decide<'s>(cx: &mut Cx<'_, 's>, name: &[u8]) -> Decision<'s> {
    let decision = cx.redactor.names.decide(cx.on, Place::Form, name);
    if decision != Decision::Look || !name.ends_with(b"]") {
        return decision;
    }
    let mut parts = name.split(|byte| matches!(byte, b'[' | b']')).filter(|part| !part.is_empty());
    let named = parts.rfind(|part| !part.iter().all(u8::is_ascii_digit)).unwrap_or_default();
    cx.redactor.names.decide(cx.on, Place::Form, named)
}
