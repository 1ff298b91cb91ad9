//! `[redaction]`: secrets taken out of what is recorded.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};
use std::path::Path;
use std::time::Duration;

use dashcam_redact::{Chosen, Definitions, InvalidSet, SetDefinition, Sets, TooLarge};
use serde::{Deserialize, Deserializer, de};
use toml::de::DeTable;

use super::ConfigFault;

/// Secrets taken out of what is recorded.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Redaction {
    pub(crate) set: Option<String>,
    #[serde(deserialize_with = "time")]
    pub(crate) seal_for: Option<Duration>,
    pub(crate) too_large: Option<TooLarge>,
    pub(crate) body_limit: Option<u64>,
    pub(crate) sets: Option<SetsInFile>,
}

/// Sets by name.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct SetsInFile(pub(crate) BTreeMap<String, SetDefinition>);

impl Debug for SetsInFile {
    /// Their names: of a rule most fields say nothing.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Redaction {
    /// Its definitions, with defaults where it says nothing.
    pub(crate) fn definitions(&self) -> Definitions {
        let default = Definitions::default();
        Definitions {
            set: self.set.clone().map_or(default.set, Chosen::from),
            seal_for: self.seal_for.unwrap_or(default.seal_for),
            too_large: self.too_large.unwrap_or(default.too_large),
            body_limit: self.body_limit.unwrap_or(default.body_limit),
            sets: self.sets.clone().unwrap_or_default().0,
            ..default
        }
    }
}

/// A time, which may be none.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    seal_time(&String::deserialize(deserializer)?).map(Some).map_err(de::Error::custom)
}

/// How long sealed secrets can be put back, as it is written.
pub(crate) fn seal_time(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_hours(10 * 365 * 24);
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    time.filter(|time| *time <= LONGEST).ok_or_else(|| {
        format!("invalid time \u{201c}{text}\u{201d}; expected one such as 90m or 24h, or 0s to seal nothing")
    })
}

/// Checks the sets that `text` has.
pub(super) fn check(path: &Path, text: &str, redaction: &Redaction) -> Result<(), ConfigFault> {
    let definitions = redaction.definitions();
    let Err(fault) = Sets::compile(&definitions) else {
        if definitions.sets.contains_key("off") {
            let start = start(text, "redaction.sets.off");
            let message = "a set can't be named `off`: that turns redaction off; choose another name";
            return Err(ConfigFault::at(path, text, start.map(|start| start..start), message));
        }
        return Ok(());
    };
    let InvalidSet { place, .. } = &fault;
    let start = start(text, place);
    Err(ConfigFault::at(path, text, start.map(|start| start..start), &fault.to_string()))
}

/// The offset of `place`, such as `redaction.sets.payments, rule 2`.
fn start(text: &str, place: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let table = document.get_ref().get("redaction")?;
    let mut at = table.span().start;
    let sets = table.get_ref().as_table().and_then(|table| table.get("sets"));
    let Some(sets) = sets.and_then(|sets| sets.get_ref().as_table()) else { return Some(at) };
    let (name, rule) = place.split_once(',').unwrap_or((place, ""));
    let Some(set) = sets.get(name.strip_prefix("redaction.sets.")?) else { return Some(at) };
    at = set.span().start;
    let number = rule.rsplit(' ').next().and_then(|number| number.parse::<usize>().ok());
    let list = if rule.contains("keep") { "keep" } else { "rules" };
    let rules = set.get_ref().as_table().and_then(|set| set.get(list));
    let rule = number.and_then(|number| rules?.get_ref().get(number.checked_sub(1)?));
    Some(rule.map_or(at, |rule| rule.span().start))
}
