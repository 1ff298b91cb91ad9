//! Times in which nothing was recorded because the level was too low.

use dashcam_exchange::{Level, Timestamp};
use dashcam_store::SettingsChange;
use serde_json::Value;

use crate::dto::Unrecorded;

/// The times within `range` in which the level recorded nothing, the newest first, by `changes` of the settings, which are
/// in that order as well. The level before the first change is the one that it names.
pub(super) fn unrecorded(changes: &[SettingsChange], range: (Timestamp, Timestamp)) -> Vec<Unrecorded> {
    let (from, until) = range;
    let mut spans: Vec<(Level, Timestamp, Timestamp)> = Vec::new();
    let mut end = until;
    let mut add = |level: Option<Level>, begin: Timestamp, end: Timestamp| {
        let (begin, end) = (begin.max(from), end.min(until));
        let Some(level) = level.filter(|level| !level.records() && begin < end) else { return };
        match spans.last_mut() {
            // Another setting changed meanwhile.
            Some((last, start, _)) if *last == level && *start == end => *start = begin,
            _ => spans.push((level, begin, end)),
        }
    };
    for change in changes {
        add(level(Some(&change.to)), change.at, end);
        end = change.at.min(end);
    }
    add(changes.last().and_then(|change| level(change.from.as_ref())), from, end);
    let unrecorded = |(level, from, until): (Level, Timestamp, Timestamp)| Unrecorded {
        from: from.into(),
        until: until.into(),
        level: level.into(),
    };
    spans.into_iter().map(unrecorded).collect()
}

fn level(settings: Option<&Value>) -> Option<Level> {
    settings?["level"].as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(at: i64, from: &str, to: &str) -> SettingsChange {
        let settings = |level: &str| json!({"level": level, "body_limit": 1});
        let from = (!from.is_empty()).then(|| settings(from));
        SettingsChange {
            at: Timestamp(at),
            who: "cli".into(),
            from,
            to: settings(to),
            ..SettingsChange::default()
        }
    }

    #[test]
    fn times_at_a_low_level_are_cut_to_the_range() {
        let found = |changes: &[SettingsChange], from, until| {
            let spans = unrecorded(changes, (Timestamp(from), Timestamp(until)));
            let micros = |time: crate::dto::Time| time.0.as_microsecond();
            spans.iter().map(|span| (micros(span.from), micros(span.until))).collect::<Vec<_>>()
        };
        let history = [
            change(80, "off", "full"),
            change(60, "metrics", "off"),
            change(40, "full", "metrics"),
            change(0, "", "full"),
        ];
        assert_eq!(found(&history, 0, 100), [(60, 80), (40, 60)]);
        assert_eq!(found(&history, 50, 70), [(60, 70), (50, 60)]);
        assert_eq!(found(&history, 81, 100), []);
        assert_eq!(found(&history[2..], 0, 100), [(40, 100)], "it goes on");
        assert_eq!(found(&history[..1], 0, 100), [(0, 80)], "before the first change that is known");
        assert_eq!(found(&[change(50, "off", "off"), change(20, "full", "off")], 0, 100), [(20, 100)]);
        assert_eq!(found(&[], 0, 100), []);
    }
}
