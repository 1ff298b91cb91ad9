//! JSON, indented.

use serde::de::IgnoredAny;

use super::budget::{Budget, DEEPEST};
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Language, Shown};

/// Shows a JSON document with an indented line for each value. Numbers, escapes and the order of members stay as they are.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "json", title: "JSON", kind: "text", fits, show };

/// Media types of JSON that do not say so.
const TYPES: &[&str] = &[
    "application/json",
    "*+json",
    "text/json",
    "application/x-json",
    "application/x-amz-json-1.0",
    "application/x-amz-json-1.1",
    "application/csp-report",
    "application/manifest+json",
];
/// The most values that are parsed at once, to bound the memory that they take.
const MOST_VALUES: usize = 200_000;

fn fits(subject: &Subject) -> Option<Fit> {
    let text = subject.trimmed();
    let is_named = subject.is(TYPES) || subject.request_headers.contains("x-amz-target");
    // A number or a word alone is no document, unless it is said to be one.
    let may_be = is_named || text.starts_with(['{', '[']);
    (may_be && is_json(text, subject.truncated)).then_some(if is_named { Fit::Named } else { Fit::Sniffed })
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    is_json(subject.trimmed(), subject.truncated).then(|| pretty(subject.trimmed(), budget))
}

/// JSON, laid out.
pub(super) fn pretty(text: &str, budget: &Budget) -> Shown {
    Shown::text(Language::Json, indented(text, budget))
}

/// Returns whether `text` is a JSON document, or the beginning of one that is cut.
pub(super) fn is_json(text: &str, is_cut: bool) -> bool {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => true,
        Err(error) => is_cut && error.is_eof() && !text.is_empty(),
    }
}

/// The document that `text` is, unless it has too many values.
pub(super) fn parsed(text: &str) -> Option<serde_json::Value> {
    let values = text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    (values <= MOST_VALUES).then(|| serde_json::from_str(text).ok())?
}

/// JSON with a line for each value. Nothing is changed but white space.
pub(super) fn indented(text: &str, budget: &Budget) -> String {
    let (mut laid_out, mut depth, mut rest) = (String::with_capacity(text.len() * 2), 0usize, text);
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => string_end(rest),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        rest = after;
        match first {
            ' ' | '\t' | '\n' | '\r' => {}
            '{' | '[' => {
                laid_out.push(first);
                let inner = rest.trim_start_matches([' ', '\t', '\n', '\r']);
                if inner.starts_with(['}', ']']) {
                    laid_out.push_str(&inner[..1]);
                    rest = &inner[1..];
                } else {
                    depth += 1;
                    break_line(&mut laid_out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut laid_out, depth);
                laid_out.push(first);
            }
            ',' => {
                laid_out.push(',');
                break_line(&mut laid_out, depth);
            }
            ':' => laid_out.push_str(": "),
            _ => laid_out.push_str(token),
        }
        let is_line = matches!(first, '{' | '[' | ',');
        if is_line && !budget.take_text(token.len() + depth.min(DEEPEST) * 2) {
            return laid_out;
        }
    }
    laid_out
}

/// A line of its own; from some depth on the indentation stays as it is.
fn break_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

/// The end of a string, of which the first character is the opening quote.
fn string_end(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &str) -> String {
        indented(text, &Budget::begin())
    }

    #[test]
    fn values_have_lines_and_nothing_is_lost() {
        let check = |text, expect: &str| assert_eq!(laid_out(text), expect, "{text}");
        check(
            r#"{"a":1.50e+3,"b":[true,null],"c":{},"d":[ ]}"#,
            "{\n  \"a\": 1.50e+3,\n  \"b\": [\n    true,\n    null\n  ],\n  \"c\": {},\n  \"d\": []\n}",
        );
        check(r#"["a,\"[{:",12345678901234567890]"#, "[\n  \"a,\\\"[{:\",\n  12345678901234567890\n]");
        check("[\"ä\\", "[\n  \"ä\\");
        check("1", "1");
        assert!(laid_out(&"[".repeat(1 << 20)).len() <= 9 << 20);
    }

    #[test]
    fn what_is_json() {
        assert!(is_json("{\"a\":[1", true) && !is_json("{\"a\":[1", false));
        assert!(!is_json("{a", true) && !is_json("", true) && is_json("1", false));
        assert_eq!(parsed("[1]"), Some(serde_json::json!([1])));
        assert_eq!(parsed(&format!("[{}1]", "1,".repeat(MOST_VALUES))), None);
    }
}
