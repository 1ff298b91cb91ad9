//! Names and values in elements beside each other: `<name>password</name><value><string>…`, as XML-RPC, property lists and
//! configuration have them, and the cells of a table.

use std::ops::Range;

use crate::names::{Treatment, is_random};

/// Elements in which a name stands, and those in which its value can.
const NAMES: [&str; 2] = ["name", "key"];
const VALUES: [&str; 5] = ["value", "string", "val", "data", "text"];
const NAME_CELLS: [&str; 3] = ["td", "th", "dt"];
const VALUE_CELLS: [&str; 6] = ["td", "dd", "pre", "code", "span", "samp"];
/// Bytes of a name, at most.
const LONGEST: usize = 64;
/// Bytes that look like chance, in a cell that is not the environment's.
const LEAST: usize = 12;

/// A name whose value comes next.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) name: Vec<u8>,
    is_cell: bool,
}

impl Pair {
    /// The name in the text of `element`, if one can stand there.
    pub(super) fn named(element: &[u8], text: &[u8]) -> Option<Self> {
        let is_cell = is_in(&NAME_CELLS, element);
        let spaces = text.iter().filter(|byte| **byte == b' ').count();
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b' ');
        let is_name =
            text.len() <= LONGEST && text.iter().all(is_part) && spaces <= if is_cell { 2 } else { 0 };
        ((is_cell || is_in(&NAMES, element)) && is_name).then(|| Self { name: text.to_vec(), is_cell })
    }

    /// Returns whether the text of `element` can be the value.
    pub(super) fn has_value_in(&self, element: &[u8]) -> bool {
        if self.is_cell { is_in(&VALUE_CELLS, element) } else { is_in(&VALUES, element) }
    }

    /// Returns whether the value is a secret. Tables that document parameters have their names in cells too.
    pub(super) fn takes(&self, treatment: &Treatment<'_>, value: &[u8]) -> bool {
        let is_of_environment =
            self.name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
                && self.name.contains(&b'_');
        let is_likely = !self.is_cell
            || is_of_environment && !value.contains(&b' ') && !value.contains(&b'(')
            || is_random(value, LEAST);
        is_likely && treatment.takes(value)
    }

    /// Returns whether a new pair begins with the tag of `element`, or the row ends that this one stood in.
    pub(super) fn is_over(&self, element: &[u8]) -> bool {
        if self.is_cell { is_in(&["tr", "dt", "table"], element) } else { is_in(&NAMES, element) }
    }
}

fn is_in(elements: &[&str], element: &[u8]) -> bool {
    elements.iter().any(|known| element.eq_ignore_ascii_case(known.as_bytes()))
}

/// The range of a value without the quotes around it.
pub(super) fn unquoted(piece: &[u8], (mut start, mut end): (usize, usize)) -> Range<usize> {
    const QUOTES: [&[u8]; 6] = [b"'", b"\"", b"&#x27;", b"&#39;", b"&quot;", b"&#34;"];
    let text = &piece[start..end];
    let around = QUOTES
        .iter()
        .find(|quote| text.len() > 2 * quote.len() && text.starts_with(quote) && text.ends_with(quote));
    if let Some(quote) = around {
        start += quote.len();
        end -= quote.len();
    }
    start..end
}
