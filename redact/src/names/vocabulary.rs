//! Names that say that their value is a secret.
//!
//! The last words of a name say what it names: `token_type` is a type, `client_secret` is a secret. Words before them can
//! say that it is none of ours: `page_token`, `public_key`.

mod exact;
mod jammed;
mod nouns;

use super::decision::Place;
use super::treatment::Shape;
use super::words::Words;
use crate::how::How;

/// The secrets that a name gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class {
    /// The kind that stands in placeholders.
    pub(super) kind: &'static str,
    /// How they are replaced where no rule says otherwise.
    pub(super) how: How,
    /// The values that are secrets.
    pub(super) shape: Shape,
}

/// Words behind the noun that leave it what it is: `password_confirmation`, `token_value`.
fn is_behind(word: &str) -> bool {
    matches!(
        word,
        "again"
            | "b64"
            | "bin"
            | "base"
            | "base64"
            | "confirm"
            | "confirmation"
            | "confirmed"
            | "current"
            | "enc"
            | "encrypted"
            | "hex"
            | "new"
            | "old"
            | "pem"
            | "plain"
            | "plaintext"
            | "raw"
            | "repeat"
            | "repeated"
            | "retype"
            | "str"
            | "string"
            | "text"
            | "value"
            | "binary"
    )
}

/// The secrets that `name` in `place` gives away.
pub(super) fn class(place: Place, name: &[u8]) -> Option<Class> {
    let class = any(place, name)?;
    match class.shape {
        Shape::Any if place != Place::Json => Some(Class { shape: Shape::Filled, ..class }),
        _ => Some(class),
    }
}

fn any(place: Place, name: &[u8]) -> Option<Class> {
    if name.is_empty() {
        return None;
    }
    if let Some(found) = exact::class(place, name) {
        return found;
    }
    let mut words = Words::of(name);
    if let Some(found) = nouns::of_two(place, &words) {
        return Some(found);
    }
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    while words.len() > 1 && (is_behind(words.nth_last(0)) || is_number(words.nth_last(0))) {
        words.pop();
    }
    nouns::class(place, &words).or_else(|| jammed::class(place, &words))
}

/// Returns whether `word` is one of those in `list`, between spaces.
fn one_of(list: &str, word: &str) -> bool {
    list.split(' ').any(|other| other == word)
}

/// A secret that is sealed.
const fn sealed(kind: &'static str, shape: Shape) -> Option<Class> {
    Some(Class { kind, how: How::Seal, shape })
}

/// A secret that is masked.
const fn masked(kind: &'static str, shape: Shape) -> Option<Class> {
    Some(Class { kind, how: How::Mask, shape })
}
