//! JSON documents: a line for each, or behind record separators.

use serde::Deserialize;

use super::piece::{End, Piece, Step};

const RECORD_SEPARATOR: u8 = 0x1e;
/// The longest document that is looked into for its type.
const LOOKED_INTO: usize = 256 << 10;
/// The longest type that is taken for one.
const LONGEST_TYPE: usize = 64;

/// The first document.
pub(super) fn next(bytes: &[u8], end: End) -> Step {
    let is_between = |byte: &&u8| matches!(**byte, RECORD_SEPARATOR) || byte.is_ascii_whitespace();
    let between = bytes.iter().take_while(is_between).count();
    let is_sequence = bytes[..between].contains(&RECORD_SEPARATOR);
    let rest = &bytes[between..];
    // A document's place is that of the separator before it, which says how it ends; else that of its first byte.
    let place = memchr::memrchr(RECORD_SEPARATOR, &bytes[..between]).unwrap_or(between);
    if place > 0 {
        return Step::Skip(place);
    }
    if rest.is_empty() {
        return if end == End::Open { Step::More } else { Step::Skip(between) };
    }
    let found = match is_sequence {
        true => memchr::memchr(RECORD_SEPARATOR, rest),
        false => memchr::memchr3(b'\n', b'\r', RECORD_SEPARATOR, rest),
    };
    let length = match found {
        Some(length) => length,
        None if end == End::Open => return Step::More,
        None => rest.len(),
    };
    let document = rest[..length].trim_ascii();
    let is_whole = found.is_some() || end == End::Whole;
    Step::Message(
        between + length,
        Piece { is_whole, ..Piece::new(kind(document), document) }.of_type("application/json"),
    )
}

/// The type that a document names, as Kubernetes, Docker and others do; else that of its value.
fn kind(document: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(alias = "Type", alias = "event")]
        r#type: Option<String>,
    }
    let is_object = document.first() == Some(&b'{') && document.len() <= LOOKED_INTO;
    let typed = is_object.then(|| serde_json::from_slice::<Typed>(document).ok()?.r#type).flatten();
    if let Some(named) = typed.filter(|named| (1..=LONGEST_TYPE).contains(&named.len())) {
        return named;
    }
    let kind = match document.first() {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b'-' | b'0'..=b'9') => "number",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        _ => "text",
    };
    kind.to_owned()
}
