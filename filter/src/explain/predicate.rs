//! Conditions on values in words: verbs with their objects.

use dashcam_exchange::{Side, Stage};

use crate::explain::amount;
use crate::field::Field;
use crate::names::Names;
use crate::tree::{Range, Span, Test, Text};

/// A verb and what it is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Predicate {
    is: &'static str,
    is_not: &'static str,
    object: String,
}

const IS: (&str, &str) = ("is", "is not");
const CONTAINS: (&str, &str) = ("contains", "does not contain");

impl Predicate {
    fn new((is, is_not): (&'static str, &'static str), object: impl Into<String>) -> Self {
        Self { is, is_not, object: object.into() }
    }

    /// The alternatives of a condition on `field`.
    pub(super) fn of(field: &Field, test: &Test) -> Vec<Self> {
        match test {
            Test::Present => vec![Self::new(("is there", "is missing"), "")],
            Test::Text(texts) => texts.iter().map(|text| Self::text(field, text)).collect(),
            Test::Numbers(spans) => spans.iter().map(|span| Self::number(field, *span)).collect(),
            Test::Names(names) => names.of(field).into_iter().map(|name| Self::new(IS, name)).collect(),
        }
    }

    fn text(field: &Field, text: &Text) -> Self {
        match text {
            // Numbers, `true`, `false` and `null` are compared as a whole, strings are not.
            Text::Contains(part) if matches!(field, Field::Json(..)) && is_scalar(part) => {
                Self::new(IS, format!("{part} or a text that contains {part}"))
            }
            Text::Contains(part) => Self::new(CONTAINS, quoted(part)),
            Text::Exact(whole) => Self::new(IS, quoted(whole)),
            Text::Glob(pieces) => Self::glob(pieces),
            Text::Regex(source) => Self::regex(source),
            Text::Number(range) => Self::new(IS, bounds(*range)),
            Text::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                Self::new(IS, network.addr().to_string())
            }
            Text::Network(network) => Self::new(("is in", "is not in"), network.to_string()),
        }
    }

    fn glob(pieces: &[String]) -> Self {
        match pieces {
            [start, end] if end.is_empty() => {
                Self::new(("begins with", "does not begin with"), quoted(start))
            }
            [start, end] if start.is_empty() => Self::new(("ends with", "does not end with"), quoted(end)),
            [start, part, end] if start.is_empty() && end.is_empty() => Self::new(CONTAINS, quoted(part)),
            pieces => Self::new(("looks like", "does not look like"), quoted(&pieces.join("*"))),
        }
    }

    /// An expression; mitmproxy's say at their beginning that case counts.
    fn regex(source: &str) -> Self {
        let matches = ("matches", "does not match");
        match source.strip_prefix("(?-i)") {
            Some(source) => Self::new(matches, format!("/{source}/ (case counts)")),
            None => Self::new(matches, format!("/{source}/")),
        }
    }

    fn number(field: &Field, span: Span) -> Self {
        Self::new(IS, amount::number(field.kind(), span))
    }
}

/// Alternatives, or that none of them holds.
pub(super) fn joined(predicates: &[Predicate], excludes: bool) -> String {
    let mut text = String::new();
    let mut last = "";
    for Predicate { is, is_not, object } in predicates {
        let verb = if excludes { is_not } else { is };
        // Behind one verb “not … or …” excludes both.
        if !text.is_empty() {
            text += if *verb == last || !excludes { " or " } else { " and " };
        }
        if *verb != last {
            text += verb;
            text += if object.is_empty() { "" } else { " " };
        }
        text += object;
        last = verb;
    }
    text
}

/// The words for failures on some sides at some stages.
pub(super) fn failure(names: Names, excludes: bool) -> String {
    let has = |side, stage| names.has_failure(side, stage);
    let sides = Side::ALL.iter().filter(|side| Stage::ALL.iter().any(|stage| has(**side, *stage)));
    let stages = Stage::ALL.iter().filter(|stage| Side::ALL.iter().any(|side| has(*side, **stage)));
    let (sides, stages): (Vec<Side>, Vec<Stage>) = (sides.copied().collect(), stages.copied().collect());
    let is_product = sides.iter().all(|side| stages.iter().all(|stage| has(*side, *stage)));
    let by = sides.iter().map(|side| side.as_str()).collect::<Vec<_>>().join(" or ");
    let at = stages.iter().map(|stage| stage.as_str().replace('_', " ")).collect::<Vec<_>>().join(" or ");
    let (all_sides, all_stages) = (sides.len() == Side::ALL.len(), stages.len() == Stage::ALL.len());
    let failed = if excludes { "it did not fail" } else { "it failed" };
    match (is_product, all_sides, all_stages) {
        (false, ..) => format!("{failed} at {}", names.of(&Field::Fail).join(" or ")),
        (true, true, true) => failed.to_owned(),
        (true, false, true) => format!("{failed} on the side of the {by}"),
        (true, true, false) => format!("{failed} at the stage {at}"),
        (true, false, false) => format!("{failed} on the side of the {by} at the stage {at}"),
    }
}

fn is_scalar(text: &str) -> bool {
    text.parse::<f64>().is_ok() || ["true", "false", "null"].contains(&text)
}

fn quoted(text: &str) -> String {
    format!("\u{201c}{text}\u{201d}")
}

fn bounds(Range { min, max }: Range) -> String {
    match (min, max) {
        (Some((min, _)), Some((max, _))) => format!("from {min} to {max}"),
        (Some((min, true)), None) => format!("{min} or more"),
        (Some((min, false)), None) => format!("more than {min}"),
        (None, Some((max, true))) => format!("{max} or less"),
        (None, Some((max, false))) => format!("less than {max}"),
        (None, None) => "a number".to_owned(),
    }
}
