//! URLs and parameters in the values of others, as they stand or percent-encoded: `?next=%2Flogin%3Ftoken%3D…`.

use std::ops::Range;

use super::decoded;
use crate::edits::Edits;
use crate::how::On;
use crate::names::{Decision, Place};
use crate::redactor::Redactor;

/// How often a value may be encoded again.
const DEEPEST: usize = 3;

/// A sign as it stands, encoded, encoded twice: `=`, `%3D`, `%253D`.
fn sign(text: &[u8]) -> Option<(u8, usize)> {
    let (first, rest) = text.split_first()?;
    if *first != b'%' {
        return Some((*first, 1));
    }
    let mut length = 1;
    let mut rest = rest;
    while length / 2 < DEEPEST
        && let Some(after) = rest.strip_prefix(b"25")
    {
        (rest, length) = (after, length + 2);
    }
    let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
    Some((u8::from_str_radix(digits, 16).ok()?, length + 2))
}

impl Redactor<'_> {
    /// The parameters in a value, where they have secrets.
    pub(super) fn nested(&mut self, on: On, value: &[u8]) -> Option<Vec<u8>> {
        memchr::memchr2(b'=', b'%', value)?;
        let mut edits = Edits::new(value);
        for (name, secret) in parameters(value) {
            let decoded_name = decoded_often(&value[name]);
            let Decision::Replace(treatment) = self.names.decide(on, Place::Query, &decoded_name) else {
                continue;
            };
            if treatment.takes(&decoded_often(&value[secret.clone()])) {
                self.replacer.put(
                    treatment.kind,
                    treatment.how,
                    &value[secret.clone()],
                    edits.replace(&secret),
                );
            }
        }
        edits.finish(value.len())
    }
}

/// Names and values: `name=value` between `?`, `&`, `;` or `#`, in whichever encoding.
fn parameters(text: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let (mut found, mut start, mut equals) = (Vec::new(), 0, None);
    let mut at = 0;
    while at < text.len() {
        let (sign, length) = sign(&text[at..]).unwrap_or((0, 1));
        match sign {
            b'=' if equals.is_none() => equals = Some((at, at + length)),
            b'?' | b'&' | b';' | b'#' => {
                if let Some((end, from)) = equals.take() {
                    found.push((start..end, from..at));
                }
                start = at + length;
            }
            _ => {}
        }
        at += length;
    }
    if let Some((end, from)) = equals {
        found.push((start..end, from..text.len()));
    }
    found.retain(|(name, value)| !name.is_empty() && !value.is_empty());
    found
}

/// Decoded until nothing is left to decode.
fn decoded_often(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..DEEPEST {
        if !text.contains(&b'%') {
            break;
        }
        text = decoded(&text).into_owned();
    }
    text
}
