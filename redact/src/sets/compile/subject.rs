//! The part of a rule that says where its values stand.

use crate::names::{Path, Place, parse_path};

/// Where a rule's values stand.
pub(super) enum Subject<'d> {
    /// Under this name, which may have `*` in it.
    Name(Place, &'d str),
    /// In JSON, where this path leads.
    Path(Path),
    /// Anywhere in texts: an expression or a detector says which.
    Text,
}

/// The keys of a rule, in the order in which they are given to [`subject`].
const KEYS: [&str; 7] = ["header", "cookie", "query", "form", "json", "regex", "detector"];

/// The one that is given of a rule's `header`, `cookie`, `query`, `form`, `json`, `regex` and `detector`.
pub(super) fn subject(given: [&Option<String>; 7]) -> Result<Subject<'_>, String> {
    let mut said = KEYS.iter().zip(given).filter_map(|(key, value)| Some((*key, value.as_deref()?)));
    let (key, value) = said
        .next()
        .ok_or("it says nothing: write one of header, cookie, query, form, json, regex or detector")?;
    if let Some((other, _)) = said.next() {
        return Err(format!("it has both {key} and {other}: write a rule for each"));
    }
    if value.is_empty() {
        return Err(format!("{key} is empty: write a name"));
    }
    let named = |place| {
        let is_wrong = value.starts_with('$') && value.contains('.');
        if is_wrong {
            Err(format!("`{value}` is a path: write `json = \"{value}\"`"))
        } else {
            Ok(Subject::Name(place, value))
        }
    };
    match key {
        "header" if value.bytes().any(|byte| matches!(byte, b':' | b' ')) => Err(format!(
            "`{value}` is no header's name: write it without colon and value, as `x-internal-key`"
        )),
        "header" => named(Place::Header),
        "cookie" => named(Place::Cookie),
        "query" => named(Place::Query),
        "form" => named(Place::Form),
        "json" => Ok(Subject::Path(parse_path(value)?)),
        _ => Ok(Subject::Text),
    }
}
