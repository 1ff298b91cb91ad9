//! Texts in bodies, as a member's or a field's value: a document of its own, in base64 perhaps, or text with secrets by
//! their shape.

use std::borrow::Cow;

use ::base64::Engine as _;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::cx::{Cx, DEEPEST, Form, Found, Within};
use super::escapes::Escapes;
use super::first_look::{SHORTEST, is_text, may_be_base64_of_text};
use super::json::Json;
use super::xml::Xml;
use crate::heads::asks;
use crate::names::{Decision, Place, is_random};

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&::base64::alphabet::STANDARD, CONFIG);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&::base64::alphabet::URL_SAFE, CONFIG);
/// Finds the secrets in a piece of a body.
pub(super) fn contents<'s>(cx: &mut Cx<'_, 's>, within: Within<'_>, found: &mut Vec<Found<'s>>) {
    let Within { text, start, end, escapes, is_id } = within;
    let raw = &text[start..end];
    let undone = escapes.undone(raw);
    let is_plain = matches!(undone, Cow::Borrowed(_));
    if let Some(inner) = document(cx, &undone) {
        found.extend(inner.into_iter().map(|inner| moved(inner, raw, start, escapes)));
        return;
    }
    if let Some(coded) = in_base64(cx, &undone) {
        found.push(Found { range: start..end, form: Form::Bare, ..coded });
        return;
    }
    let before = found.len();
    let parameters = parameters(cx, &undone);
    if is_plain {
        cx.detect(text, (start, end), is_id, found);
    } else {
        let mut inner = Vec::new();
        cx.detect_apart(&undone, is_id, &mut inner);
        found.extend(inner.into_iter().map(|inner| moved(inner, raw, start, escapes)));
    }
    if !parameters.is_empty() {
        found.extend(parameters.into_iter().map(|inner| moved(inner, raw, start, escapes)));
        found[before..].sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
    }
    if cx.depth < DEEPEST && is_escaped_again(&undone) {
        let again = Escapes::Form.undone(&undone);
        let mut inner = Vec::new();
        cx.detect_apart(&again, is_id, &mut inner);
        let inner = inner.into_iter().map(|inner| moved(inner, &undone, 0, Escapes::Form));
        found.extend(inner.map(|inner| moved(inner, raw, start, escapes)));
        found[before..].sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
    }
}

/// The secrets among the parameters of a URL that is all of `text`, and the token at the end of its path.
fn parameters<'s>(cx: &mut Cx<'_, 's>, text: &[u8]) -> Vec<Found<'s>> {
    let mut found = Vec::new();
    if !text.starts_with(b"http") && !text.starts_with(b"ws") || text.contains(&b' ') {
        return found;
    }
    let sign = memchr::memchr2(b'?', b'#', text).unwrap_or(text.len());
    if memchr::memmem::find(&text[..sign], b"://").is_none() {
        return found;
    }
    let last = memchr::memrchr(b'/', &text[..sign]).unwrap_or(0);
    let before = memchr::memrchr(b'/', &text[..last]).map_or(last, |at| at + 1);
    if asks(&text[before..last])
        && is_random(&text[last + 1..sign], SHORTEST)
        && let Decision::Replace(treatment) = cx.redactor.names.decide(cx.on, Place::Query, b"token")
    {
        let kind = Cow::Borrowed(treatment.kind);
        found.push(Found { range: last + 1..sign, kind, how: treatment.how, form: Form::Bare });
    }
    let mut from = sign + 1;
    while from < text.len() {
        let end = memchr::memchr2(b'&', b'#', &text[from..]).map_or(text.len(), |end| from + end);
        if let Some(equals) = memchr::memchr(b'=', &text[from..end]).map(|at| from + at)
            && let Decision::Replace(treatment) =
                cx.redactor.names.decide(cx.on, Place::Query, &Escapes::Form.undone(&text[from..equals]))
            && treatment.takes(&Escapes::Form.undone(&text[equals + 1..end]))
        {
            let kind = Cow::Borrowed(treatment.kind);
            found.push(Found { range: equals + 1..end, kind, how: treatment.how, form: Form::Bare });
        }
        from = end + 1;
    }
    found
}

/// A find in a text without escapes, at its place in the text with them.
fn moved<'s>(found: Found<'s>, raw: &[u8], start: usize, escapes: Escapes) -> Found<'s> {
    let place = escapes.place(raw, &found.range);
    let form = match (escapes, found.form) {
        (Escapes::Form, Form::Number(_)) => Form::Number("%22"),
        (Escapes::Xml, Form::Number(_)) => Form::Number("&quot;"),
        (Escapes::Form | Escapes::Xml, Form::String(_)) => Form::Bare,
        (_, form) => form,
    };
    Found { range: start + place.start..start + place.end, form, ..found }
}

/// Returns whether quotation marks, `=` or `:` are escaped as in URLs.
fn is_escaped_again(text: &[u8]) -> bool {
    memchr::memchr_iter(b'%', text).any(|at| {
        matches!(text[at + 1..], [b'2', b'2', ..] | [b'3', b'D' | b'A' | b'd' | b'a', ..] | [b'7', ..])
    })
}

/// The secrets of a document within a document; `None` if `text` is none.
fn document<'s>(cx: &mut Cx<'_, 's>, text: &[u8]) -> Option<Vec<Found<'s>>> {
    let trimmed = text.trim_ascii();
    if cx.depth >= DEEPEST || trimmed.len() < 8 {
        return None;
    }
    match (trimmed[0], trimmed[trimmed.len() - 1]) {
        (b'{', b'}') | (b'[', b']') => Some(cx.within(text, |cx, found| {
            Json::default().scan(cx, text, true, found);
        })),
        (b'<', b'>') => Some(cx.within(text, |cx, found| {
            Xml::default().scan(cx, text, true, found);
        })),
        _ if text.starts_with(b"%7B") || text.starts_with(b"%7b") || text.starts_with(b"%5B") => {
            let undone = Escapes::Form.undone(text);
            let found = document(cx, &undone)?;
            Some(found.into_iter().map(|found| moved(found, text, 0, Escapes::Form)).collect())
        }
        _ => None,
    }
}

/// Base64 of a text with secrets, if it stands there: all of it is to be replaced, by the kind of the first.
fn in_base64<'s>(cx: &mut Cx<'_, 's>, text: &[u8]) -> Option<Found<'s>> {
    if cx.depth >= DEEPEST || !may_be_base64_of_text(text) {
        return None;
    }
    let engine = if memchr::memchr2(b'-', b'_', text).is_some() { URL_SAFE } else { STANDARD };
    let decoded = engine.decode(text).ok().filter(|decoded| decoded.iter().all(|byte| is_text(*byte)))?;
    let mut inner = match document(cx, &decoded) {
        Some(found) => found,
        None => {
            let mut found = Vec::new();
            cx.detect_apart(&decoded, false, &mut found);
            found
        }
    };
    (!inner.is_empty()).then(|| inner.swap_remove(0))
}
