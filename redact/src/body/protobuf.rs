//! Protocol buffers without their schema: strings in messages within messages. Lengths are written again where a secret
//! was replaced.

use super::cx::{Cx, Within};
use super::escapes::Escapes;

/// Messages within messages are gone through so deep.
const DEEPEST: usize = 16;

/// A field: where its tag, its value's content and its end are.
struct Field {
    tag_end: usize,
    start: usize,
    end: usize,
    /// True if its content has a length.
    is_bytes: bool,
}

/// `message` with its secrets replaced; `None` if there are none, or it is no message.
pub(super) fn redact(cx: &mut Cx<'_, '_>, message: &[u8], depth: usize) -> Option<Vec<u8>> {
    if depth > DEEPEST || !is_message(message) {
        return None;
    }
    let (mut at, mut copied, mut out) = (0, 0, Vec::new());
    while let Some(field) = field(message, at) {
        at = field.end;
        if !field.is_bytes || field.end - field.start < 4 {
            continue;
        }
        if let Some(content) = content(cx, &message[field.start..field.end], depth) {
            out.extend_from_slice(&message[copied..field.tag_end]);
            varint(content.len() as u64, &mut out);
            out.extend_from_slice(&content);
            copied = field.end;
        }
    }
    (copied > 0).then(|| {
        out.extend_from_slice(&message[copied..]);
        out
    })
}

/// The content of one field, replaced: a text, a message, or bytes with texts inside.
fn content(cx: &mut Cx<'_, '_>, content: &[u8], depth: usize) -> Option<Vec<u8>> {
    let is_text = std::str::from_utf8(content).is_ok_and(|text| !text.chars().any(is_control));
    if is_text || !is_message(content) {
        return text(cx, content);
    }
    redact(cx, content, depth + 1)
}

/// A text with its secrets replaced, as a document if it is one.
pub(super) fn text(cx: &mut Cx<'_, '_>, text: &[u8]) -> Option<Vec<u8>> {
    match cx.redactor.forged(text) {
        Some(text) => scanned(cx, &text).or(Some(text)),
        None => scanned(cx, text),
    }
}

fn scanned(cx: &mut Cx<'_, '_>, text: &[u8]) -> Option<Vec<u8>> {
    let found = cx.within(text, |cx, found| {
        cx.depth -= 1;
        let within = Within { text, start: 0, end: text.len(), escapes: Escapes::None, is_id: false };
        (cx.contents)(cx, within, found);
        cx.depth += 1;
    });
    cx.replaced(text, text.len(), &found)
}

fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

/// Returns whether bytes can be a message: fields to their end.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        match field(bytes, at) {
            Some(field) => at = field.end,
            None => return false,
        }
    }
    !bytes.is_empty()
}

fn field(bytes: &[u8], at: usize) -> Option<Field> {
    let (tag, tag_end) = read_varint(bytes, at)?;
    let number = tag >> 3;
    if number == 0 || number > 0x1fff_ffff {
        return None;
    }
    let fixed = |length: usize| {
        let end = tag_end.checked_add(length).filter(|end| *end <= bytes.len())?;
        Some(Field { tag_end, start: tag_end, end, is_bytes: false })
    };
    match tag & 7 {
        0 => {
            let (_, end) = read_varint(bytes, tag_end)?;
            Some(Field { tag_end, start: tag_end, end, is_bytes: false })
        }
        1 => fixed(8),
        2 => {
            let (length, start) = read_varint(bytes, tag_end)?;
            let end = start.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= bytes.len())?;
            Some(Field { tag_end, start, end, is_bytes: true })
        }
        // Groups: their fields lie between two tags.
        3 | 4 => fixed(0),
        5 => fixed(4),
        _ => None,
    }
}

fn read_varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 127).checked_shl(u32::try_from(index).ok()? * 7)?;
        if byte & 128 == 0 {
            return Some((value, at + index + 1));
        }
    }
    None
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 128 {
        out.push(u8::try_from(value & 127).unwrap_or_default() | 128);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}
