//! `dashcam audit`: the audit log, from the database itself.

use std::path::PathBuf;

use anyhow::Result;
use dashcam_exchange::Timestamp;
use dashcam_store::{AuditFilter, Reader};
use dashcam_views::dto::Time;
use dashcam_web_ui::dto::AuditEntry;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::cli::AuditArgs;
use crate::database;
use crate::home::Home;
use crate::terminal::{Color, escaped, escaped_json, is_colored, paint, print};

/// How many entries are read at once.
const PAGE: u32 = 1000;
/// The exchanges that a line names.
const NAMED: usize = 5;

const HEADING: &str = "TIME                 ACTION  WHO                   FROM             WHAT";

/// Lists the newest, the last one at the end where the eye is.
pub(crate) async fn audit(home: &Home, db: Option<PathBuf>, args: AuditArgs) -> Result<()> {
    let reader = database::open(home, db).await?;
    let filter = AuditFilter {
        who: args.who,
        action: args.action,
        since: args.since.map(|since| Timestamp(since.as_microsecond())),
        ..AuditFilter::default()
    };
    let newest = newest(&reader, filter, args.number).await?;
    let is_colored = is_colored();
    let mut text = if args.json { String::new() } else { paint(HEADING, Color::Dim, is_colored) + "\n" };
    for entry in newest.iter().rev() {
        text += &if args.json { escaped_json(&serde_json::to_string(entry)?) + "\n" } else { row(entry) };
    }
    print(text)
}

async fn newest(reader: &Reader, mut filter: AuditFilter, number: u32) -> Result<Vec<AuditEntry>> {
    let mut entries: Vec<AuditEntry> = Vec::new();
    let mut missing = number;
    while missing > 0 {
        let page = reader.audit(&filter, missing.min(PAGE)).await?;
        let Some(last) = page.last() else { break };
        filter.before = Some(last.id);
        missing = missing.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
        entries.extend(page.into_iter().map(AuditEntry::from));
    }
    Ok(entries)
}

/// An entry in a line.
fn row(entry: &AuditEntry) -> String {
    let line = format!(
        "{}  {:<6}  {:<20}  {:<15}  {}",
        local(entry.at),
        escaped(&entry.action),
        escaped(&entry.who),
        escaped(entry.address.as_deref().unwrap_or("-")),
        escaped(&what(entry)),
    );
    line.trim_end().to_owned() + "\n"
}

/// The exchanges that it is about, how many, and the rest.
fn what(entry: &AuditEntry) -> String {
    let mut parts = Vec::new();
    if !entry.exchanges.is_empty() {
        let named: Vec<_> = entry.exchanges.iter().take(NAMED).map(i64::to_string).collect();
        let more = if entry.exchanges.len() > NAMED { ", …" } else { "" };
        parts.push(named.join(", ") + more);
    }
    parts.extend(entry.filter.clone());
    if let Some(count) = entry.count.filter(|_| entry.exchanges.len() != 1 || entry.action != "read") {
        parts.push(format!("({count})"));
    }
    if let Some(Value::Object(detail)) = &entry.detail {
        parts.extend(detail.iter().map(|(name, value)| format!("{name}={}", plain(value))));
    }
    parts.join(" ")
}

/// A value of the detail, as short as it can be.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn local(at: Time) -> String {
    at.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(action: &str, exchanges: &[i64], detail: Value) -> AuditEntry {
        AuditEntry {
            id: 1,
            at: Time("2026-11-22T15:04:05Z".parse().unwrap()),
            who: "ci (api)".to_owned(),
            role: "viewer".to_owned(),
            address: Some("192.0.2.1".to_owned()),
            session: None,
            action: action.to_owned(),
            exchanges: exchanges.to_vec(),
            filter: None,
            count: Some(1),
            detail: Some(detail),
        }
    }

    #[test]
    fn columns_stand_below_their_names() {
        let row = row(&entry("read", &[42], json!({"parts": ["detail", "body"]})));
        for (column, value) in [
            ("ACTION", "read"),
            ("WHO", "ci (api)"),
            ("FROM", "192.0.2.1"),
            ("WHAT", "42 parts=detail,body\n"),
        ] {
            assert_eq!(HEADING.find(column), row.find(value), "{column} in\n{HEADING}\n{row}");
        }
    }

    #[test]
    fn a_line_says_which_exchanges_and_how_many() {
        let check = |entry: AuditEntry, expect: &str| assert_eq!(what(&entry), expect);
        let delete = entry("delete", &[1, 2, 3, 4, 5, 6], Value::Null);
        check(AuditEntry { count: Some(6), ..delete }, "1, 2, 3, 4, 5, … (6)");
        let export = entry("export", &[], json!({"format": "har", "unsealed": false}));
        let filter = Some("host:a".to_owned());
        check(AuditEntry { filter, count: Some(70), ..export }, "host:a (70) format=har unsealed=false");
        let lost = AuditEntry { count: Some(3), detail: None, ..entry("lost", &[], Value::Null) };
        check(lost, "(3)");
    }
}
