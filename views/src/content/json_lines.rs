//! JSON documents that follow each other: a line for each (NDJSON), or behind record separators (RFC 7464).

use dashcam_exchange::JSON_DOCUMENTS;

use super::budget::Budget;
use super::json::{indented, is_json};
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Language, Shown};

/// Shows the documents one below the other, indented, with an empty line between them.
pub(super) const VIEW: ViewSpec =
    ViewSpec { name: "json-lines", title: "JSON lines", kind: "text", fits, show };

const RECORD_SEPARATOR: char = '\u{1e}';
/// Documents by which a body is known.
const LOOKED_AT: usize = 3;

fn fits(subject: &Subject) -> Option<Fit> {
    if subject.is(JSON_DOCUMENTS) {
        return subject.text.as_ref().map(|_| Fit::Named);
    }
    let text = subject.trimmed();
    let may_be = text.starts_with(['{', '[', RECORD_SEPARATOR]) && !is_json(text, subject.truncated);
    let documents = || documents(text).take(LOOKED_AT).collect::<Vec<_>>();
    let are_json = || documents().len() > 1 && documents().iter().all(|document| is_json(document, false));
    (may_be && are_json()).then_some(Fit::Sniffed)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let mut shown = Vec::new();
    for document in documents(subject.text.as_deref()?) {
        if !budget.take(2) {
            break;
        }
        shown.push(match is_json(document, true) {
            true => indented(document, budget),
            false => document.to_owned(),
        });
    }
    Some(Shown::text(Language::Json, shown.join("\n\n")))
}

fn documents(text: &str) -> impl Iterator<Item = &str> {
    let is_sequence = text.trim_start().starts_with(RECORD_SEPARATOR);
    let ends: &[char] = if is_sequence { &[RECORD_SEPARATOR] } else { &['\n', '\r'] };
    text.split(ends).map(str::trim).filter(|document| !document.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_laid_out_one_by_one() {
        let check = |text: &str, fit, expect: &str| {
            let subject = Subject { text: Some(text.into()), ..Subject::default() };
            assert_eq!(fits(&subject), fit, "{text}");
            assert_eq!(
                show(&subject, &Budget::begin()),
                Some(Shown::text(Language::Json, expect.into())),
                "{text}"
            );
        };
        check("{\"a\":1}\n\n[]\r\nx", None, "{\n  \"a\": 1\n}\n\n[]\n\nx");
        check("{}\n[1]\n", Some(Fit::Sniffed), "{}\n\n[\n  1\n]");
        check("\u{1e}{}\n\u{1e}[\n1]\n", Some(Fit::Sniffed), "{}\n\n[\n  1\n]");
    }
}
