//! The words of `dashcam redact`: places, kinds and counts, and never a value.

use dashcam_views::dto::{Finding, RedactionPart};

use crate::chosen::Counted;
use crate::commands::rm::exchanges;
use crate::terminal::escaped;

/// The lines before the question: what is about to be done.
pub(super) fn facts(counted: &Counted, set: Option<&str>) -> String {
    let set = set.map_or_else(|| "the set in force".to_owned(), |set| format!("the set {}", escaped(set)));
    let mut facts = format!("{} would be redacted by {set}\n", exchanges(counted.exchanges));
    facts +=
        "what it finds is overwritten in the database, and only sealed values can be put back, for a while\n";
    if counted.open > 0 {
        facts += &format!("{} more under way, which stay as they are\n", counted.open);
    }
    facts
}

/// The report: the work that was done, or would be.
pub(super) fn report(sum: &RedactionPart, is_dry: bool, is_stopped: bool, is_clean: Option<bool>) -> String {
    let mut lines = Vec::new();
    for one in &sum.by_exchange {
        lines.extend(one.findings.iter().map(|finding| format!("exchange {}: {}", one.id, line(finding))));
    }
    if !sum.findings.is_empty() && is_dry {
        lines.push("in all:".to_owned());
    }
    lines.extend(sum.findings.iter().map(|finding| format!("  {}", line(finding))));
    let verb = if is_dry { "would be replaced" } else { "replaced" };
    let stopped = if is_stopped { "stopped: " } else { "" };
    lines.push(format!(
        "{stopped}{} {verb} in {} of {} by {}",
        values(sum.values()),
        sum.changed,
        exchanges(sum.exchanges),
        if sum.set.is_empty() { "no set" } else { &sum.set },
    ));
    if sum.done > 0 {
        lines.push(format!("{} under this set already", exchanges(sum.done)));
    }
    if sum.open > 0 {
        lines.push(format!("{} under way, left out", exchanges(sum.open)));
    }
    if !sum.too_large.is_empty() {
        let ids: Vec<_> = sum.too_large.iter().map(i64::to_string).collect();
        lines.push(format!("too large to be redacted, and left as they are: {}", ids.join(", ")));
    }
    if !sum.failed.is_empty() {
        let ids: Vec<_> = sum.failed.iter().map(i64::to_string).collect();
        lines.push(format!(
            "redaction failed on these, which is a bug, and they are left as they are: {}",
            ids.join(", ")
        ));
    }
    match is_clean {
        Some(true) => lines.push("nothing of the values is left in the database's files".to_owned()),
        Some(false) => lines.push(
            "somebody reads the recording: old values are still in its write-ahead log, until they have ended and dashcam \
             looks again"
                .to_owned(),
        ),
        None if is_stopped && !is_dry => {
            lines.push("the same command goes on where this one was stopped, and cleans the files then".to_owned());
        }
        None => {}
    }
    if !is_dry {
        lines.push("the flight recorder's ring is not rewritten: it forgets by itself".to_owned());
    }
    lines.join("\n") + "\n"
}

fn line(Finding { place, kind, count }: &Finding) -> String {
    let kind = if kind.is_empty() { "removed" } else { kind };
    format!("{count} {} in {}", escaped(kind), escaped(place))
}

fn values(count: u64) -> String {
    if count == 1 { "1 value".to_owned() } else { format!("{count} values") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_places_kinds_and_counts() {
        let finding = Finding {
            place: "request header authorization".to_owned(),
            kind: "credential".to_owned(),
            count: 2,
        };
        let sum = RedactionPart {
            set: "default@0badcafe".to_owned(),
            exchanges: 3,
            changed: 2,
            open: 1,
            findings: vec![finding],
            ..RedactionPart::default()
        };
        let text = report(&sum, true, false, None);
        assert!(text.contains("  2 credential in request header authorization\n"), "{text}");
        assert!(
            text.contains("2 values would be replaced in 2 of 3 exchanges by default@0badcafe\n"),
            "{text}"
        );
        assert!(text.contains("1 exchange under way, left out\n"), "{text}");
        let text = report(&sum, false, true, None);
        assert!(text.contains("stopped: 2 values replaced") && text.contains("goes on where"), "{text}");
    }
}
