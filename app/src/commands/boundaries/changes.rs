//! `dashcam boundaries --changes`: the changes that led to the ranges, by whom, from where and why.

use anyhow::Result;
use dashcam_exchange::Timestamp;
use dashcam_store::Reader;
use dashcam_web_ui::dto::{Settings, SettingsChange};
use jiff::tz::TimeZone;

use crate::row::size;
use crate::terminal::{escaped, escaped_json, print};

/// Changes that are looked at, the latest ones.
const MOST: u32 = 10_000;

/// Prints the changes from `from` to `until`, the last one at the end where the eye is.
pub(super) async fn changes(
    reader: &Reader,
    (from, until): (Option<Timestamp>, Timestamp),
    as_json: bool,
) -> Result<()> {
    let mut changes = reader.settings_history(MOST).await?;
    changes.retain(|change| change.at <= until && from.is_none_or(|from| change.at >= from));
    let mut lines = String::new();
    for change in changes.into_iter().rev().map(SettingsChange::from) {
        lines += &if as_json { escaped_json(&serde_json::to_string(&change)?) } else { line(&change) };
        lines.push('\n');
    }
    print(if lines.is_empty() && !as_json { "nothing was changed in that time\n".to_owned() } else { lines })
}

/// When, what, by whom, from where, and why.
fn line(change: &SettingsChange) -> String {
    let at = change.at.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S");
    let session = change.session.as_ref().map(|session| format!("session {session}"));
    let place: Vec<_> = change.address.iter().cloned().chain(session).collect();
    let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(", ")) };
    let why = change.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    escaped(&format!("{at}  {}, by {}{place}{why}", subject(change), change.who))
}

/// The subject of a change in words.
fn subject(change: &SettingsChange) -> String {
    let of_detail = |key: &str| change.detail.as_ref().map(|detail| &detail[key]);
    let text = |key: &str| of_detail(key).and_then(|value| value.as_str()).unwrap_or("?").to_owned();
    match change.kind.as_str() {
        "lease" => {
            let lease = of_detail("lease").and_then(serde_json::Value::as_i64).unwrap_or_default();
            format!("lease {lease} {}", text("event"))
        }
        "step" => format!("step {}", text("step")),
        "snapshot" => format!("snapshot {}", text("snapshot")),
        _ => difference(change.from.as_ref(), &change.to),
    }
}

/// The parts of the settings that differ.
fn difference(from: Option<&Settings>, to: &Settings) -> String {
    let level = dashcam_exchange::Level::from(to.level);
    let mut parts = Vec::new();
    if from.is_none_or(|from| from.level != to.level) {
        parts.push(format!("level {level}"));
    }
    if from.is_some_and(|from| from.body_limit != to.body_limit) {
        parts.push(format!("body limit {}", size(to.body_limit)));
    }
    if from.map_or(!to.rules.is_empty(), |from| from.rules != to.rules) {
        let names: Vec<_> = to.rules.iter().map(|rule| rule.name.as_str()).collect();
        parts.push(if names.is_empty() {
            "no rules".to_owned()
        } else {
            format!("rules {}", names.join(", "))
        });
    }
    if parts.is_empty() {
        parts.push(format!("level {level}, as before"));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn change(kind: &str, from: &Value, to: &Value, detail: &Value) -> SettingsChange {
        let change = json!({
            "at": "2026-11-22T15:04:05Z", "who": "page", "address": "203.0.113.9", "session": "0a1b2c",
            "kind": kind, "detail": detail, "why": "INC-1", "from": from, "to": to,
        });
        serde_json::from_value(change).unwrap()
    }

    #[test]
    fn a_change_says_what_by_whom_from_where_and_why() {
        let (none, full) = (Value::Null, json!({"level": "full", "body_limit": 1000, "rules": []}));
        let less = json!({"level": "metadata", "body_limit": 2048, "rules": []});
        for (kind, from, to, detail, expect) in [
            ("settings", &none, &full, &none, "level full"),
            ("settings", &full, &less, &none, "level metadata, body limit 2.0 KiB"),
            ("settings", &full, &full, &none, "level full, as before"),
            ("lease", &full, &full, &json!({"lease": 3, "event": "begun"}), "lease 3 begun"),
            ("step", &full, &full, &json!({"step": "heads"}), "step heads"),
            ("snapshot", &full, &full, &json!({"snapshot": "inc"}), "snapshot inc"),
        ] {
            let line = line(&change(kind, from, to, detail));
            let end = format!("  {expect}, by page (203.0.113.9, session 0a1b2c): INC-1");
            assert!(line.ends_with(&end), "{line}");
        }
        let mut of_signal = change("settings", &full, &less, &none);
        (of_signal.address, of_signal.session, of_signal.why) = (None, None, None);
        assert!(line(&of_signal).ends_with("body limit 2.0 KiB, by page"), "{}", line(&of_signal));
    }
}
