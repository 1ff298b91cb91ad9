//! Checks that a row makes sense: SQLite does not notice a page whose content was overwritten.

use dashcam_exchange::{
    Direction, GapReason, Headers, Level, MessageCoding, MessageKind, Scheme, State, Verdict, Version,
};
use rusqlite::Row;

use crate::rows::deletions::Cause;

/// Everything makes sense.
pub(super) fn any(_: &Row<'_>) -> bool {
    true
}

pub(super) fn exchange(row: &Row<'_>) -> bool {
    let is = |column, known: fn(&str) -> bool| text(row, column).is_some_and(|name| known(&name));
    let is_or_null = |column, known: fn(&str) -> bool| text(row, column).is_none_or(|name| known(&name));
    is("level", |name| name.parse::<Level>().is_ok())
        && is("state", |name| State::parse(name).is_some())
        && is("scheme", |name| Scheme::parse(name).is_some())
        && is("request_version", |name| Version::parse(name).is_some())
        && is("request_headers", is_headers)
        && is_or_null("response_version", |name| Version::parse(name).is_some())
        && is_or_null("response_headers", is_headers)
        && is_or_null("request_sent_headers", is_headers)
        && is_or_null("response_sent_headers", is_headers)
        && row.get::<_, i64>("port").is_ok_and(|port| u16::try_from(port).is_ok())
}

/// The fields of a template are arrays of one to three values.
pub(super) fn template(row: &Row<'_>) -> bool {
    let fields = text(row, "fields").unwrap_or_default();
    serde_json::from_str::<Vec<Vec<serde_json::Value>>>(&fields)
        .is_ok_and(|fields| fields.iter().all(|field| (1..=3).contains(&field.len())))
}

pub(super) fn message(row: &Row<'_>) -> bool {
    text(row, "direction").is_some_and(|name| Direction::parse(&name).is_some())
        && text(row, "kind").is_some_and(|name| MessageKind::parse(&name).is_some())
        && text(row, "coding").is_none_or(|name| MessageCoding::parse(&name).is_some())
}

pub(super) fn connection(row: &Row<'_>) -> bool {
    text(row, "verdict").is_none_or(|name| Verdict::parse(&name).is_some())
}

pub(super) fn deletion(row: &Row<'_>) -> bool {
    text(row, "cause").is_some_and(|name| Cause::parse(&name).is_some())
}

pub(super) fn gap(row: &Row<'_>) -> bool {
    text(row, "reason").is_some_and(|name| GapReason::parse(&name).is_some())
}

fn text(row: &Row<'_>, column: &str) -> Option<String> {
    row.get::<_, Option<String>>(column).unwrap_or_else(|_| Some(String::new()))
}

/// Headers, whole or folded.
fn is_headers(text: &str) -> bool {
    let values = text.trim_start_matches(|sign: char| sign.is_ascii_digit());
    if values.len() < text.len() {
        return serde_json::from_str::<Vec<String>>(values).is_ok();
    }
    serde_json::from_str::<Headers>(text).is_ok()
}
