//! A condition on a text, ready to run.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::bytes::Regex;

use crate::field::Field;
use crate::matching::dialect;
use crate::matching::fold::{Needle, folded_bytes};
use crate::matching::json;
use crate::tree::{Range, Text, address};

/// One of the conditions of a list.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    Contains(Needle),
    Exact(Box<[u8]>),
    Prefix(Needle),
    Suffix(Needle),
    Glob(Box<[Needle]>),
    Regex(Regex),
    Number(Range),
    Network(IpNet),
}

impl Pattern {
    /// The pattern of `text` for values of `field`.
    ///
    /// # Errors
    /// When an expression can't be compiled: the parser takes none.
    pub(crate) fn new(text: &Text, field: &Field) -> Result<Self, String> {
        Ok(match text {
            // Bodies are long: expressions find words in them sooner.
            Text::Contains(word)
                if matches!(field, Field::Body(_) | Field::WebSocket) && !word.is_empty() =>
            {
                Self::Regex(dialect::compile(&regex::escape(word), field)?)
            }
            Text::Contains(word) => Self::Contains(Needle::new(word)),
            Text::Exact(text) => Self::Exact(text.as_bytes().into()),
            Text::Glob(pieces) => glob(pieces.iter().map(|piece| Needle::new(piece)).collect()),
            Text::Regex(source) => Self::Regex(dialect::compile(source, field)?),
            Text::Number(range) => Self::Number(*range),
            Text::Network(network) => Self::Network(*network),
        })
    }

    /// Returns whether `text` meets it.
    #[inline]
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        match self {
            Self::Contains(needle) => needle.find(text).is_some(),
            Self::Exact(whole) => **whole == *text,
            Self::Prefix(needle) => needle.is_prefix_of(text),
            Self::Suffix(needle) => needle.is_suffix_of(text),
            Self::Glob(pieces) => matches_glob(pieces, text),
            Self::Regex(regex) => regex.is_match(text),
            Self::Number(range) => number(text).is_some_and(|number| range.contains(number)),
            Self::Network(network) => ip(text).is_some_and(|ip| network.contains(&ip)),
        }
    }
    /// Returns whether it can only be met by a text of which a longer one that begins so meets it too.
    #[inline]
    pub(crate) fn holds_for_longer(&self) -> bool {
        matches!(self, Self::Contains(_) | Self::Prefix(_))
    }

    /// Returns whether a string or a word of a JSON text may meet it: false where the text surely lacks what would have to
    /// stand in it.
    pub(crate) fn may_occur_in_json(&self, text: &[u8]) -> bool {
        let word = match self {
            Self::Contains(needle) => needle.as_str(),
            Self::Exact(whole) => std::str::from_utf8(whole).ok(),
            _ => None,
        };
        // Numbers may be written in other digits.
        let Some(word) =
            word.filter(|word| !word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.')))
        else {
            return true;
        };
        let occurs = match self {
            Self::Contains(needle) => needle.find(text).is_some(),
            _ => memchr::memmem::find(text, word.as_bytes()).is_some(),
        };
        occurs || json::has_escapes(text, word)
    }

    /// Returns whether `word` meets it as a whole: 42 is not found in 142.
    pub(crate) fn matches_whole(&self, word: &[u8]) -> bool {
        match self {
            Self::Contains(needle) => needle.len() == word.len() && needle.is_prefix_of(word),
            other => other.matches(word),
        }
    }
}

fn glob(pieces: Vec<Needle>) -> Pattern {
    let is_ascii = pieces.iter().all(Needle::is_ascii);
    match <[Needle; 2]>::try_from(pieces) {
        Ok([start, end]) if is_ascii && end.len() == 0 => Pattern::Prefix(start),
        Ok([start, end]) if is_ascii && start.len() == 0 => Pattern::Suffix(end),
        Ok(both) => Pattern::Glob(both.into()),
        Err(pieces) => Pattern::Glob(pieces.into()),
    }
}

fn matches_glob(pieces: &[Needle], text: &[u8]) -> bool {
    if !pieces.iter().all(Needle::is_ascii) {
        return matches_folded(pieces, folded_bytes(text).as_bytes());
    }
    matches_folded(pieces, text)
}

fn matches_folded(pieces: &[Needle], text: &[u8]) -> bool {
    let [first, middle @ .., last] = pieces else { return false };
    if text.len() < first.len() + last.len() || !first.is_prefix_of(text) || !last.is_suffix_of(text) {
        return false;
    }
    let mut left = &text[first.len()..text.len() - last.len()];
    for piece in middle {
        match piece.find(left) {
            Some(end) => left = &left[end..],
            None => return false,
        }
    }
    true
}

fn number(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn ip(text: &[u8]) -> Option<IpAddr> {
    let ip = address(std::str::from_utf8(text).ok()?)?;
    // An IPv4 client of a socket for both is one all the same.
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Of;

    fn check(text: &Text, cases: &[(&str, bool)]) {
        let pattern = Pattern::new(text, &Field::Url).unwrap();
        for (value, expect) in cases {
            assert_eq!(pattern.matches(value.as_bytes()), *expect, "{text:?} on {value}");
        }
    }

    fn pieces(glob: &str) -> Text {
        Text::Glob(glob.split('*').map(str::to_owned).collect())
    }

    #[test]
    fn globs() {
        check(&pieces("api.*"), &[("api.a", true), ("API.", true), ("xapi.a", false), ("ap", false)]);
        check(&pieces("*.js"), &[("/a.JS", true), (".js", true), ("/a.jsx", false)]);
        check(&pieces("/v1/*/x"), &[("/v1/a/b/x", true), ("/v1//x", true), ("/v1/x", false)]);
        check(&pieces("a*b*a"), &[("aba", true), ("aab", false), ("abxa", true), ("aa", false)]);
        check(&pieces("*\u{fc}*e"), &[("x\u{dc}BE", true), ("x", false)]);
        check(&pieces("*a*"), &[("xAx", true), ("x", false)]);
    }

    #[test]
    fn networks() {
        let network = |text: &str| Text::Network(text.parse().unwrap());
        check(
            &network("10.0.0.0/8"),
            &[("10.1.2.3:80", true), ("10.1.2.3", true), ("11.0.0.1:80", false), ("host:80", false)],
        );
        check(&network("10.0.0.7/32"), &[("[::ffff:10.0.0.7]:80", true), ("10.0.0.70:1", false)]);
        check(&network("fe80::/10"), &[("[fe80::1]:80", true), ("[::1]:80", false)]);
    }

    #[test]
    fn texts_without_a_word_are_passed_over() {
        for (text, word, exact, expect) in [
            (r#"{"a": "Stock"}"#, "stock", false, true),
            (r#"{"a": "Stock"}"#, "stock", true, false),
            (r#"{"a": "stock"}"#, "stock", true, true),
            (r#"{"a": "st\u006fck"}"#, "stock", true, true),
            (r#"{"a": "x\ny"}"#, "stock", true, false),
            (r#"{"a": "x\/y"}"#, "x/y", true, true),
            (r#"{"a": 4.20}"#, "4.2", true, true),
            (r#"{"a": true}"#, "true", true, true),
            (r#"{"a": true}"#, "null", true, false),
            ("{\"a\": \"GR\u{dc}N\"}", "gr\u{fc}n", false, true),
        ] {
            let condition =
                if exact { Text::Exact(word.to_owned()) } else { Text::Contains(word.to_owned()) };
            let pattern = Pattern::new(&condition, &Field::Json(Of::Either, vec!["a".to_owned()])).unwrap();
            assert_eq!(pattern.may_occur_in_json(text.as_bytes()), expect, "{word} in {text}");
        }
    }

    #[test]
    fn numbers() {
        let range = Range { min: Some((1.0, false)), max: None };
        check(
            &Text::Number(range),
            &[("2", true), ("1", false), ("1.5", true), ("x", false), ("nan", false)],
        );
    }
}
