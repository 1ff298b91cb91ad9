//! Finds of scanners that look at texts, beside the marks of these texts.

use std::collections::BTreeSet;

use dashcam_secrets::marked::{Class, Marked};

use crate::score::Score;

/// A find: the text, its place in it, and its kind.
pub(crate) type Finding = (usize, usize, usize, String);

/// The score of `findings`. A find counts for every secret that it touches; it is wrong if it touches none, and nothing
/// that may go or stay.
pub(crate) fn score(name: &str, texts: &[Marked], findings: &[Finding]) -> Score {
    let (mut found, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    for (text, start, end, _) in findings {
        let Some(marked) = texts.get(*text) else { continue };
        let touches = marked.marks.iter().enumerate();
        let touched: Vec<_> =
            touches.filter(|(_, mark)| mark.range.start < *end && *start < mark.range.end).collect();
        let secrets = touched.iter().filter(|(_, mark)| mark.class == Class::Secret);
        found.extend(secrets.map(|(number, _)| (*text, *number)));
        if touched.iter().all(|(_, mark)| mark.class == Class::LookAlike) {
            wrong.insert((*text, *start, *end));
        }
    }
    Score { name: name.to_owned(), found: found.len(), wrong: wrong.len() }
}
