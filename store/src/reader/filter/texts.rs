//! Conditions on a text that SQL has.
//!
//! The filter ignores the case of letters, and so do `lower()` and `holds()`, which know those of ASCII only: an ASCII word
//! is found by all alike ([`dashcam_filter::fold`]). Positions are counted in bytes, because SQL's own end at a NUL.

use dashcam_filter::{Text, fold};

use super::bound::{Bound, Bounds};

/// One of `texts` holds for `expression`, which may be NULL.
pub(super) fn any(expression: &str, texts: &[Text]) -> Bounds {
    Bounds::or(texts.iter().map(|text| one(expression, text)).collect())
}

/// The text is there, and not empty.
pub(super) fn present(expression: &str) -> Bounds {
    Bounds::exact(Bound::plain(format!("coalesce({expression}, '') <> ''")))
}

fn one(expression: &str, text: &Text) -> Bounds {
    match text {
        Text::Contains(word) => contains(expression, word),
        Text::Exact(whole) => {
            Bounds::exact(Bound::sql(format!("coalesce({expression} = ?, 0)"), [whole.as_str()]))
        }
        Text::Glob(pieces) => glob(expression, pieces),
        Text::Regex(_) | Text::Number(_) | Text::Network(_) => {
            Bounds::at_most(Bound::plain(format!("{expression} IS NOT NULL")))
        }
    }
}

fn contains(expression: &str, word: &str) -> Bounds {
    let word = fold(word);
    if word.is_ascii() {
        let found = format!("holds({expression}, ?)");
        return Bounds::exact(Bound::sql(found, [word]));
    }
    Bounds::at_most(not_ascii(expression))
}

/// The text has characters beyond ASCII (or a NUL, at which `length()` stops).
fn not_ascii(expression: &str) -> Bound {
    Bound::plain(format!("coalesce(octet_length({expression}) <> length({expression}), 0)"))
}

fn glob(expression: &str, pieces: &[String]) -> Bounds {
    let folded: Vec<String> = pieces.iter().map(|piece| fold(piece)).collect();
    if !folded.iter().all(|piece| piece.is_ascii()) {
        return Bounds::at_most(not_ascii(expression));
    }
    let [first, middle @ .., last] = folded.as_slice() else { return Bounds::unknown() };
    let lower = format!("CAST(lower({expression}) AS BLOB)");
    let mut all = Vec::new();
    if !first.is_empty() {
        let begins = format!("coalesce(substr({lower}, 1, {}) = CAST(? AS BLOB), 0)", first.len());
        all.push(Bound::sql(begins, [first.as_str()]));
    }
    if !last.is_empty() {
        let ends = format!("coalesce(substr({lower}, -{}) = CAST(? AS BLOB), 0)", last.len());
        all.push(Bound::sql(ends, [last.as_str()]));
    }
    let least: usize = folded.iter().map(String::len).sum();
    all.push(Bound::plain(format!("coalesce(octet_length({expression}) >= {least}, 0)")));
    let found = format!("holds({expression}, ?)");
    all.extend(middle.iter().map(|piece| Bound::sql(found.clone(), [piece.as_str()])));
    let is_decided = middle.is_empty() || middle.len() == 1 && first.is_empty() && last.is_empty();
    let bound = Bound::and(all);
    if is_decided { Bounds::exact(bound) } else { Bounds::at_most(bound) }
}
