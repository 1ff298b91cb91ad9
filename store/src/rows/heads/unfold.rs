//! Folded heads made whole: for searches, which do so for many, by a function that takes a twentieth of the view's time.

use std::sync::LazyLock;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

use super::fold::LARGEST;
use crate::StoreError;
use crate::rows::headers_json::text;

/// The request's headers of a row of `exchange_rows`, whole, on a connection that has the function.
pub(crate) const WHOLE_REQUEST: &str = "whole_head((SELECT fields FROM head_templates \
    WHERE head_templates.id = CAST(request_headers AS INTEGER)), request_headers)";
/// The response's.
pub(crate) const WHOLE_RESPONSE: &str = "whole_head((SELECT fields FROM head_templates \
    WHERE head_templates.id = CAST(response_headers AS INTEGER)), response_headers)";

/// The view has this where a template is not there. It is no array, so that nobody takes it for a head.
const MISSING: &str = "\"the template is missing\"";

/// Bytes of a folded head at most: more than any that is written.
const LONGEST: usize = 64 << 10;
/// Bytes of a head that is made whole at most.
const MOST: usize = 1 << 20;

/// The migration whose views these are.
const MIGRATION: &str = include_str!("../../../../migrations/sqlite/0021_head_templates.sql");

/// The view `exchanges`, and the one that it stands on, over the function.
static VIEWS: LazyLock<String> = LazyLock::new(|| {
    let views = MIGRATION.split_once("CREATE VIEW received_exchanges").map_or("", |(_, views)| views);
    let mut views = format!("CREATE TEMP VIEW received_exchanges{views}")
        .replace("CREATE VIEW exchanges", "CREATE TEMP VIEW exchanges");
    for (column, whole) in [("request_headers", WHOLE_REQUEST), ("response_headers", WHOLE_RESPONSE)] {
        let (begin, end) = (format!("CASE WHEN substr({column},"), format!("END AS {column}"));
        if let Some((from, to)) = views.find(&begin).zip(views.find(&end)) {
            views.replace_range(from..to + end.len(), &format!("{whole} AS {column}"));
        }
    }
    format!("PRAGMA query_only = off; PRAGMA temp_store = memory; {views} PRAGMA query_only = on")
});

/// Adds the function to a connection that reads, and the views over it where the recording `is_of_today`.
pub(crate) fn add_function(connection: &Connection, is_of_today: bool) -> Result<(), StoreError> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("whole_head", 2, flags, whole_head)?;
    if is_of_today {
        connection.execute_batch(&VIEWS)?;
    }
    Ok(())
}

fn whole_head(context: &Context<'_>) -> rusqlite::Result<Option<String>> {
    let Some(head) = context.get_raw(1).as_str_or_null()? else { return Ok(None) };
    if head.starts_with('[') {
        return Ok(Some(head.to_owned()));
    }
    let fields = context.get_raw(0).as_str_or_null().ok().flatten();
    Ok(Some(fields.and_then(|fields| whole(fields, head)).unwrap_or_else(|| MISSING.to_owned())))
}

/// The head of these `fields` of a template, with the values of a `folded` one; `None` if they make none.
fn whole(fields: &str, folded: &str) -> Option<String> {
    // A stranger's file may have a template that names a value again and again.
    (fields.len() <= 4 * LARGEST && folded.len() <= LONGEST).then_some(())?;
    let own = values(folded)?;
    let mut head = String::with_capacity(fields.len() + folded.len());
    let mut rest = fields.strip_prefix('[')?;
    head.push('[');
    while let Some(field) = rest.strip_prefix("[\"") {
        let (name, behind) = text(field)?;
        let behind = behind.strip_prefix(',')?;
        let (mut value, mut behind) = text(behind.strip_prefix('"')?)?;
        if let Some(place) = behind.strip_prefix(',') {
            let end = place.find(']')?;
            value = own.get(place[..end].parse::<usize>().ok()?)?;
            behind = &place[end..];
        }
        (head.len() <= MOST).then_some(())?;
        for piece in ["[\"", name, "\",\"", value, "\"]"] {
            head.push_str(piece);
        }
        rest = behind.strip_prefix(']')?;
        if let Some(more) = rest.strip_prefix(',') {
            head.push(',');
            rest = more;
        }
    }
    head.push(']');
    (rest == "]").then_some(head)
}

/// The values of a folded head, as they stand in its JSON.
fn values(folded: &str) -> Option<Vec<&str>> {
    let mut rest = &folded[folded.find('[')? + 1..];
    let mut values = Vec::new();
    while let Some(value) = rest.strip_prefix('"') {
        let (value, behind) = text(value)?;
        values.push(value);
        rest = behind.strip_prefix(',').unwrap_or(behind);
    }
    (rest == "]").then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_views_have_the_function() {
        assert_eq!(VIEWS.matches("whole_head(").count(), 2, "{}", *VIEWS);
        assert_eq!(VIEWS.matches("CREATE TEMP VIEW").count(), 2);
        assert_eq!(VIEWS.matches("CREATE VIEW").count(), 0);
    }

    #[test]
    fn a_head_is_made_of_template_and_values() {
        let fields = r#"[["Host","a"],["X-Id","",0],["ETag","\"e\""],["Date","",1]]"#;
        let head = whole(fields, r#"4097["x\"y","Mon"]"#).unwrap();
        assert_eq!(head, r#"[["Host","a"],["X-Id","x\"y"],["ETag","\"e\""],["Date","Mon"]]"#);
        assert_eq!(whole("[]", "1[]").unwrap(), "[]");
    }

    #[test]
    fn what_makes_no_head_is_none() {
        for (fields, folded) in [
            ("", "1[]"),
            ("[[\"a\",\"\",0]]", "1[]"),
            ("[[\"a\",\"\",0]]", "1"),
            ("[[\"a\",\"\",0]]", "1[\"x\""),
            ("[[\"a\",\"\",0]", "1[\"x\"]"),
            ("[[\"a\",\"\",-1]]", "1[\"x\"]"),
            ("[[3]]", "1[\"x\"]"),
            ("[[\"a\"]]", "1[\"x\"]"),
        ] {
            assert_eq!(whole(fields, folded), None, "{fields} {folded}");
        }
    }
}
