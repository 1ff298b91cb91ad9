//! The words in which callers ask for figures, and the errors that name the nearest one.

use std::time::Duration;

use dashcam_filter::nearest;
use dashcam_store::By;
use jiff::{Span, SpanRelativeTo};

use super::names::Stat;

/// The shortest time that a group or a bucket is about.
pub const SHORTEST: Duration = Duration::from_millis(1);
/// The longest time that an answer may take.
pub const LONGEST: Duration = Duration::from_secs(600);

/// The values to group by: `host,path`, or `none`.
///
/// # Errors
/// Says which of them there is not, or is there twice.
pub fn bys(text: &str) -> Result<Vec<By>, String> {
    if text.trim() == "none" { Ok(Vec::new()) } else { list(text, "value to group by", &By::ALL) }
}

/// Kinds of values, at least one: `host,path`.
///
/// # Errors
/// Says which of them there is not, or is there twice, or that there is none.
pub fn facets(text: &str) -> Result<Vec<By>, String> {
    some(list(text, "kind of value", &By::ALL)?, &By::ALL)
}

/// Figures, at least one: `count,errors`.
///
/// # Errors
/// Says which of them there is not, or is there twice, or that there is none.
pub fn stats(text: &str) -> Result<Vec<Stat>, String> {
    some(list(text, "figure", &Stat::ALL)?, &Stat::ALL)
}

/// The time that a group or a bucket is about: `1m`, `90s`, `1h30m`.
///
/// # Errors
/// Says what would be one.
pub fn every(text: &str) -> Result<Duration, String> {
    let every = duration(text).filter(|every| *every >= SHORTEST);
    every.ok_or_else(|| unlike("stretch of time", text, "10s, 1m, 1h30m or 1d; at least 1ms"))
}

/// The time that an answer may take.
///
/// # Errors
/// Says what would be one.
pub fn time_limit(text: &str) -> Result<Duration, String> {
    let limit = duration(text).filter(|limit| *limit <= LONGEST);
    limit.ok_or_else(|| unlike("limit of time", text, "500ms, 10s or 2m; at most 10m"))
}

fn unlike(what: &str, text: &str, examples: &str) -> String {
    format!("\u{201c}{text}\u{201d} is no {what}; expected one such as {examples}")
}

fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.trim().parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok()
}

/// `found`, unless that is nothing.
fn some<T>(found: Vec<T>, known: &[(T, &'static str)]) -> Result<Vec<T>, String> {
    if found.is_empty() { Err(format!("expected one or some of {}", names(known))) } else { Ok(found) }
}

fn names<T>(known: &[(T, &'static str)]) -> String {
    known.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

fn list<T: Copy + PartialEq>(text: &str, what: &str, known: &[(T, &'static str)]) -> Result<Vec<T>, String> {
    let mut found = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let Some((value, _)) = known.iter().find(|(_, known)| *known == name) else {
            let near = nearest(name, known.iter().map(|(_, name)| *name));
            let near = near.map(|near| format!("; did you mean \u{201c}{near}\u{201d}?")).unwrap_or_default();
            return Err(format!(
                "there is no {what} \u{201c}{name}\u{201d}; expected one or some of {}{near}",
                names(known)
            ));
        };
        if found.contains(value) {
            return Err(format!("\u{201c}{name}\u{201d} stands there twice: leave one out"));
        }
        found.push(*value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_names() {
        assert_eq!(bys("host, path"), Ok(vec![By::Host, By::Path]));
        assert_eq!((bys(""), bys("none")), (Ok(vec![]), Ok(vec![])));
        assert_eq!(stats("p95,count,"), Ok(vec![Stat::P95, Stat::Count]));
        let error = bys("host,staus").unwrap_err();
        assert!(
            error.contains("\u{201c}staus\u{201d}; expected one or some of host, path, method"),
            "{error}"
        );
        assert!(error.ends_with("did you mean \u{201c}status\u{201d}?"), "{error}");
        assert!(!stats("whatever").unwrap_err().contains("did you mean"));
        assert!(stats(" ,").unwrap_err().starts_with("expected one or some of count, rate"));
        assert!(facets("none").unwrap_err().contains("kind of value"));
        assert!(bys("host,host").unwrap_err().contains("twice"));
    }

    #[test]
    fn times() {
        for (text, expect) in [
            ("1m", Some(60_000)),
            ("90s", Some(90_000)),
            ("1h30m", Some(5_400_000)),
            ("1d", Some(86_400_000)),
            ("1w", Some(604_800_000)),
            ("250ms", Some(250)),
            ("1us", None),
            ("0s", None),
            ("-1m", None),
            ("1 lightyear", None),
            ("", None),
        ] {
            assert_eq!(every(text).ok(), expect.map(Duration::from_millis), "{text}");
        }
        assert_eq!(time_limit("0s"), Ok(Duration::ZERO));
        assert!(time_limit("11m").unwrap_err().contains("at most 10m"));
    }
}
